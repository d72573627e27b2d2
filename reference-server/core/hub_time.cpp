// The part of the hub that is driven by time: heartbeats and eviction by progress.
#include <algorithm>
#include <utility>

#include "reference-server/core/hub.hpp"

namespace streamgauge::server {

Duration Hub::random_below(Duration bound) {
  if (bound <= Duration::zero()) return Duration::zero();
  return Duration{std::uniform_int_distribution<std::int64_t>(0, bound.count() - 1)(random_)};
}

// --- heartbeats --------------------------------------------------------------------------------

/// Within (0.5..1] of the promised time, spread, so that a crowd that came together does not get
/// its heartbeats together. One slot is taken off, as the wheel may be that late.
void Hub::schedule_first_heartbeat(Subscriber& subscriber, Instant now) {
  if (!wheel_) return;
  const Duration within =
      std::max(settings_.heartbeat->first_within - wheel_->width(), wheel_->width());
  if (settings_.flaws.has(Flaw::first_heartbeat_late)) {
    const Duration every = settings_.heartbeat->every;
    return wheel_->schedule(subscriber, now + 3 * every + random_below(every / 2));
  }
  wheel_->schedule(subscriber, now + within - random_below(within / 2));
}

/// On the beat, or, when that was missed by more than an eighth, a period from now: whoever woke
/// late must not send two close together. Those are spread again, or all would have one phase.
void Hub::schedule_next_heartbeat(Subscriber& subscriber, Instant due, Instant now) {
  const Duration every = settings_.heartbeat->every;
  if (now - due > every / 8) {
    wheel_->schedule(subscriber, now + every - random_below(every / 8));
  } else {
    wheel_->schedule(subscriber, due + every);
  }
}

void Hub::tick(Instant now) {
  if (delays()) release_due(now);
  if (!wheel_) return reap();
  const bool put_off = settings_.flaws.has(Flaw::heartbeat_starved) ||
                       settings_.heartbeat->under_traffic == HeartbeatUnderTraffic::reset;
  while (WheelEntry* entry = wheel_->pop_due(now)) {
    auto& subscriber = static_cast<Subscriber&>(*entry);
    const Duration every = settings_.heartbeat->every;
    if (put_off && subscriber.last_write_at + every > subscriber.due &&
        !settings_.flaws.has(Flaw::heartbeat_burst) &&
        subscriber.last_event_at == subscriber.last_write_at) {
      wheel_->schedule(subscriber, subscriber.last_write_at + every);
      continue;
    }
    const Instant due = subscriber.due;
    if (settings_.flaws.has(Flaw::heartbeat_burst) && now - due > every) {
      subscriber.heartbeats_owed += static_cast<std::uint64_t>((now - due) / every);
    }
    schedule_next_heartbeat(subscriber, due, now);
    heartbeat(subscriber, now);
  }
  reap();
}

std::optional<Instant> Hub::next_tick() const {
  auto next = wheel_ ? wheel_->next_wake() : std::nullopt;
  if (delays()) next = std::min(next.value_or(Instant::max()), delayed_.begin()->first);
  return next;
}

/// Never at the cost of a message and never a second one: only into an empty queue.
void Hub::heartbeat(Subscriber& subscriber, Instant now) {
  if (settings_.flaws.has(Flaw::liveness_by_attempt) ||
      settings_.flaws.has(Flaw::heartbeat_as_progress)) {
    subscriber.progress_at = now;
  }
  if (settings_.flaws.has(Flaw::heartbeat_on_empty_missing) && !subscriber.had_event) return;
  if (settings_.flaws.has(Flaw::heartbeat_burst) && subscriber.had_event &&
      now - subscriber.last_event_at < settings_.heartbeat->every) {
    ++subscriber.heartbeats_owed;
    return;
  }
  const bool held_head = settings_.flaws.has(Flaw::late_headers) &&
                         subscriber.queue.events() == 0 && subscriber.bytes_written == 0;
  if (subscriber.finishing || subscriber.doomed || subscriber.awaiting_writable ||
      subscriber.replaying || (!subscriber.queue.empty() && !held_head)) {
    if (settings_.flaws.has(Flaw::heartbeat_displaces_message) && subscriber.awaiting_writable) {
      return displace(subscriber);
    }
    counters_.heartbeats_skipped.add(1);
    return;
  }
  const std::uint64_t due = 1 + std::exchange(subscriber.heartbeats_owed, 0);
  for (std::uint64_t i = 0; i < due; ++i) {
    subscriber.queue.push_heartbeat(settings_.heartbeat->message);
  }
  pump(subscriber, now);
}

// --- eviction ----------------------------------------------------------------------------------

std::optional<Duration> Hub::sweep_interval() const {
  if (!settings_.stalled_after) return std::nullopt;
  return std::max<Duration>(*settings_.stalled_after / 20, std::chrono::milliseconds{10});
}

void Hub::sweep(Instant now) {
  if (!settings_.stalled_after) return;
  for (auto& [number, channel] : channels_) {
    for (Subscriber* subscriber : channel->subscribers) check_progress(*subscriber, now);
  }
  reap();
}

/// Progress is what the peer acknowledged. Bytes that only moved into the kernel are none, and a
/// write that was refused is none either; that is why attempts are not stamped.
void Hub::check_progress(Subscriber& subscriber, Instant now) {
  if (subscriber.bytes_acknowledged < subscriber.bytes_written) {
    const std::uint64_t open = subscriber.outlet->unacknowledged();
    const std::uint64_t acknowledged =
        subscriber.bytes_written - std::min(open, subscriber.bytes_written);
    if (acknowledged > subscriber.bytes_acknowledged) {
      subscriber.bytes_acknowledged = acknowledged;
      if (!settings_.flaws.has(Flaw::evicts_slow_reader)) subscriber.progress_at = now;
    }
  }
  const bool waits = subscriber.awaiting_writable && !settings_.flaws.has(Flaw::drain_wait_hangs);
  // The flaw: as long as the kernel takes bytes, the peer passes for alive.
  const bool owes = settings_.flaws.has(Flaw::vanished_never_noticed)
                        ? waits
                        : subscriber.bytes_acknowledged < subscriber.bytes_written || waits;
  if (!owes) {
    subscriber.progress_at = now;
    return;
  }
  if (now - subscriber.progress_at >= *settings_.stalled_after) {
    doom(subscriber, CloseReason::stalled);
  }
}

}  // namespace streamgauge::server
