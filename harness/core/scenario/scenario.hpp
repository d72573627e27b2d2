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

#include "harness/core/base/defects.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/contract/contract.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge {

enum class TimeUnit : std::uint8_t {
  absolute,
  heartbeat,       // heartbeat.every
  eviction,        // eviction.stalled_after
  liveness,        // client.liveness
  header_timeout,  // client.header_timeout
  grace,           // drain.grace
  recovery,        // storm.recovered_within
};

/// A duration that may be told in the contract's terms.
struct Span {
  TimeUnit unit = TimeUnit::absolute;
  Duration absolute{};
  double factor = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// Where the contract states no such term, a heartbeat counts as 1 s, an eviction as 5 s, liveness
/// as 3 s, a header time-out as 1 s, grace as 5 s, a recovery as 5 s: the scenario still runs for
/// the checks that the contract does allow.
[[nodiscard]] Duration resolve(const Span& span, const Contract& contract);

enum class PolicyKind : std::uint8_t { none, browser, agent, hybrid, fetch, naive };

/// Which way a hybrid client takes: the stream first, and long-polling when that fails, or one
/// only.
enum class Downlink : std::uint8_t { automatic, sse, poll };

/// How a client's messages reach it.
enum class Transport : std::uint8_t { sse, long_poll, websocket };

/// What a client holds of a server's answers at most; beyond it the connection is given up. What
/// one client costs is bounded by the sum, however hostile the server.
struct ClientLimits {
  std::size_t line_bytes_max = 8u << 20;
  std::size_t event_bytes_max = 16u << 20;
  std::size_t error_body_bytes_max = 1u << 10;  // of a refusal, for the sentence in the report
  std::size_t head_bytes_max = 64u << 10;       // of a response head, 1xx responses before it too
  std::uint32_t head_fields_max = 256;
  std::uint32_t redirects_max = 20;  // in a row (WHATWG Fetch, 4.4); 0: they are not followed
  friend bool operator==(const ClientLimits&, const ClientLimits&) = default;
};

/// Constants of a client's behaviour; see harness/core/policy.
struct PolicySpec {
  PolicyKind kind = PolicyKind::browser;
  Duration reconnect = std::chrono::seconds{3};  // browser, hybrid, naive: delay before the next
  Duration backoff_base = std::chrono::seconds{1};
  double backoff_factor = 2.0;
  Duration backoff_cap = std::chrono::seconds{30};
  double jitter = 0.5;                              // share of the delay that is random
  Duration stable_after = std::chrono::seconds{5};  // up that long: the backoff starts anew
  std::optional<Duration> header_timeout;           // none: waits for ever, as browsers do
  std::optional<Duration> liveness;         // no byte on an open stream for that long: it is dead
  std::uint32_t fallback_after = 0;         // failures in a row, then the fallback address; 0: none
  Duration fallback_for{};                  // then its own address is tried again; 0: for ever
  bool honours_retry_after = true;          // waits at least what a 429 or 503 asks for
  Downlink downlink = Downlink::automatic;  // hybrid
  Duration poll_pause = std::chrono::seconds{1};  // between empty answers to long-polls
  Duration poll_think{};  // after an answer that held something, before the next poll
  Duration probe_after = std::chrono::seconds{300};  // fetch: after a 404; 0: never again
  ClientLimits limits;
  Defects defects;             // what it does wrong on purpose
  bool from_contract = false;  // constants that contract.client states replace those above
};

/// The values that a kind begins with, before a file says otherwise.
[[nodiscard]] PolicySpec policy_defaults(PolicyKind kind);

/// Takes over what the contract states of its clients, when the spec asks for it.
[[nodiscard]] PolicySpec resolve(const PolicySpec& spec, const Contract& contract);

/// Which of the target's tokens a client shows; the target file holds them.
enum class Credential : std::uint8_t { valid, wrong, none, revocable };

/// What a client asks for: a subscription, or one answer that is generated for it.
enum class RequestKind : std::uint8_t { events, generate };

/// A path that goes silent on new connections: nothing more arrives, and there is no FIN.
enum class StallPoint : std::uint8_t { none, before_headers, after_first_bytes };

/// "8", or a number told in the contract's limits: "streams_total + 8".
struct StreamCount {
  enum class Base : std::uint8_t { absolute, streams_total, streams_per_user };
  Base base = Base::absolute;
  std::int64_t plus = 1;
  friend bool operator==(const StreamCount&, const StreamCount&) = default;
};
inline constexpr std::int64_t streams_per_scenario_max = 2'000'000;
/// Where the contract states no such limit, it counts as 0; never below 1.
[[nodiscard]] std::uint32_t resolve(const StreamCount& count, const Contract& contract);

/// What a group's requests say beside what the target's file makes them say.
struct GroupRequest {
  std::string method;         // empty: GET, or POST when there is a body
  HeaderList headers;         // replace the target's and our own of the same name
  std::string body;           // sent again with each connection
  std::string last_event_id;  // the first connection resumes from it; empty: from now on
  friend bool operator==(const GroupRequest&, const GroupRequest&) = default;
};

struct ClientGroup {
  std::string name;
  std::uint32_t streams = 1;  // see `count`
  StreamCount count;          // as written; resolve_streams() puts it into `streams`
  std::string channel;
  std::uint16_t channel_index = 0;
  PolicySpec policy;
  Duration ramp{};                                    // connects are spread evenly over it
  std::optional<std::uint32_t> receive_buffer_bytes;  // SO_RCVBUF, for slow and stopped readers
  std::optional<double> read_bytes_per_s;             // slow reader: reads no faster
  bool joins_later = false;                           // waits for an action that lets it join
  std::string
      id;  // {id} of the target's events_path; "{n}" in it: the member's number in its group
  std::string user;  // {user}, likewise. Both empty: each stream has its own
  Credential credential = Credential::valid;
  RequestKind request = RequestKind::events;
  StallPoint stall = StallPoint::none;
  std::uint32_t stalled_attempts = 1;  // so many connections of each client meet `stall`
  bool accepts_gzip = false;           // offers gzip and deflate, and decodes them
  Transport transport = Transport::sse;
  GroupRequest says;
};

/// What `pattern` says for the n-th member of a group; empty for an empty pattern.
[[nodiscard]] std::string member_text(std::string_view pattern, std::uint32_t member);

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
/// Clients of `group` end their connection, spread evenly over `spread`, and come back as their
/// policy says.
struct CloseStreams {
  std::uint16_t group;
  AbortKind how;
  Span spread;
  bool return_at_once;
};
/// Clients of a group that joins later connect now, evenly over `spread`.
struct Join {
  std::uint16_t group;
  Span spread;
};
/// The path of `group` goes silent: open connections at once, those opened within `length` as soon
/// as they are connected.
struct StallPath {
  std::uint16_t group;
  Span length;
};
/// SIGKILL to the target's processes; started again on the same port after `restart_after`.
struct KillTarget {
  Span restart_after;
};
/// The target is told to stop in order: by its `drain` command, else by its stop signal. With
/// `standby`, a second instance is ready before, and takes over what comes new.
struct StopTarget {
  bool standby;
};
/// One of the target's commands, once for each client of `group` (with its id, user and token), or
/// once for the channel when there is no group.
struct Command {
  std::string name;
  std::optional<std::uint16_t> group;
  std::uint16_t channel;
};
/// Clients of `group` are in the background from now on (or in front again): see policy `fetch`.
struct SetVisible {
  std::uint16_t group;
  bool visible;
};
/// Clients of `group` show another token from now on, and are told so: see policy `fetch`.
struct ChangeToken {
  std::uint16_t group;
  Credential credential;
};
/// A hop of the path is told to take its configuration again, or stops and starts again under load.
/// Hops count from 1, which is next to the clients; 0: each of them that can.
struct TurnHop {
  enum class How : std::uint8_t { reload, restart, kill };
  How how;
  std::uint16_t hop;
};
/// A fault as the command line says it ("idle-cut=2s") is in force on a chaos hop for `length`, or
/// for good; hop 0 is the first one of that kind.
struct AddFault {
  std::string fault;
  std::uint16_t hop;
  std::optional<Span> length;
};
/// All that was added so far is taken away.
struct RemoveFaults {
  std::uint16_t hop;
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

using Action =
    std::variant<action::StopReading, action::ResumeReading, action::CloseStreams, action::Freeze,
                 action::PublishProbes, action::Join, action::StallPath, action::KillTarget,
                 action::StopTarget, action::Command, action::SetVisible, action::ChangeToken,
                 action::TurnHop, action::AddFault, action::RemoveFaults>;

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
  std::vector<std::string> path;      // hops from the clients to the target, as --path says them
  std::vector<std::string> channels;  // names; published to only if a phase says so
  std::vector<ClientGroup> groups;
  std::vector<Phase> phases;        // after all clients have connected (or failed to)
  std::vector<std::string> checks;  // ids, or "family.*"
  Duration connect_within = std::chrono::seconds{10};
  std::uint32_t seed = 1;
  bool alone = false;  // measures load: not to be run beside other scenarios
};

/// Puts every group's count into its `streams`, and the contract's constants into its policy.
void resolve_streams(Scenario& scenario, const Contract& contract);
/// How many streams the script has (resolved), whatever the contract allows in total; nullopt when
/// one of its groups counts by that limit.
[[nodiscard]] std::optional<std::uint64_t> streams_of_its_own(const Scenario& scenario);
/// Does the timeline tell the target to stop with a second instance at hand?
[[nodiscard]] bool needs_standby(const Scenario& scenario);

[[nodiscard]] std::string_view to_string(PhaseKind kind);
[[nodiscard]] std::string_view to_string(PolicyKind kind);
[[nodiscard]] std::string_view to_string(Transport transport);

}  // namespace streamgauge
