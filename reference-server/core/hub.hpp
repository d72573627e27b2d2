// The hub of one shard: channels, their subscribers and rings, heartbeats, eviction.
//
// Pure: it reads no clock and opens no socket; `now` comes in with every call and bytes go out
// through Outlets. Everything happens on one thread, so all subscribers of a channel see its events
// in the order in which publish() was called, and joining is atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "reference-server/core/event_id.hpp"
#include "reference-server/core/settings.hpp"
#include "reference-server/core/subscriber.hpp"

namespace streamgauge::server {

/// Number of the channel of streams that are the answer to one request: nothing is published there.
inline constexpr std::uint64_t answers_channel = 0;

/// A channel as all shards know it; created by the directory.
struct ChannelEntry {
  std::uint64_t number = 0;  // never used twice
  std::string name;
  std::uint64_t floor = 0;        // its first event has the sequence after this one
  std::uint64_t sequence = 0;     // of its newest event; guarded by the directory's owner
  std::uint64_t subscribers = 0;  // likewise
  Instant last_published{};       // likewise
  bool finished = false;          // likewise; nothing is published to it any more
  std::atomic<int> blocked{0};    // kept by Flaw::head_of_line only
};
using ChannelRef = std::shared_ptr<ChannelEntry>;

/// Who waits for the next message of a channel without being subscribed to it: a long-poll.
class Waiter {
 public:
  /// There may be something to collect, or the server stops. Called by the hub; calls nothing back.
  virtual void wake() = 0;

 protected:
  ~Waiter() = default;
};

/// Where a long-poll has come to in its channel.
struct PollPlace {
  std::uint64_t position = 0;       // in the ring: the next one that it is owed
  std::uint64_t heard_through = 0;  // as of a subscriber
  bool told_too_old = false;        // it is to be told first that events are gone
};

struct Channel {
  Channel(ChannelRef of, std::uint64_t epoch) : entry(std::move(of)), ring(epoch, entry->floor) {}
  ChannelRef entry;
  ReplayRing ring;
  std::vector<Subscriber*> subscribers;
  std::vector<Waiter*> waiters;
};

/// How a stream is to begin.
struct StreamStart {
  EventPtr head;     // status line and headers
  EventPtr opening;  // preamble and retry; may be nullptr
  std::optional<std::string> last_event_id;
  Framing framing = Framing::chunked;
};

/// Whether a stream that ended so stays registered: by Flaw::evicted_slot_kept only.
[[nodiscard]] bool slot_kept(const Flaws& flaws, CloseReason reason);

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

  /// One event for this subscriber alone, past the ring.
  void send(Subscriber& subscriber, const EventPtr& event, Instant now);

  // hub_polls.cpp: one answer after the other in place of a stream, from the replay ring. What is
  // published between two polls is in the ring when the second one comes, and its id says from
  // where it goes on; so polls need a contract with replay.
  [[nodiscard]] bool serves_polls() const { return settings_.replay.events_max > 0; }
  /// Without an id it begins with what comes from now on.
  [[nodiscard]] PollPlace begin_poll(const ChannelRef& channel,
                                     const std::optional<std::string>& last_event_id, Instant now);
  /// The blocks that it is owed now, in order, and a block that holds nothing but the id to go on
  /// from; empty when it is owed nothing.
  [[nodiscard]] std::string collect(const ChannelRef& channel, PollPlace& place, Instant now);
  /// That block alone: what a poll is answered when its time is over.
  [[nodiscard]] std::string cursor(const ChannelRef& channel, const PollPlace& place);
  void wait(const ChannelRef& channel, Waiter& waiter);
  void stop_waiting(const ChannelRef& channel, Waiter& waiter);
  void wake_all();

  /// A control message behind what waits, of a kind that the peer has caused and bounds: few.
  void say(Subscriber& subscriber, const EventPtr& message, Instant now);

  /// Something to acknowledge, if nothing is under way: a peer that has gone answers with a reset.
  void probe(Subscriber& subscriber, Instant now);
  void mute(Subscriber& subscriber) { subscriber.muted = true; }

  /// Ends the stream in order: what has begun is finished, then `last` (may be nullptr) and the
  /// terminal chunk. `flush`: what waits in the queue, or of a replay, is still sent.
  void finish(Subscriber& subscriber, CloseReason reason, EventPtr last, bool flush, Instant now);
  /// Flaw::shutdown_truncates: ends it in the middle of an event, of `last` when nothing waits.
  void cut(Subscriber& subscriber, const EventPtr& last, Instant now);

  /// Heartbeats that are due, and what flaws delay.
  void tick(Instant now);
  [[nodiscard]] std::optional<Instant> next_tick() const;
  [[nodiscard]] bool delays() const { return !delayed_.empty(); }  // by flaws of the fan-out only
  /// Progress of every subscriber; to be called every sweep_interval().
  void sweep(Instant now);
  [[nodiscard]] std::optional<Duration> sweep_interval() const;

  /// Forgets a channel without subscribers.
  void forget(std::uint64_t channel_number);

  [[nodiscard]] std::uint64_t subscribers() const { return subscribers_; }

 private:
  Channel& channel_of(const ChannelRef& entry);
  [[nodiscard]] EventId resumes_after(Channel& channel,
                                      const std::optional<std::string>& last_event_id, Instant now);
  [[nodiscard]] std::uint64_t heard_elsewhere(const ReplayRing& ring,
                                              const std::string& last_event_id) const;
  void say_last_words(Subscriber& subscriber);
  [[nodiscard]] std::optional<std::uint64_t> replay_from(const ReplayRing& ring,
                                                         const std::string& last_event_id) const;
  void begin_replay(Subscriber& subscriber, const std::string& last_event_id, Instant now);
  void refill_from_ring(Subscriber& subscriber);
  void leak(const Channel& from, const EventPtr& event, Instant now);
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

  // hub_flaws.cpp; none of it is reached while no flaw is on.
  struct Delayed {
    Subscriber* subscriber;
    EventPtr event;
  };
  [[nodiscard]] bool fans_out_wrongly() const;
  void fan_out_wrongly(Channel& channel, const EventPtr& event, Instant now);
  [[nodiscard]] bool loses(const Subscriber& subscriber) const;
  [[nodiscard]] bool misses_on_websocket(const Event& event) const;
  [[nodiscard]] Instant due_at(Subscriber& subscriber, Instant now) const;
  void replay_beside_live(Subscriber& subscriber, std::uint64_t position, Instant now);
  void later(Subscriber& subscriber, const EventPtr& event, Instant due);
  void release_due(Instant now);
  void release(Subscriber& subscriber, Instant now);
  void forget_delayed(const Subscriber& subscriber);
  void displace(Subscriber& subscriber);

  const HubSettings& settings_;
  Counters& counters_;
  std::mt19937_64 random_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Channel>> channels_;
  std::optional<HeartbeatWheel> wheel_;
  std::vector<Subscriber*> doomed_;
  std::uint64_t subscribers_ = 0;
  EventPtr terminal_;
  EventPtr normal_close_, going_away_;
  EventPtr probe_;
  const bool fans_out_wrongly_;
  std::uint64_t fan_outs_ = 0;
  std::multimap<Instant, Delayed> delayed_;
};

}  // namespace streamgauge::server
