// What a case answers to a client, byte by byte and moment by moment.
//
// The n-th request of a case gets the n-th reply, whichever path it names and whichever of the
// case's two ports it comes to; past the last one, the last is given again. A connection carries
// one request. In written bytes {origin} stands for the case's own address
// ("http://127.0.0.1:41234") and {elsewhere} for its second one, another port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge::client_case {

namespace step {
/// One write to the socket.
struct Write {
  std::string bytes;
};
struct Wait {
  Duration length{};
};
/// `piece` again and again, until so many bytes have been taken or the client is gone.
struct Flood {
  std::string piece;
  std::uint64_t bytes_max = 0;
};
/// FIN behind what was written.
struct Finish {};
/// RST, and what was not yet read is lost.
struct Abort {};
}  // namespace step
using Step = std::variant<step::Write, step::Wait, step::Flood, step::Finish, step::Abort>;

/// Behind its last step a connection is held open and silent, until the client leaves it.
struct Reply {
  std::vector<Step> steps;
};

struct Script {
  std::vector<Reply> replies;
  /// The port refuses connections for that long after the client has been started.
  Duration refuses_for{};
};

/// Builds a Reply: head first, then the body in the given coding.
///     Answer().send("data: a\n\n").wait(20ms).end()
class Answer {
 public:
  enum class Coding : std::uint8_t { chunked, until_close, length };

  /// 200 with "Content-Type: text/event-stream" unless told otherwise.
  explicit Answer(int status = 200);
  Answer& field(std::string name, std::string value);
  /// nullopt: no Content-Type.
  Answer& type(std::optional<std::string> value);
  Answer& coding(Coding coding);
  /// With Coding::length: the number that is announced, whatever is sent.
  Answer& announce(std::uint64_t length);

  /// One write, and one chunk.
  Answer& send(std::string_view bytes);
  /// Each byte for itself, `gap` apart.
  Answer& bytewise(std::string_view bytes, Duration gap);
  Answer& wait(Duration length);
  Answer& flood(std::string_view piece, std::uint64_t bytes_max);
  /// As it is, neither head nor chunk made of it.
  Answer& raw(std::string_view bytes);
  Answer& flood_raw(std::string_view piece, std::uint64_t bytes_max);

  /// In order: with the terminal chunk (or the announced length), then FIN.
  [[nodiscard]] Reply end();
  /// FIN where the body stands: a chunked one lacks its terminal chunk.
  [[nodiscard]] Reply cut();
  [[nodiscard]] Reply reset();
  [[nodiscard]] Reply hold();

 private:
  void put_head();
  [[nodiscard]] std::string coded(std::string_view bytes) const;

  int status_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::optional<std::string> type_{"text/event-stream"};
  Coding coding_ = Coding::chunked;
  std::uint64_t length_ = 0;
  bool head_put_ = false;
  Reply reply_;
};

/// A refusal: the status, a short text as its body, and the connection's end.
[[nodiscard]] Reply refusal(int status,
                            std::vector<std::pair<std::string, std::string>> fields = {});
/// A redirect without a body; nullopt: without a Location.
[[nodiscard]] Reply redirect(int status, std::optional<std::string> location);

}  // namespace streamgauge::client_case
