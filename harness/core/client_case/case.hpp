// A client case: what is demanded of a client, the script that puts it to the test, and the
// judgment over what was seen. The table is explicit, one file a section.
//
// To add one: an entry in the section's file, a flaw (or a real client) that it catches in
// tests/interop/clients/proofs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/client_case/capability.hpp"
#include "harness/core/client_case/observation.hpp"
#include "harness/core/client_case/script.hpp"

namespace streamgauge::client_case {

/// Of the text that the cases were written from; every case names its section in `source`.
inline constexpr std::string_view spec_revision =
    "WHATWG HTML Living Standard, 9.2 Server-sent events, text of November 2025";

/// How the client is to be started, beyond the stream's address.
struct StreamOrder {
  std::string query;  // of the address, without its '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string method, body;   // empty: GET
  std::string last_event_id;  // empty: none
  std::optional<Duration> read_timeout;
  /// Types of events that the script sends, beside "message".
  std::vector<std::string> types;
};

/// When the evidence of a case is together.
struct Until {
  std::uint32_t requests = 1;  // so many have come
  std::uint32_t ended = 0;     // that reply has been ended by the script
  std::uint32_t left = 0;      // that connection has been left by the client
  std::uint32_t held = 0;      // that reply has been sent whole and is held
  bool end_event = true;       // the event with the data "sg-end" has been reported
  Duration then{};             // and so much time has passed
  /// and it has had time to come back: see comeback_window().
  bool comes_back = false;
  /// Nothing more is expected after that, whatever came (beside the client's own delays).
  Duration within = std::chrono::seconds{8};
};

using Judge = std::function<Finding(const Trial&, Level)>;

/// What the suite tells the client when it reports the event with the data "sg-now".
enum class Order : std::uint8_t { none, restart, close };

struct Case {
  std::string id;  // "sse/9.2.5/bom-split"
  Level level = Level::must;
  std::string requirement;  // one sentence
  std::string source;       // section
  std::vector<Capability> needs;
  Script script;
  StreamOrder order;
  Until until;
  Judge judge;
  Order on_now = Order::none;
  bool measures_memory = false;
  /// Noise may fail it: then it is played once more, alone.
  bool judged_by_time = false;

  /// "sse/9.2.5": everything before the last slash.
  [[nodiscard]] std::string section() const { return id.substr(0, id.rfind('/')); }
};

/// All cases, in the order in which reports show them.
[[nodiscard]] const std::vector<Case>& all_cases();
[[nodiscard]] const Case* find_case(std::string_view id);

/// True when `id` fits the pattern: '*' stands for any characters, '?' for one.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view id);

/// How long a client that would come back needs at most: twice the longest it has taken in this
/// case, or, when it never came back, 1.6 times its reconnection time; at least half a second.
[[nodiscard]] Duration comeback_window(const Trial& trial, Duration reconnection_time);

/// When the evidence that `until` asks for was together (and `then` and the window to come back
/// begin); nullopt: not yet.
[[nodiscard]] std::optional<Instant> together(const Until& until,
                                              const std::vector<Observation>& log);

/// What is missing of the client's capabilities; nullopt: the case can be judged.
[[nodiscard]] std::optional<Capability> missing(const Case& item, const Capabilities& can);

/// The verdict on a trial: one that throws is `error`, one without a request is, too.
[[nodiscard]] Finding judge(const Case& item, const Trial& trial);

}  // namespace streamgauge::client_case
