// One stream as the hub sees it, and the outlet through which the hub writes to it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/core/base/time.hpp"
#include "reference-server/core/counters.hpp"
#include "reference-server/core/heartbeat_wheel.hpp"
#include "reference-server/core/subscriber_queue.hpp"

namespace streamgauge::server {

/// What the hub asks of a connection. Called on the hub's thread; none of these calls back.
class Outlet {
 public:
  /// Tries at once; returns the bytes taken, 0 when the connection would block, -1 when it is dead.
  virtual std::ptrdiff_t write(std::span<const std::string_view> pieces) = 0;
  /// Bytes that were taken but not yet acknowledged by the peer.
  [[nodiscard]] virtual std::uint64_t unacknowledged() = 0;
  /// Hub::writable() is to be called, once, when the connection takes bytes again.
  virtual void await_writable() = 0;
  /// The hub has let go of the subscriber; the last call.
  virtual void closed(CloseReason reason) = 0;

 protected:
  ~Outlet() = default;
};

struct Channel;

/// Owned by the connection; from Hub::subscribe() to Outlet::closed() or Hub::leave() the hub's.
struct Subscriber : WheelEntry {
  Outlet* outlet = nullptr;
  Channel* channel = nullptr;  // nullptr: not subscribed
  std::size_t place = 0;       // index in the channel's list
  SubscriberQueue queue;
  EventPtr last;  // sent before the terminal chunk when finishing; may be nullptr
  Framing framing = Framing::chunked;
  CloseReason close_reason = CloseReason::peer_closed;
  bool awaiting_writable = false;
  bool replaying = false;  // reads from the ring, live events do not go to the queue
  bool finishing = false;  // takes no more events, closes when the queue is empty
  bool muted = false;      // gets no events any more; by Flaw::late_close_unregisters only
  bool doomed = false;     // to be closed when the current round is over
  bool had_event = false;

  std::uint64_t heard_through = 0;  // sequence of what another instance has told the peer already
  std::uint64_t replay_position = 0;
  std::uint64_t replay_criticals = 0;  // critical messages before replay_position

  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_acknowledged = 0;
  Instant progress_at{};  // last time that the peer owed nothing or acknowledged more
  Instant last_write_at{};
  Instant last_event_at{};
  std::uint64_t heartbeats_owed = 0;  // by Flaw::heartbeat_burst only
  Instant delayed_until{};            // by Flaw::slow_fan_out only
};

}  // namespace streamgauge::server
