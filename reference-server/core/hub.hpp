// The hub of one shard: channels, their subscribers and rings, heartbeats, eviction.
//
// Pure: it reads no clock and opens no socket; `now` comes in with every call and bytes go out
// through Outlets. Everything happens on one thread, so all subscribers of a channel see its events
// in the order in which publish() was called, and joining is atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "reference-server/core/settings.hpp"
#include "reference-server/core/subscriber.hpp"

namespace streamgauge::server {

/// A channel as all shards know it; created by the directory.
struct ChannelEntry {
  std::uint64_t number = 0;  // never used twice
  std::string name;
  std::uint64_t floor = 0;        // sequence of the server when the channel came to be
  std::uint64_t subscribers = 0;  // guarded by the directory's owner
  Instant last_published{};       // likewise
  std::atomic<int> blocked{0};    // kept by Flaw::head_of_line only
};
using ChannelRef = std::shared_ptr<ChannelEntry>;

struct Channel {
  Channel(ChannelRef of, std::uint64_t epoch) : entry(std::move(of)), ring(epoch, entry->floor) {}
  ChannelRef entry;
  ReplayRing ring;
  std::vector<Subscriber*> subscribers;
};

/// How a stream is to begin.
struct StreamStart {
  EventPtr head;     // status line and headers
  EventPtr opening;  // preamble and retry; may be nullptr
  std::optional<std::string> last_event_id;
  Framing framing = Framing::chunked;
};

class Hub {
 public:
  Hub(const HubSettings& settings, Counters& counters, std::uint64_t seed, Instant start);
  Hub(const Hub&) = delete;
  ~Hub();

  /// What a stream that asks for `last_event_id` would be answered.
  enum class Resume : std::uint8_t { live, replay, too_old };
  [[nodiscard]] Resume resume(const ChannelRef& channel, const std::string& last_event_id,
                              Instant now);

  /// Takes the subscriber in and writes head, opening and replay at once, as far as they go.
  void subscribe(const ChannelRef& channel, Subscriber& subscriber, Outlet& outlet,
                 StreamStart start, Instant now);
  /// The connection is gone; the outlet is not called any more.
  void leave(Subscriber& subscriber, CloseReason reason);
  void writable(Subscriber& subscriber, Instant now);

  void publish(const ChannelRef& channel, const EventPtr& event, Instant now);

  /// Ends the stream in order: what has begun is finished, then `last` (may be nullptr) and the
  /// terminal chunk. `flush`: what waits in the queue is still sent.
  void finish(Subscriber& subscriber, CloseReason reason, EventPtr last, bool flush, Instant now);

  /// Heartbeats that are due.
  void tick(Instant now);
  [[nodiscard]] std::optional<Instant> next_tick() const;
  /// Progress of every subscriber; to be called every sweep_interval().
  void sweep(Instant now);
  [[nodiscard]] std::optional<Duration> sweep_interval() const;

  /// Forgets a channel without subscribers.
  void forget(std::uint64_t channel_number);

  [[nodiscard]] std::uint64_t subscribers() const { return subscribers_; }

 private:
  Channel& channel_of(const ChannelRef& entry);
  void begin_replay(Subscriber& subscriber, const std::string& last_event_id, Instant now);
  void refill_from_ring(Subscriber& subscriber);
  void deliver(Subscriber& subscriber, const EventPtr& event, Instant now);
  void pump(Subscriber& subscriber, Instant now);
  std::ptrdiff_t write(Subscriber& subscriber, std::span<const std::string_view> pieces,
                       Instant now);
  void block(Subscriber& subscriber, bool blocked);
  void heartbeat(Subscriber& subscriber, Instant now);
  void schedule_first_heartbeat(Subscriber& subscriber, Instant now);
  void schedule_next_heartbeat(Subscriber& subscriber, Instant due, Instant now);
  void check_progress(Subscriber& subscriber, Instant now);
  void count_consumed(Subscriber& subscriber, const SubscriberQueue::Consumed& consumed,
                      Instant now);
  void count_dropped(const SubscriberQueue::Pushed& pushed);
  void doom(Subscriber& subscriber, CloseReason reason);
  void detach(Subscriber& subscriber, CloseReason reason);
  void reap();
  Duration random_below(Duration bound);

  const HubSettings& settings_;
  Counters& counters_;
  std::mt19937_64 random_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Channel>> channels_;
  std::optional<HeartbeatWheel> wheel_;
  std::vector<Subscriber*> doomed_;
  std::uint64_t subscribers_ = 0;
  EventPtr terminal_;
};

}  // namespace streamgauge::server
