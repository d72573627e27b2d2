// The swarm: thousands of simulated SSE clients on a few threads.
//
// One io_context per thread; a client lives and dies on one thread and nothing is shared on the hot
// path. Idle clients wait for readability without a buffer of their own; reads go through a buffer
// per thread (64 KiB); what an open stream holds beside is a partial line or block. Deadlines are
// kept in a timing wheel per thread, not in one timer per client. Every thread reports records to
// its own sink, which only it calls until stop() has returned.
//
// Decisions (reconnect, back off, give up) are the policy's (harness/core/policy); this executes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/history/wire_log.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/stream_endpoint.hpp"

namespace streamgauge::net {

struct SwarmConfig {
  const Scenario* scenario = nullptr;  // groups and channels; outlives the swarm
  StreamEndpoint endpoint;
  std::vector<RecordSink*> sinks;  // one a thread: their number is the number of threads
  std::uint32_t seed = 1;
  /// Where each thread's streams keep their bytes, one a thread; empty: nowhere.
  std::vector<WireLog*> wire{};
};

/// Live counters, for progress and for waiting; exact once the swarm is stopped.
struct SwarmStatus {
  std::uint64_t streams = 0;  // simulated clients, those of groups that have yet to join left out
  std::uint64_t open = 0;     // response head accepted and the connection not closed
  std::uint64_t settled = 0;  // opened, failed or gave up at least once since the start
  std::uint64_t given_up = 0;
  std::uint64_t connect_failures = 0, refused = 0;
  std::uint64_t events = 0, comments = 0, bytes = 0;
  std::uint64_t late_starts = 0;  // connects begun more than 10 ms after their intended time
};

class Swarm {
 public:
  explicit Swarm(SwarmConfig config);
  ~Swarm();  // stops
  Swarm(const Swarm&) = delete;

  /// Starts the threads; group g's clients connect evenly over its ramp, unless it joins later.
  /// Stream ids are dense in the order of groups, those that join later included. Errors:
  /// descriptor limit too low for the number of streams (says both).
  [[nodiscard]] Result<void> start();

  // Orders from the engine's thread; each takes effect on every thread within its next wake-up.
  void stop_reading(std::uint16_t group, std::optional<Duration> resume_after);
  void resume_reading(std::uint16_t group);
  void close_streams(const action::CloseStreams& order, Duration spread);
  /// Clients of a group that joins later connect, evenly over `spread`; the second time: nothing.
  void join(std::uint16_t group, Duration spread);
  /// The path of `group` goes silent: for connections that are open, and for those that come to be
  /// within `length`. Each stays silent until its client gives it up; see fact::Deafened.
  void stall_path(std::uint16_t group, Duration length);
  /// The group's clients are in the background, or in front again; they have another token to show.
  void set_visible(std::uint16_t group, bool visible);
  void change_token(std::uint16_t group, Credential credential);
  /// New connections go there from now on; those that are open stay.
  void switch_endpoint(StreamEndpoint endpoint);
  /// Runs `tell` with each thread's sink, on that thread: for phases and faults.
  void tell_sinks(std::function<void(RecordSink&)> tell);

  [[nodiscard]] SwarmStatus status() const;

  /// Closes every connection (Ending::local), joins the threads. Idempotent.
  void stop();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
