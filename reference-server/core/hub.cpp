#include "reference-server/core/hub.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace streamgauge::server {
namespace {

constexpr std::size_t gather_max = 64;
// A replay goes out in pieces of at most this many bytes, so that a long one does not hold
// references to the whole ring.
constexpr std::uint64_t replay_piece_bytes = 256_KiB;

}  // namespace

Hub::Hub(const HubSettings& settings, Counters& counters, std::uint64_t seed, Instant start)
    : settings_(settings),
      counters_(counters),
      random_(seed),
      terminal_(Event::raw(std::string{terminal_chunk})),
      normal_close_(close_frame(1000)),
      going_away_(close_frame(1001)),
      fans_out_wrongly_(fans_out_wrongly()) {
  if (settings_.heartbeat) {
    wheel_.emplace(settings_.heartbeat->every, start);
    probe_ = settings_.heartbeat->message;
  } else {
    probe_ = Event::of(":\n\n", EventFacts{MessageClass::heartbeat, 0, {}, {}, {}});
  }
}

Hub::~Hub() = default;

Channel& Hub::channel_of(const ChannelRef& entry) {
  auto& channel = channels_[entry->number];
  if (!channel) channel = std::make_unique<Channel>(entry, settings_.epoch);
  return *channel;
}

void Hub::forget(std::uint64_t channel_number) {
  const auto found = channels_.find(channel_number);
  if (found == channels_.end() || !found->second->subscribers.empty()) return;
  if (found->second->waiters.empty()) channels_.erase(found);
}

// --- joining and leaving -----------------------------------------------------------------------

Hub::Resume Hub::resume(const ChannelRef& entry, const std::string& last_event_id, Instant now) {
  if (settings_.replay.events_max == 0) return Resume::live;
  Channel& channel = channel_of(entry);
  channel.ring.expire(settings_.replay, now);
  const auto position = replay_from(channel.ring, last_event_id);
  if (!position) return Resume::too_old;
  return *position == channel.ring.end() ? Resume::live : Resume::replay;
}

void Hub::subscribe(const ChannelRef& entry, Subscriber& subscriber, Outlet& outlet,
                    StreamStart start, Instant now) {
  Channel& channel = channel_of(entry);
  subscriber.outlet = &outlet;
  subscriber.channel = &channel;
  subscriber.place = channel.subscribers.size();
  subscriber.framing = start.framing;
  subscriber.progress_at = subscriber.last_write_at = now;
  channel.subscribers.push_back(&subscriber);
  ++subscribers_;
  counters_.streams_open.add(1);
  if (subscriber.framing == Framing::websocket) counters_.websockets_open.add(1);
  counters_.streams_total.add(1);

  subscriber.queue.push_control(std::move(start.head));
  if (start.opening) subscriber.queue.push_control(std::move(start.opening));
  if (settings_.priming) {
    const EventId at = resumes_after(channel, start.last_event_id, now);
    subscriber.queue.push_control(priming_event(to_string(at)));
  }
  if (start.last_event_id) begin_replay(subscriber, *start.last_event_id, now);
  schedule_first_heartbeat(subscriber, now);
  // The flaw: nothing leaves before there is a message or a heartbeat to send.
  if (!settings_.flaws.has(Flaw::late_headers) || subscriber.replaying) pump(subscriber, now);
  reap();
}

/// The place from which this stream goes on: whoever breaks off before the first event comes back
/// to it.
EventId Hub::resumes_after(Channel& channel, const std::optional<std::string>& last_event_id,
                           Instant now) {
  ReplayRing& ring = channel.ring;
  EventId id{settings_.epoch, ring.newest()};
  if (!last_event_id || settings_.replay.events_max == 0) return id;
  id.sequence = std::max(id.sequence, heard_elsewhere(ring, *last_event_id));
  ring.expire(settings_.replay, now);
  const std::uint64_t position = ring.after(*last_event_id).value_or(ring.first());
  if (position < ring.end()) id.sequence = ring.at(position)->sequence() - 1;
  return id;
}

/// An id of this epoch that has not been given out here yet: another instance was published its
/// event first. When the event comes here, the peer has it already. 0: none.
std::uint64_t Hub::heard_elsewhere(const ReplayRing& ring, const std::string& last_event_id) const {
  const auto id = parse_event_id(last_event_id);
  return id && id->epoch == settings_.epoch && id->sequence > ring.newest() ? id->sequence : 0;
}

