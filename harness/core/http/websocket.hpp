// WebSocket framing (RFC 6455, section 5), push style, and the handshake's key (4.2.2).
//
// Written here for the same reason as the chunked decoder: a connection is held for hours and must
// cost bytes. Both ends use it, so both are tested against Beast, which is somebody else's.
//
// No extension is ever agreed on, so the reserved bits must be 0. Messages are handed out in the
// pieces in which they come, whatever their size: nothing of them is kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::http {

enum class WebSocketOpcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Appends the header of a whole, unmasked frame (as servers send them).
void append_frame_header(std::string& out, WebSocketOpcode opcode, std::uint64_t payload_bytes);
/// Appends a whole frame masked with `key` (as clients must send them).
void append_masked_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                         std::uint32_t key);
/// Payload of a close frame.
[[nodiscard]] std::string close_payload(std::uint16_t code, std::string_view reason = {});

/// "dGhlIHNhbXBsZSBub25jZQ==" -> "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
[[nodiscard]] std::string websocket_accept(std::string_view key);

class WebSocketReader {
 public:
  enum class Kind : std::uint8_t {
    none,  // all bytes are used up
    data,  // a piece of a message; may be empty when the message is
    ping,  // to be answered with a pong of the same bytes
    pong,
    close,      // the peer will send nothing more; `code` 1005 when it gives none
    malformed,  // `bytes` says what is wrong; nothing more is read
  };
  struct Item {
    Kind kind = Kind::none;
    std::string_view bytes;
    bool ends_message = false;  // of data: the message is whole
    std::uint16_t code = 0;     // of close
  };

  /// `masked`: the peer must mask its frames (a client does), or must not.
  explicit WebSocketReader(bool masked) : masked_(masked) {}

  /// Consumes from the front of `bytes`; call until it answers `none`. Of masked data the pieces
  /// are handed out as they came, still masked: servers of streams have no use for them. Views live
  /// until the next call.
  [[nodiscard]] Item next(std::string_view& bytes);

 private:
  [[nodiscard]] Item fail(std::string_view why);
  [[nodiscard]] std::optional<Item> take_header(std::string_view& bytes);
  [[nodiscard]] std::size_t header_bytes() const;
  [[nodiscard]] std::optional<Item> begin_frame();
  [[nodiscard]] Item take_payload(std::string_view& bytes);
  [[nodiscard]] Item end_control();

  std::uint64_t left_ = 0;           // of the payload
  std::array<char, 125> payload_{};  // of a control frame; of a header until it is whole
  std::array<char, 4> key_{};
  std::uint8_t held_ = 0;  // bytes in payload_
  WebSocketOpcode opcode_ = WebSocketOpcode::continuation;
  bool masked_;
  bool in_payload_ = false;
  bool final_ = false;
  bool in_message_ = false;  // a message has begun and waits for its continuation
  bool over_ = false;        // closed or malformed
};

}  // namespace streamgauge::http
