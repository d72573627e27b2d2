// Client policies: what a simulated client does when a connection fails, is answered or ends.
//
// Pure: an input and the time go in, a decision comes out, the state of a client is 32 bytes at
// most. The swarm executes the decisions. One file a policy; a new one is a PolicyKind, a file
// beside these and a line in decide().
//
//   browser  EventSource (WHATWG HTML 9.2.2, 9.2.3): browser.cpp
//   agent    exponential backoff with jitter, as robust non-browser clients do: agent.cpp
//   hybrid   a stream first, long-polling for a time when streams do not get through: hybrid.cpp
//   fetch    a page that reads its stream itself: credentials, visibility, "push is off": fetch.cpp
//   naive    a fixed delay, as most libraries have it: naive.cpp
//   none     one connection, never a second: policy.cpp
//
// What several of them share: a fallback address for when the own one fails again and again
// (fallback.cpp), backing off (backoff.cpp), following redirects (redirect.cpp), mirrors for the
// first connection (mirror.cpp). What each of them can be told to do wrong: core/base/defects.hpp.
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
/// the status is wrong); `retry_after`: the field's seconds, if it holds seconds; `located`: it
/// names a place that can be asked; `redirects`: followed in a row before this answer.
struct Answered {
  int status = 0;
  bool event_stream = false;
  std::optional<Duration> retry_after;
  bool located = false;
  std::uint32_t redirects = 0;
};
/// No connection came about.
struct ConnectFailed {};
/// A connection is over, whoever ended it and whether it had opened or not (but not Answered).
/// `by_deadline`: by the client's own, for the response head or for life on the stream.
/// `in_order`: HTTP says that the body was whole. `heard`: a byte of the body came.
struct Ended {
  bool by_deadline = false;
  bool in_order = false;
  bool heard = false;
};
/// The stream held a valid "retry" field.
struct RetryField {
  std::uint64_t milliseconds = 0;
};
/// The scenario closed the connection and orders the client back at once.
struct Restarted {};
/// The time at the fallback address is over, and the client has left it: see fallback_over().
struct FallbackOver {};
/// The page is in the background, and in front again.
struct Hidden {};
struct Shown {};
/// The client has another token to show.
struct TokenChanged {};
}  // namespace input

using Input = std::variant<input::Opened, input::Answered, input::ConnectFailed, input::Ended,
                           input::RetryField, input::Restarted, input::FallbackOver, input::Hidden,
                           input::Shown, input::TokenChanged>;

enum class Reason : std::uint8_t {
  single_connection,  // policy none
  final_status,       // a status that ends the client
  not_event_stream,   // 200 with another type
  nowhere_to_go,      // a redirect without a usable Location
  too_many_redirects,
  clean_end,  // by Defect::stops_after_clean_end only
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
/// To be connected to nothing until another input changes that: a connection is to be closed, a
/// planned one is off.
struct Pause {
  friend bool operator==(const Pause&, const Pause&) = default;
};
/// At once to the place that the answer names. `keep`: for good, also after this connection;
/// `as_get`: without the request's body.
struct Follow {
  bool keep = false;
  bool as_get = false;
  friend bool operator==(const Follow&, const Follow&) = default;
};
}  // namespace decision

using Decision = std::variant<decision::Nothing, decision::Reconnect, decision::GiveUp,
                              decision::Pause, decision::Follow>;

/// "reconnect in 1.25 s", "give up: status 404 is final".
[[nodiscard]] std::string to_string(const Decision& decision);
/// The sentence after "give up: ".
[[nodiscard]] std::string to_string(const decision::GiveUp& decision);

struct PolicyState {
  Duration told{-1};           // reconnection time from the server's "retry"; negative: none yet
  Instant opened_at{};         // valid while `open`
  Instant fallback_until{};    // valid while `on_fallback`; Instant::max(): for ever
  std::uint16_t failures = 0;  // attempts and short streams since it was last stable
  std::uint16_t misses = 0;    // in a row, at the client's own address; what counts: fallback.cpp
  std::uint8_t mirrors = 0;    // how many there are beside the own address; kept by the driver
  std::uint8_t mirror = 0;     // where connections go: 0 the own address, 1 the first mirror ...
  bool open : 1 = false;
  bool on_fallback : 1 = false;  // the next connection goes, or this one went, to the fallback
  bool ever_opened : 1 = false;
  bool hidden : 1 = false;
  bool off : 1 = false;  // fetch: a 404 said that push is off
};
static_assert(sizeof(PolicyState) <= 32);

/// How a client begins.
[[nodiscard]] PolicyState initial_state(const PolicySpec& spec);

[[nodiscard]] Decision decide(PolicyState& state, const PolicySpec& spec, const Input& input,
                              Instant now, Random& random);

// The policies themselves; decide() has kept `open`, `opened_at` and `told` up to date around them,
// and has answered what is the same for all.
[[nodiscard]] Decision decide_browser(const PolicyState& state, const PolicySpec& spec,
                                      const Input& input);
[[nodiscard]] Decision decide_agent(PolicyState& state, const PolicySpec& spec, const Input& input,
                                    Instant now, Random& random);
[[nodiscard]] Decision decide_hybrid(PolicyState& state, const PolicySpec& spec, const Input& input,
                                     Instant now);
[[nodiscard]] Decision decide_fetch(PolicyState& state, const PolicySpec& spec, const Input& input,
                                    Instant now, Random& random);
[[nodiscard]] Decision decide_naive(const PolicyState& state, const PolicySpec& spec,
                                    const Input& input);

/// What a redirect leads to: Follow, GiveUp, or Nothing when the answer is no redirect or the
/// client does not follow any.
[[nodiscard]] Decision redirected(const PolicySpec& spec, const input::Answered& answered);

/// A client whose first stream has yet to open goes to the next mirror at once when it reaches
/// nobody; true when it does.
[[nodiscard]] bool try_mirror(PolicyState& state, const Input& input);

/// How long to wait for a response head from when the attempt began; nullopt: for ever.
[[nodiscard]] std::optional<Duration> head_within(const PolicySpec& spec);

/// Counts the misses at the client's own address and changes `on_fallback` where that is due.
/// Before the policy decides: a change of address starts the backoff anew.
void choose_address(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now);

/// True when a client has been on its fallback address for as long as it wanted to.
[[nodiscard]] bool fallback_over(const PolicyState& state, Instant now);

/// The next delay of one who backs off, at least `least`, and one failure more.
[[nodiscard]] Duration back_off(PolicyState& state, const PolicySpec& spec, Duration least,
                                Random& random);
/// What a 429 or 503 asks for, where the policy heeds it; else nothing.
[[nodiscard]] Duration asked_for(const PolicySpec& spec, const Input& input);

/// The delay before jitter after `failures` failures: base * factor^failures, capped.
[[nodiscard]] Duration backoff(const PolicySpec& spec, std::uint32_t failures);

/// True for what will not change: 204, redirects that are not followed, and 4xx but 408, 425 and
/// 429, which are told to come again (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4).
[[nodiscard]] bool is_final(int status);

}  // namespace streamgauge::policy