/// Where a replay begins; nullopt: the id is too old.
std::optional<std::uint64_t> Hub::replay_from(const ReplayRing& ring,
                                              const std::string& last_event_id) const {
  const auto position = ring.after(last_event_id);
  const Flaws& flaws = settings_.flaws;
  if (flaws.has(Flaw::resume_ignored)) return ring.end();
  if (!position) return flaws.has(Flaw::silent_replay_gap) ? std::optional{ring.end()} : position;
  if (flaws.has(Flaw::replay_off_by_one)) return std::min(*position + 1, ring.end());
  if (flaws.has(Flaw::replay_duplicate) && *position > ring.first()) return *position - 1;
  return position;
}

void Hub::begin_replay(Subscriber& subscriber, const std::string& last_event_id, Instant now) {
  if (settings_.replay.events_max == 0) return;
  ReplayRing& ring = subscriber.channel->ring;
  subscriber.heard_through = heard_elsewhere(ring, last_event_id);
  const Resume found = resume(subscriber.channel->entry, last_event_id, now);
  if (found == Resume::live) return;
  (found == Resume::replay ? counters_.replay_hits : counters_.replay_misses).add(1);
  if (found == Resume::too_old && settings_.too_old_event) {
    subscriber.queue.push_control(settings_.too_old_event);
  }
  const auto position = replay_from(ring, last_event_id).value_or(ring.first());
  if (settings_.flaws.has(Flaw::replay_live_mixed)) {
    return replay_beside_live(subscriber, position, now);
  }
  subscriber.replay_position = position;
  subscriber.replay_criticals = ring.criticals_before(subscriber.replay_position);
  subscriber.replaying = true;
}

/// The next piece of the replay; ends it when the subscriber has caught up, or cannot.
void Hub::refill_from_ring(Subscriber& subscriber) {
  const ReplayRing& ring = subscriber.channel->ring;
  if (subscriber.replay_position < ring.first()) {
    // Live events pushed the ring on while the peer was slow.
    const std::uint64_t lost = ring.first() - subscriber.replay_position;
    const std::uint64_t criticals =
        ring.criticals_before(ring.first()) - subscriber.replay_criticals;
    if (settings_.queue.overflow == Overflow::disconnect ||
        (settings_.queue.critical_kept && criticals > 0)) {
      doom(subscriber, CloseReason::overflow);
      return;
    }
    counters_.dropped_normal.add(lost - criticals);
    counters_.dropped_critical.add(criticals);
    subscriber.queue.push_gap(lost, settings_.queue);
    subscriber.replay_position = ring.first();
    subscriber.replay_criticals = ring.criticals_before(ring.first());
  }
  std::size_t taken = 0;
  while (subscriber.replay_position < ring.end() && taken < gather_max &&
         subscriber.queue.bytes() < replay_piece_bytes) {
    const EventPtr& event = ring.at(subscriber.replay_position);
    if (event->message_class() == MessageClass::critical) ++subscriber.replay_criticals;
    subscriber.queue.push_replayed(event);
    counters_.queued_events.add(1);
    ++subscriber.replay_position;
    ++taken;
  }
  if (subscriber.queue.empty()) subscriber.replaying = false;
}

void Hub::leave(Subscriber& subscriber, CloseReason reason) {
  if (subscriber.channel == nullptr) return;
  std::erase(doomed_, &subscriber);
  detach(subscriber, reason);
}

void Hub::doom(Subscriber& subscriber, CloseReason reason) {
  if (subscriber.doomed) return;
  subscriber.doomed = true;
  subscriber.close_reason = reason;
  doomed_.push_back(&subscriber);
}

void Hub::detach(Subscriber& subscriber, CloseReason reason) {
  if (delays()) forget_delayed(subscriber);
  block(subscriber, false);
  subscriber.unlink();
  auto& others = subscriber.channel->subscribers;
  others.back()->place = subscriber.place;
  others[subscriber.place] = others.back();
  others.pop_back();
  subscriber.channel = nullptr;
  --subscribers_;
  if (!slot_kept(settings_.flaws, reason)) {
    counters_.queued_events.subtract(subscriber.queue.events());
    counters_.streams_open.subtract(1);
    if (subscriber.framing == Framing::websocket) counters_.websockets_open.subtract(1);
  }
  counters_.closed[static_cast<std::size_t>(reason)].add(1);
}

