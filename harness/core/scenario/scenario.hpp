// A scenario: groups of clients, publications and a timeline of phases, and the checks that judge.
//
// Durations are absolute ("2s") or multiples of what the contract states ("3 heartbeat",
// "1.3 eviction"), so that one script fits every contract and every time scale.
// File format: scenarios/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/contract/contract.hpp"

namespace streamgauge {

enum class TimeUnit : std::uint8_t { absolute, heartbeat, eviction };

/// A duration that may be told in the contract's terms.
struct Span {
  TimeUnit unit = TimeUnit::absolute;
  Duration absolute{};
  double factor = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// Where the contract states no such term, a heartbeat counts as 1 s and an eviction as 5 s: the
/// scenario still runs for the checks that the contract does allow.
[[nodiscard]] Duration resolve(const Span& span, const Contract& contract);

enum class PolicyKind : std::uint8_t { none, browser, agent };

/// Constants of a client's behaviour; see harness/core/policy.
struct PolicySpec {
  PolicyKind kind = PolicyKind::browser;
  Duration reconnect = std::chrono::seconds{3};  // browser: initial reconnection time
  Duration backoff_base = std::chrono::seconds{1};
  double backoff_factor = 2.0;
  Duration backoff_cap = std::chrono::seconds{30};
  double jitter = 0.5;                              // share of the delay that is random
  Duration stable_after = std::chrono::seconds{5};  // up that long: the backoff starts anew
  std::optional<Duration> header_timeout;           // none: waits for ever, as browsers do
};

struct ClientGroup {
  std::string name;
  std::uint32_t streams = 1;
  std::string channel;
  std::uint16_t channel_index = 0;
  PolicySpec policy;
  Duration ramp{};                                    // connects are spread evenly over it
  std::optional<std::uint32_t> receive_buffer_bytes;  // SO_RCVBUF, for slow and stopped readers
  std::optional<double> read_bytes_per_s;             // slow reader: reads no faster
};

struct Publication {
  std::string channel;
  std::uint16_t channel_index = 0;
  double events_per_s = 10;
  std::uint32_t size_bytes = 256;
  std::uint32_t critical_every = 0;  // each n-th event is critical; 0: none
};

namespace action {
/// Clients of `group` stop reading; they go on after `resume_after`, or never.
struct StopReading {
  std::uint16_t group;
  std::optional<Span> resume_after;
};
struct ResumeReading {
  std::uint16_t group;
};
/// Clients of `group` close their connection (`abort`: with RST), spread evenly over `spread`, and
/// come back as their policy says.
struct CloseStreams {
  std::uint16_t group;
  bool abort;
  Span spread;
  bool return_at_once;
};
/// SIGSTOP to the target's processes, SIGCONT after `length`. Needs a spawned target.
struct Freeze {
  Span length;
};
/// Publishes the wire probes (see core/check/probes.hpp) on `channel`, one after the other.
struct PublishProbes {
  std::uint16_t channel;
};
}  // namespace action

using Action = std::variant<action::StopReading, action::ResumeReading, action::CloseStreams,
                            action::Freeze, action::PublishProbes>;

struct TimedAction {
  Span at;  // after the phase's begin
  Action action;
};

/// What a phase is for; checks compare "control" with "fault" and trust neither in "settle".
enum class PhaseKind : std::uint8_t { settle, control, fault, heal, drain };

struct Phase {
  std::string name;
  PhaseKind kind = PhaseKind::control;
  Span length;
  std::vector<Publication> publish;
  std::vector<TimedAction> actions;
};

struct Scenario {
  std::string name;
  std::string description;
  std::string file;
  std::vector<std::string> channels;  // names; published to only if a phase says so
  std::vector<ClientGroup> groups;
  std::vector<Phase> phases;        // after all clients have connected (or failed to)
  std::vector<std::string> checks;  // ids, or "family.*"
  Duration connect_within = std::chrono::seconds{10};
  std::uint32_t seed = 1;
};

[[nodiscard]] std::string_view to_string(PhaseKind kind);
[[nodiscard]] std::string_view to_string(PolicyKind kind);

}  // namespace streamgauge
