// Cuts one direction of an HTTP/1.1 connection into pieces: where heads, bodies and their chunks
// begin and end, request after request (RFC 9112).
//
// A path must not break what it does not understand: whatever is not HTTP/1.x, a head over 64 KiB,
// a length that is no number, a malformed chunk, turns the rest of the direction into raw bytes.
// Holds an unfinished head and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/fault/machine.hpp"
#include "harness/core/http/chunked.hpp"

namespace streamgauge::fault {

class Framing {
 public:
  explicit Framing(Direction direction) : direction_(direction) {}

  /// Takes the next piece off the front of `bytes` into `out`; false when there is none (yet).
  /// `request`: what a response answers; ignored for requests. `out` is valid until the next call.
  [[nodiscard]] bool next(std::string_view& bytes, const Exchange& request, Piece& out);
  /// What is left when the sender has closed: an unfinished head (raw), the end of a body that
  /// ends with its connection. Call until false; the eof itself is the caller's.
  [[nodiscard]] bool finish(Piece& out);

  /// The bytes of an unfinished head have been forwarded already, by somebody who did not wait for
  /// pieces: they are not handed out again, and the head is no head any more.
  void forwarded();
  /// The rest is raw, as after "101 Switching Protocols".
  void tunnel();

  /// True when the last piece handed out was the head of a final response, or of a request.
  [[nodiscard]] bool is_tunnel() const { return state_ == State::raw; }
  /// Between two messages.
  [[nodiscard]] bool idle() const { return state_ == State::head && head_.empty(); }

 private:
  enum class State : std::uint8_t { head, interim, length, chunks, until_eof, ended, raw };

  bool take_head(std::string_view& bytes, const Exchange& request, Piece& out);
  bool hand_out(const Exchange& request, std::string_view head, Piece& out);
  void begin_body(std::string_view head, const Exchange& request);
  bool give_up(std::string_view& bytes, Piece& out);
  bool next_of_chunks(std::string_view& bytes, Piece& out);

  Direction direction_;
  State state_ = State::head;
  bool spent_ = false;        // head_ has been handed out
  bool tunnel_next_ = false;  // behind this head
  std::size_t forwarded_ = 0;
  std::uint64_t remaining_ = 0;
  http::ChunkedDecoder chunks_;
  std::string head_;
};

/// What a request head says about itself; an empty method when it is no request's.
[[nodiscard]] Exchange read_request(std::string_view head);
/// 0 when it is no response's head.
[[nodiscard]] int read_status(std::string_view head);

}  // namespace streamgauge::fault