/// Closes at the end of a round: nobody is removed from a list while it is being walked.
void Hub::reap() {
  while (!doomed_.empty()) {
    Subscriber& subscriber = *doomed_.back();
    doomed_.pop_back();
    Outlet& outlet = *subscriber.outlet;
    const CloseReason reason = subscriber.close_reason;
    detach(subscriber, reason);
    outlet.closed(reason);  // may end the subscriber's life
  }
}

void Hub::probe(Subscriber& subscriber, Instant now) {
  if (subscriber.channel == nullptr || subscriber.finishing || !subscriber.queue.empty()) return;
  subscriber.queue.push_heartbeat(probe_);
  pump(subscriber, now);
  reap();
}

void Hub::say(Subscriber& subscriber, const EventPtr& message, Instant now) {
  // A peer that pings and does not read gets one answer at a time.
  if (subscriber.channel == nullptr || subscriber.finishing || subscriber.awaiting_writable) return;
  subscriber.queue.push_control(message);
  pump(subscriber, now);
  reap();
}

void Hub::finish(Subscriber& subscriber, CloseReason reason, EventPtr last, bool flush,
                 Instant now) {
  if (subscriber.channel == nullptr || subscriber.finishing || subscriber.doomed) return;
  if (delays()) release(subscriber, now);
  subscriber.finishing = true;
  subscriber.close_reason = reason;
  subscriber.last = std::move(last);
  if (!flush) {
    subscriber.replaying = false;
    const std::uint64_t before = subscriber.queue.events();
    subscriber.queue.clear_unsent();
    counters_.queued_events.subtract(before - subscriber.queue.events());
  }
  // A replay says them itself, when it has caught up.
  if (!subscriber.replaying) say_last_words(subscriber);
  pump(subscriber, now);
  reap();
}

void Hub::say_last_words(Subscriber& subscriber) {
  if (subscriber.last) subscriber.queue.push_control(std::move(subscriber.last));
  if (subscriber.framing == Framing::chunked) subscriber.queue.push_control(terminal_);
  if (subscriber.framing != Framing::websocket) return;
  const bool stops = subscriber.close_reason == CloseReason::drained;
  subscriber.queue.push_control(stops ? going_away_ : normal_close_);
}

// --- messages ----------------------------------------------------------------------------------

void Hub::publish(const ChannelRef& entry, const EventPtr& event, Instant now) {
  Channel& channel = channel_of(entry);
  channel.ring.push(event, settings_.replay, now);
  if (fans_out_wrongly_) {
    fan_out_wrongly(channel, event, now);
  } else {
    for (Subscriber* subscriber : channel.subscribers) deliver(*subscriber, event, now);
  }
  if (settings_.flaws.has(Flaw::channel_leak)) leak(channel, event, now);
  for (Waiter* waiter : channel.waiters) waiter->wake();
  reap();
}

void Hub::leak(const Channel& from, const EventPtr& event, Instant now) {
  for (auto& [number, channel] : channels_) {
    if (channel.get() == &from || number == answers_channel) continue;
    for (Subscriber* subscriber : channel->subscribers) deliver(*subscriber, event, now);
  }
}

void Hub::send(Subscriber& subscriber, const EventPtr& event, Instant now) {
  if (subscriber.channel == nullptr) return;
  deliver(subscriber, event, now);
  reap();
}

void Hub::deliver(Subscriber& subscriber, const EventPtr& event, Instant now) {
  if (subscriber.finishing || subscriber.doomed || subscriber.muted) return;
  if (subscriber.framing == Framing::websocket && misses_on_websocket(*event)) return;
  if (event->sequence() <= subscriber.heard_through && event->sequence() != 0) return;
  if (settings_.flaws.has(Flaw::liveness_by_attempt)) subscriber.progress_at = now;
  // Who replays finds the event in the ring, when its turn comes.
  if (subscriber.replaying) return;
  if (subscriber.queue.empty() && !subscriber.awaiting_writable) {
    const std::string_view bytes = event->bytes(subscriber.framing);
    const std::ptrdiff_t written = write(subscriber, {&bytes, 1}, now);
    if (written < 0) return;
    if (static_cast<std::size_t>(written) == bytes.size()) {
      count_consumed(subscriber, {1, event->size(), 0, 0}, now);
      return;
    }
    subscriber.queue.push_started(event, static_cast<std::size_t>(written));
    counters_.queued_events.add(1);
    block(subscriber, true);
    return;
  }
  const std::uint64_t before = subscriber.queue.events();
  const SubscriberQueue::Pushed pushed = subscriber.queue.push(event, settings_.queue);
  counters_.queued_events.add(subscriber.queue.events());
  counters_.queued_events.subtract(before);
  count_dropped(pushed);
  if (pushed.disconnect) {
    doom(subscriber, CloseReason::overflow);
    return;
  }
  if (!subscriber.awaiting_writable) pump(subscriber, now);
}

