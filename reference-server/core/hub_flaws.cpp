// What a hub with a flaw does in place of the right thing, where that takes more than a condition.
#include <utility>
#include <vector>

#include "reference-server/core/hub.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

constexpr Duration poll_every = 500ms;
constexpr Duration fan_out_takes = 200ms;
constexpr Duration neighbour_waits_at_most = 1s;
// A store that is asked for what was missed answers after a while, and one event after the other.
constexpr Duration store_answers_after = 250ms;
constexpr Duration store_pause = 5ms;

Instant next_poll(Instant now) {
  const auto since = now.time_since_epoch();
  return Instant{(since / poll_every + 1) * poll_every};
}

}  // namespace

bool slot_kept(const Flaws& flaws, CloseReason reason) {
  return flaws.has(Flaw::evicted_slot_kept) &&
         (reason == CloseReason::stalled || reason == CloseReason::overflow);
}

bool Hub::fans_out_wrongly() const {
  for (const Flaw flaw :
       {Flaw::loses_events, Flaw::reorders_events, Flaw::polling_delay, Flaw::slow_fan_out}) {
    if (settings_.flaws.has(flaw)) return true;
  }
  return false;
}

/// Who replays finds the event in the ring, here as elsewhere.
void Hub::fan_out_wrongly(Channel& channel, const EventPtr& event, Instant now) {
  ++fan_outs_;
  for (Subscriber* subscriber : channel.subscribers) {
    if (subscriber->replaying || loses(*subscriber)) continue;
    const Instant due = due_at(*subscriber, now);
    if (due > now) {
      later(*subscriber, event, due);
      continue;
    }
    deliver(*subscriber, event, now);
    release(*subscriber, now);
  }
}

/// Every fiftieth, in turn those with an even and with an odd place.
bool Hub::loses(const Subscriber& subscriber) const {
  return settings_.flaws.has(Flaw::loses_events) && fan_outs_ % 50 == 25 &&
         (subscriber.place + fan_outs_ / 50) % 2 == 0;
}

bool Hub::misses_on_websocket(const Event& event) const {
  return settings_.flaws.has(Flaw::websocket_misses_events) && event.sequence() % 20 == 10;
}

Instant Hub::due_at(Subscriber& subscriber, Instant now) const {
  if (settings_.flaws.has(Flaw::polling_delay)) return next_poll(now);
  // It leaves behind its successor.
  if (settings_.flaws.has(Flaw::reorders_events)) {
    return fan_outs_ % 20 == 10 ? now + neighbour_waits_at_most : now;
  }
  if (!settings_.flaws.has(Flaw::slow_fan_out)) return now;
  const auto others = static_cast<std::int64_t>(subscriber.channel->subscribers.size()) - 1;
  const auto place = static_cast<std::int64_t>(subscriber.place);
  const Instant turn = others > 0 ? now + fan_out_takes * place / others : now;
  // Somebody left and it has moved up: it still gets what it waits for in order.
  subscriber.delayed_until = std::max(subscriber.delayed_until, turn);
  return subscriber.delayed_until;
}

/// Live events do not wait for any of it.
void Hub::replay_beside_live(Subscriber& subscriber, std::uint64_t position, Instant now) {
  const ReplayRing& ring = subscriber.channel->ring;
  Instant due = now + store_answers_after;
  for (; position < ring.end(); ++position, due += store_pause) {
    later(subscriber, ring.at(position), due);
  }
}

void Hub::later(Subscriber& subscriber, const EventPtr& event, Instant due) {
  delayed_.emplace(due, Delayed{&subscriber, event});
}

void Hub::release_due(Instant now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto first = delayed_.extract(delayed_.begin());
    deliver(*first.mapped().subscriber, first.mapped().event, now);
  }
}

void Hub::release(Subscriber& subscriber, Instant now) {
  std::vector<EventPtr> events;
  std::erase_if(delayed_, [&](auto& entry) {
    if (entry.second.subscriber != &subscriber) return false;
    events.push_back(entry.second.event);
    return true;
  });
  for (const EventPtr& event : events) deliver(subscriber, event, now);
}

void Hub::forget_delayed(const Subscriber& subscriber) {
  std::erase_if(delayed_,
                [&](const auto& entry) { return entry.second.subscriber == &subscriber; });
}

/// Flaw::heartbeat_displaces_message: one more item for the queue, like any other.
void Hub::displace(Subscriber& subscriber) {
  if (subscriber.finishing || subscriber.doomed || subscriber.replaying) return;
  const std::uint64_t before = subscriber.queue.events();
  count_dropped(subscriber.queue.push_displacing(settings_.heartbeat->message, settings_.queue));
  counters_.queued_events.subtract(before - subscriber.queue.events());
}

void Hub::cut(Subscriber& subscriber, const EventPtr& last, Instant now) {
  if (subscriber.channel == nullptr || subscriber.doomed) return;
  // With something waiting, the connection is in the middle of it already.
  if (subscriber.queue.empty()) {
    const std::string_view bytes = last->bytes(subscriber.framing);
    const std::string_view half = bytes.substr(0, bytes.size() / 2);
    (void)write(subscriber, {&half, 1}, now);
  }
  doom(subscriber, CloseReason::drained);
  reap();
}

}  // namespace streamgauge::server
