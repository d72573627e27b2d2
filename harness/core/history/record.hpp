// A record: one fact with its time and the stream it is about. Checks see nothing else.
//
// Texts are views that live for the duration of the call that hands out the record; who keeps one
// copies it. Stream ids are dense from 0 over the whole run, one for each simulated client (not for
// each connection: `Connecting::attempt` counts those from 1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "harness/core/base/time.hpp"
#include "harness/core/sse/envelope.hpp"
#include "harness/core/sse/parser.hpp"

namespace streamgauge {

using StreamId = std::uint32_t;
/// Facts about the run, the target or the publisher carry this instead of a stream.
inline constexpr StreamId no_stream = 0xffff'ffff;

/// How a connection ended; told apart because each is another verdict.
enum class Ending : std::uint8_t {
  complete,    // HTTP says the body is over: terminal chunk, or content-length reached
  eof,         // FIN on a body that only ends with the connection: legal, cannot be told from a cut
  truncated,   // FIN in a chunked body without its terminal chunk, or short of content-length
  reset,       // RST or another socket error
  bad_http,    // the response is not HTTP/1.x, or its chunks are malformed
  over_limit,  // a parser bound was exceeded: the client gave up
  rejected,    // status or content type that a client must not stream from
  timed_out,   // the client's own deadline for the response head
  local,       // the client or the harness closed it
  silent,      // the client's own liveness deadline: no byte for that long on an open stream
  redirected,  // the response sent the client elsewhere, and it goes there at once
};
[[nodiscard]] std::string_view to_string(Ending ending);

/// How the harness ends a connection on purpose.
enum class AbortKind : std::uint8_t {
  fin,         // both directions closed in order
  reset,       // RST
  half_close,  // FIN, but the client goes on reading
  vanish,      // the client is gone without a packet: it acknowledges nothing any more
};
[[nodiscard]] std::string_view to_string(AbortKind kind);

/// What became of the target's processes.
enum class TargetEvent : std::uint8_t {
  killed,        // by the scenario, with SIGKILL
  restarted,     // ready again on the same port
  stop_ordered,  // told to stop in order; `detail` says how ("SIGTERM", "drain command")
  exited,        // after that order: `code`, or minus the signal that ended it
  lingers,       // did not exit within its time after the order, and was killed
  standby_up,    // a second instance is ready
  switched,      // from now on new connections and publications go to the second instance
};
[[nodiscard]] std::string_view to_string(TargetEvent event);

/// What became of a hop of the path.
enum class HopEvent : std::uint8_t {
  reload_ordered,  // told to take its configuration again; `detail` says how ("SIGHUP")
  stop_ordered,    // by the scenario, to be started again
  killed,          // by the scenario, with SIGKILL
  restarted,       // ready again on the same port
  died,            // by itself; `detail` says how
};
[[nodiscard]] std::string_view to_string(HopEvent event);

namespace fact {

// --- a simulated client's life -------------------------------------------------------------
/// First fact of each stream. `channel` and `group` index the scenario's lists.
struct Joined {
  std::uint16_t group;
  std::uint16_t channel;
};
/// A connection attempt begins. `intended` is when the schedule wanted it (open model).
struct Connecting {
  std::uint32_t attempt;
  Instant intended;
  bool sends_last_event_id;
};
struct Connected {
  Duration took;
};
struct ConnectFailed {
  std::string_view reason;
  bool refused;
};
/// Response head complete. `head`: status line and fields as received.
struct Headers {
  int status;
  Duration took;
  std::string_view head;
};
struct Comment {
  std::string_view text;
};
/// `bytes`: size of the data; `envelope` when the data begins with one.
struct Event {
  std::string_view type;
  std::string_view id;  // the stream's last event id after this event
  bool has_id;
  std::string_view data;
  std::optional<sse::Envelope> envelope;
};
struct Retry {
  std::uint64_t milliseconds;
};
struct Oddity {
  sse::Notice notice;
  std::string_view detail;
};
/// The client stopped reading on purpose (from here on its timings mean nothing) and went on.
struct ReadingStopped {};
struct ReadingResumed {};
/// Seen in the kernel while the client was not reading: the target has closed its side.
struct PeerGone {};
/// `mid_block`: bytes of an unfinished block were pending.
struct Closed {
  Ending ending;
  bool mid_block;
  std::string_view detail;
};
struct ReconnectScheduled {
  Duration delay;
};
/// The harness ended the connection on purpose. `Closed` (local) follows at once for fin and reset,
/// and for the others when the socket is really given up.
struct Aborted {
  AbortKind kind;
};
/// From here on nothing that the target sends on this connection arrives, and nothing is
/// acknowledged: a path that went silent without FIN. The client does not know.
struct Deafened {};
/// The client now connects to its fallback address (or, false, to its own again).
struct FellBack {
  bool to_fallback;
};
/// The policy will not connect again.
struct GaveUp {
  std::string_view reason;
};

// --- the publisher -------------------------------------------------------------------------
/// A publish was answered (or not) by the target. `channel` indexes the scenario's channels.
struct Published {
  std::uint16_t channel;
  std::uint64_t seq;
  Instant intended;
  Duration late;  // start - intended
  Duration took;
  std::uint32_t bytes;
  sse::EnvelopeKind kind;
  int status;  // 0: no answer
};

// --- run, machine and target ---------------------------------------------------------------
/// Phases of the timeline in order, and the end of the run (`index` = number of phases).
struct PhaseBegan {
  std::uint16_t index;
};
/// A fault is in force between the two; `name` as in the scenario ("freeze").
struct FaultBegan {
  std::string_view name;
};
struct FaultEnded {
  std::string_view name;
};
/// Of the target's process tree, from /proc.
struct Sample {
  std::uint64_t rss_bytes;
  std::uint64_t cpu_ns;
  std::uint32_t threads;
  std::uint32_t descriptors;
  std::uint32_t processes;
};
/// Scheduling lag of one of the harness's threads: worst of the last interval (about 100 ms).
struct SchedulingLag {
  Duration worst;
};
/// See TargetEvent.
struct TargetChanged {
  TargetEvent what;
  std::int32_t code;  // of `exited`
  std::string_view detail;
};
/// The target's readiness as a poller sees it: told when it changes, and once at the start.
/// `status` 0: no connection or no answer. `since_last`: since the poll before, so that the change
/// happened somewhere within it.
struct Readiness {
  int status;
  Duration since_last;
};
/// A command of the target (revoke, close, finish, drain) was answered. `stream`s it is about are
/// those of `group`; 0xffff: none.
struct Commanded {
  std::string_view name;
  std::uint16_t group;
  int status;
  Duration took;
};
/// See HopEvent. Hops count from 1, which is next to the clients.
struct HopChanged {
  std::uint16_t hop;
  HopEvent what;
  std::string_view detail;
};
/// Of a hop's process tree and folder. Hop 0 is the way out of the target: `sent_bytes` that it has
/// sent on connections that are open, as acknowledged by the kernel next to it; the rest is 0.
struct HopSample {
  std::uint16_t hop;
  std::uint64_t rss_bytes;
  std::uint64_t disk_bytes;
  std::uint32_t descriptors;
  std::uint64_t sent_bytes;
};
/// A spawned target ended by itself, or a URL stopped accepting connections.
struct TargetDied {
  std::string_view how;
};

}  // namespace fact

using Fact = std::variant<
    fact::Joined, fact::Connecting, fact::Connected, fact::ConnectFailed, fact::Headers,
    fact::Comment, fact::Event, fact::Retry, fact::Oddity, fact::ReadingStopped,
    fact::ReadingResumed, fact::PeerGone, fact::Closed, fact::ReconnectScheduled, fact::GaveUp,
    fact::Published, fact::PhaseBegan, fact::FaultBegan, fact::FaultEnded, fact::Sample,
    fact::SchedulingLag, fact::TargetDied, fact::Aborted, fact::Deafened, fact::FellBack,
    fact::TargetChanged, fact::Readiness, fact::Commanded, fact::HopChanged, fact::HopSample>;

struct Record {
  Instant at{};
  StreamId stream = no_stream;
  Fact fact;
};

/// One line for evidence and for failing tests: "stream 3 event type=message seq=12 (312 B)".
/// Without the time, which the reader prints relative to the run's start.
[[nodiscard]] std::string to_string(const Record& record);

/// Takes records in the order in which one thread learned them.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void on(const Record& record) = 0;
};

/// Calls the overload that fits the fact: visit_fact(record, [&](const fact::Event& e) {...}, ...)
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace streamgauge
