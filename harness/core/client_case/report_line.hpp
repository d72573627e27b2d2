// What a client says of itself, as JSON: the lines of a program under --exec, and the messages of
// the public contract-test protocol. Untrusted input; README.md in this folder describes both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/client_case/observation.hpp"

namespace streamgauge::client_case {

/// A line that a program prints: {"kind":"open"}, {"kind":"event","event":{"type","data","id"}},
/// {"kind":"comment","comment":...}, {"kind":"error","comment":...}. The error's message says what
/// is wrong with it.
[[nodiscard]] Result<Seen> read_report(std::string_view json);

/// The same the other way round: one line, without its end. Only for what a client reports.
[[nodiscard]] std::string write_report(const Seen& what);

/// What GET / of a test service answers: {"capabilities":["comments", ...]}. Names that are not
/// known are left out.
[[nodiscard]] Result<Capabilities> read_capabilities(std::string_view json);

/// The body of POST / to a test service.
struct StreamParameters {
  std::string stream_url, callback_url, tag;
  std::optional<Duration> initial_delay, read_timeout;
  std::string last_event_id;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string method, body;
};
[[nodiscard]] Result<StreamParameters> read_parameters(std::string_view json);
[[nodiscard]] std::string write_parameters(const StreamParameters& parameters);

/// The command that makes a service listen for a type of events.
[[nodiscard]] std::string write_listen(std::string_view type);
/// The body of POST to a stream of a test service: "restart" and whatever else it is called.
[[nodiscard]] Result<std::string> read_command(std::string_view json);

}  // namespace streamgauge::client_case
