// Client policies: what a simulated client does when a connection fails, is answered or ends.
//
// Pure: an input and the time go in, a decision comes out, the state of a client is 32 bytes at
// most. The swarm executes the decisions. One file a policy; a new one is a PolicyKind, a file
// beside these and a line in decide().
//
//   browser  EventSource (WHATWG HTML 9.2.2, 9.2.3): browser.cpp
//   agent    exponential backoff with jitter, as robust non-browser clients do: agent.cpp
//   none     one connection, never a second: policy.cpp
//
// Each of them may have a fallback address for when its own fails again and again: fallback.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "harness/core/base/random.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::policy {

namespace input {
/// The response is 200 and an event stream.
struct Opened {};
/// A whole response head that is not a stream to read from. `event_stream`: its type is right (so
/// the status is wrong); `retry_after`: the field's seconds, if it holds seconds.
struct Answered {
  int status = 0;
  bool event_stream = false;
  std::optional<Duration> retry_after;
};
/// No connection came about.
struct ConnectFailed {};
/// A connection is over, whoever ended it and whether it had opened or not (but not Answered).
/// `by_deadline`: by the client's own, for the response head or for life on the stream.
struct Ended {
  bool by_deadline = false;
};
/// The stream held a valid "retry" field.
struct RetryField {
  std::uint64_t milliseconds = 0;
};
/// The scenario closed the connection and orders the client back at once.
struct Restarted {};
/// The time at the fallback address is over, and the client has left it: see fallback_over().
struct FallbackOver {};
}  // namespace input

using Input = std::variant<input::Opened, input::Answered, input::ConnectFailed, input::Ended,
                           input::RetryField, input::Restarted, input::FallbackOver>;

enum class Reason : std::uint8_t {
  single_connection,  // policy none
  final_status,       // a status that ends the client
  not_event_stream,   // 200 with another type
};

namespace decision {
struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
struct Reconnect {
  Duration delay{};
  friend bool operator==(const Reconnect&, const Reconnect&) = default;
};
struct GiveUp {
  Reason reason = Reason::single_connection;
  int status = 0;
  friend bool operator==(const GiveUp&, const GiveUp&) = default;
};
}  // namespace decision

using Decision = std::variant<decision::Nothing, decision::Reconnect, decision::GiveUp>;

/// "reconnect in 1.25 s", "give up: status 404 is final".
[[nodiscard]] std::string to_string(const Decision& decision);
/// The sentence after "give up: ".
[[nodiscard]] std::string to_string(const decision::GiveUp& decision);

struct PolicyState {
  Duration told{-1};           // reconnection time from the server's "retry"; negative: none yet
  Instant opened_at{};         // valid while `open`
  Instant fallback_until{};    // valid while `on_fallback`; Instant::max(): for ever
  std::uint16_t failures = 0;  // agent: attempts and short streams since it was last stable
  std::uint16_t misses = 0;    // in a row, at the client's own address; what counts: fallback.cpp
  bool open = false;
  bool on_fallback = false;  // the next connection goes, or this one went, to the fallback address
};
static_assert(sizeof(PolicyState) <= 32);

[[nodiscard]] Decision decide(PolicyState& state, const PolicySpec& spec, const Input& input,
                              Instant now, Random& random);

// The policies themselves; decide() has kept `open`, `opened_at` and `told` up to date around them.
[[nodiscard]] Decision decide_browser(const PolicyState& state, const PolicySpec& spec,
                                      const Input& input);
[[nodiscard]] Decision decide_agent(PolicyState& state, const PolicySpec& spec, const Input& input,
                                    Instant now, Random& random);

/// Counts the misses at the client's own address and changes `on_fallback` where that is due.
/// Before the policy decides: a change of address starts the backoff anew.
void choose_address(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now);

/// True when a client has been on its fallback address for as long as it wanted to.
[[nodiscard]] bool fallback_over(const PolicyState& state, Instant now);

/// The agent's delay before jitter after `failures` failures: base * factor^failures, capped.
[[nodiscard]] Duration backoff(const PolicySpec& spec, std::uint32_t failures);

/// True for what ends an agent: 204, redirects, and 4xx but 408, 425 and 429, which are told to
/// come again (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4).
[[nodiscard]] bool final_for_agent(int status);

}  // namespace streamgauge::policy
