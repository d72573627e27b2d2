// The part of a client whose messages come over a WebSocket: each is one block of an event stream,
// so that the same parser reads it. Whoever writes to the peer here is answered by its decoder:
// handshake, pongs, the closing handshake.
#include <fmt/format.h>

#include "harness/core/http/head.hpp"
#include "harness/net/client.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t protocol_error = 1002;

std::string new_key(Random& random) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string key;
  for (int i = 0; i < 21; ++i) key += alphabet[random.next() % alphabet.size()];
  // 16 bytes leave four bits to the last letter.
  key += alphabet[random.next() % 4 * 16];
  return key + "==";
}

}  // namespace

void Client::prepare_websocket() {
  websocket_ = std::make_unique<WebSocket>();
  websocket_->key = new_key(thread_.random());
}

/// Why a 101 does not open a WebSocket (RFC 6455, 4.1); empty: it does.
std::string_view Client::handshake_fault(std::string_view head) const {
  if (!http::has_token(head, "upgrade", "websocket")) return "a 101 without Upgrade: websocket";
  if (!http::has_token(head, "connection", "upgrade")) return "a 101 without Connection: Upgrade";
  const auto accept = http::field(head, "sec-websocket-accept");
  if (!accept) return "a 101 without Sec-WebSocket-Accept";
  if (*accept != http::websocket_accept(websocket_->key)) {
    return "a 101 whose Sec-WebSocket-Accept is not that of the key";
  }
  if (http::field(head, "sec-websocket-extensions")) return "an extension that nobody offered";
  return {};
}

void Client::accept_handshake(const ResponseHead& head, std::string_view text, Instant at) {
  report(at, fact::Headers{head.status, at - began_, text});
  if (const std::string_view fault = handshake_fault(text); !fault.empty()) {
    return close_and_go_on(at, Ending::bad_http, fault);
  }
  framing_ = Framing::websocket;
  open_stream(at);
}

void Client::consume_frames(std::string_view bytes, Instant at) {
  using Kind = http::WebSocketReader::Kind;
  const std::uint32_t connection = connection_;
  for (;;) {
    const auto item = websocket_->reader.next(bytes);
    switch (item.kind) {
      case Kind::none:
        return;
      case Kind::data:
        if (!feed(item.bytes, at)) return;
        break;
      case Kind::ping:
        send_frame(http::WebSocketOpcode::pong, item.bytes, at);
        break;
      case Kind::pong:
        break;
      case Kind::close:
        heard_ = true;
        send_frame(http::WebSocketOpcode::close, {}, at);
        if (connection_ != connection) return;
        return close_and_go_on(at, Ending::complete, fmt::format("close code {}", item.code));
      case Kind::malformed:
        send_frame(http::WebSocketOpcode::close, http::close_payload(protocol_error), at);
        if (connection_ != connection) return;
        return close_and_go_on(at, Ending::bad_http, fmt::format("WebSocket: {}", item.bytes));
    }
    if (connection_ != connection) return;
  }
}

/// A peer that reads nothing gets no further frames: they are not worth a queue.
void Client::send_frame(http::WebSocketOpcode opcode, std::string_view payload, Instant at) {
  if (unsent_ || half_closed_) return;
  std::string frame;
  const auto key = static_cast<std::uint32_t>(thread_.random().next());
  http::append_masked_frame(frame, opcode, payload, key);
  send(frame, at);
}

/// Who leaves says so, if that can be said at once.
void Client::say_goodbye() {
  if (framing_ == Framing::websocket && !unsent_ && !half_closed_) {
    std::string frame;
    const auto key = static_cast<std::uint32_t>(thread_.random().next());
    http::append_masked_frame(frame, http::WebSocketOpcode::close,
                              http::close_payload(normal_closure), key);
    (void)write_some(frame);
  }
  if (tls_) tls_->end_sending();
}

}  // namespace streamgauge::net
