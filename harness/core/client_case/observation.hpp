// What was seen while a case ran: on the server's side by the script, on the client's side by its
// own reports. A judgment sees nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/client_case/capability.hpp"

namespace streamgauge::client_case {

namespace seen {

// --- by the script -------------------------------------------------------------------------
/// A TCP connection came to be. `elsewhere`: on the case's second port.
struct Connected {
  std::uint32_t connection = 0;
  bool elsewhere = false;
};
/// A whole request. `number` counts requests of the case from 1.
struct Requested {
  std::uint32_t number = 0;
  bool elsewhere = false;
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  /// The value of a field, whatever the case of its name; the first of several.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
};
/// The script has ended that reply's connection (FIN or RST).
struct Ended {
  std::uint32_t number = 0;
};
/// All steps of the reply are done, and the connection is held.
struct Held {
  std::uint32_t number = 0;
};
/// The client has left a connection that the script had not ended. `bytes`: that it was sent.
struct Left {
  std::uint32_t number = 0;
  std::uint64_t bytes = 0;
};

// --- by the client -------------------------------------------------------------------------
struct Opened {};
struct Event {
  std::string type, data, id;
};
struct Comment {
  std::string text;
};
/// `kind`: what a client's own words for it are.
struct Failure {
  std::string message;
};
/// The client's program (or service) ended, or broke its protocol: `how` in words.
struct Gone {
  std::string how;
};
/// The suite told the client to reconnect, or to close its stream.
struct Ordered {
  bool close = false;
};

}  // namespace seen

using Seen = std::variant<seen::Connected, seen::Requested, seen::Ended, seen::Held, seen::Left,
                          seen::Opened, seen::Event, seen::Comment, seen::Failure, seen::Gone,
                          seen::Ordered>;

struct Observation {
  Instant at{};
  Seen what;
};

/// One line, printable: "request 2 GET /stream (Last-Event-ID: 7)", "event message 'a' id '7'".
[[nodiscard]] std::string to_string(const Seen& what);

/// One case played against one client.
struct Trial {
  std::vector<Observation> log;  // in the order of time
  Instant began{}, ended{};
  /// The case's evidence came together, and what it waits for behind that has passed.
  bool complete = false;
  /// By how much the harness itself may have been late, at worst.
  Duration lag{};
  Capabilities can;
  /// By how much the client's own memory grew at its peak, where it can be measured.
  std::optional<std::uint64_t> memory_grown_bytes;
};

/// The log's entries of one kind, with their times.
template <class Kind>
[[nodiscard]] std::vector<std::pair<Instant, const Kind*>> all(const Trial& trial) {
  std::vector<std::pair<Instant, const Kind*>> found;
  for (const Observation& entry : trial.log) {
    if (const auto* what = std::get_if<Kind>(&entry.what)) found.emplace_back(entry.at, what);
  }
  return found;
}

/// From the end of reply `number` - 1 to request `number`; nullopt where one of them is missing.
[[nodiscard]] std::optional<Duration> gap_before(const Trial& trial, std::uint32_t number);

}  // namespace streamgauge::client_case