void Hub::writable(Subscriber& subscriber, Instant now) {
  if (subscriber.channel == nullptr || !subscriber.awaiting_writable) return;
  block(subscriber, false);
  const bool repeats = settings_.flaws.has(Flaw::duplicate_after_drain);
  if (repeats && subscriber.queue.repeat_front()) counters_.queued_events.add(1);
  pump(subscriber, now);
  reap();
}

/// Writes what waits until the queue is empty and caught up, or the connection would block.
void Hub::pump(Subscriber& subscriber, Instant now) {
  std::array<std::string_view, gather_max> pieces;
  while (!subscriber.awaiting_writable && !subscriber.doomed) {
    if (subscriber.replaying && subscriber.queue.events() == 0) {
      refill_from_ring(subscriber);
      if (subscriber.doomed) return;
      if (subscriber.finishing && !subscriber.replaying) say_last_words(subscriber);
    }
    if (subscriber.queue.empty()) {
      if (subscriber.finishing) doom(subscriber, subscriber.close_reason);
      return;
    }
    const std::size_t n = subscriber.queue.gather(pieces, subscriber.framing, settings_.queue);
    std::size_t total = 0;
    for (std::size_t i = 0; i < n; ++i) total += pieces[i].size();
    const std::ptrdiff_t written = write(subscriber, {pieces.data(), n}, now);
    if (written < 0) return;
    const auto taken = static_cast<std::size_t>(written);
    const auto consumed = subscriber.queue.consume(taken, subscriber.framing);
    counters_.queued_events.subtract(consumed.messages);
    count_consumed(subscriber, consumed, now);
    if (taken < total) block(subscriber, true);
  }
}

std::ptrdiff_t Hub::write(Subscriber& subscriber, std::span<const std::string_view> pieces,
                          Instant now) {
  const std::ptrdiff_t written = subscriber.outlet->write(pieces);
  if (settings_.flaws.has(Flaw::liveness_by_attempt)) subscriber.progress_at = now;
  if (written < 0) {
    doom(subscriber, CloseReason::peer_closed);
  } else if (written > 0) {
    // The peer owed nothing until now: its time starts with these bytes.
    if (subscriber.bytes_written == subscriber.bytes_acknowledged) subscriber.progress_at = now;
    subscriber.bytes_written += static_cast<std::uint64_t>(written);
    subscriber.last_write_at = now;
  }
  return written;
}

void Hub::block(Subscriber& subscriber, bool blocked) {
  if (subscriber.awaiting_writable == blocked) return;
  if (blocked && settings_.flaws.has(Flaw::truncates_on_full)) {
    return doom(subscriber, CloseReason::overflow);
  }
  subscriber.awaiting_writable = blocked;
  if (settings_.flaws.has(Flaw::head_of_line)) {
    subscriber.channel->entry->blocked.fetch_add(blocked ? 1 : -1);
  }
  // The flaw: nobody asks to be told when it goes on.
  if (blocked && !settings_.flaws.has(Flaw::drain_wait_hangs)) {
    subscriber.outlet->await_writable();
  }
}

void Hub::count_consumed(Subscriber& subscriber, const SubscriberQueue::Consumed& consumed,
                         Instant now) {
  if (consumed.messages > 0) {
    subscriber.had_event = true;
    subscriber.last_event_at = now;
    counters_.delivered_events.add(consumed.messages);
    counters_.delivered_bytes.add(consumed.message_bytes);
  }
  if (consumed.heartbeats > 0) counters_.heartbeats_sent.add(consumed.heartbeats);
  if (consumed.lag_notices > 0) counters_.lag_notices.add(consumed.lag_notices);
}

void Hub::count_dropped(const SubscriberQueue::Pushed& pushed) {
  if (pushed.dropped_normal > 0) counters_.dropped_normal.add(pushed.dropped_normal);
  if (pushed.dropped_critical > 0) counters_.dropped_critical.add(pushed.dropped_critical);
}

}  // namespace streamgauge::server
