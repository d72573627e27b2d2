// Long-polls: see hub.hpp.
#include <algorithm>
#include <utility>

#include "reference-server/core/hub.hpp"

namespace streamgauge::server {
namespace {

// An answer is whole before it is sent: a long way behind, a poll gets it in several.
constexpr std::size_t answer_bytes_max = 256_KiB;

}  // namespace

PollPlace Hub::begin_poll(const ChannelRef& entry, const std::optional<std::string>& last_event_id,
                          Instant now) {
  Channel& channel = channel_of(entry);
  channel.ring.expire(settings_.replay, now);
  const bool forgets = settings_.flaws.has(Flaw::poll_gap);
  PollPlace place{channel.ring.end(), 0, false};
  if (!last_event_id || forgets) return place;
  place.heard_through = heard_elsewhere(channel.ring, *last_event_id);
  const auto position = replay_from(channel.ring, *last_event_id);
  if (position && *position == channel.ring.end()) return place;
  (position ? counters_.replay_hits : counters_.replay_misses).add(1);
  place.position = position.value_or(channel.ring.first());
  place.told_too_old = !position && settings_.too_old_event;
  return place;
}

std::string Hub::collect(const ChannelRef& entry, PollPlace& place, Instant now) {
  Channel& channel = channel_of(entry);
  ReplayRing& ring = channel.ring;
  ring.expire(settings_.replay, now);
  std::string body;
  if (std::exchange(place.told_too_old, false)) {
    body = settings_.too_old_event->bytes(Framing::plain);
  }
  place.position = std::max(place.position, ring.first());
  const bool swaps = settings_.flaws.has(Flaw::poll_changes_order);
  std::uint64_t messages = 0;
  while (place.position < ring.end() && body.size() < answer_bytes_max) {
    const EventPtr& event = ring.at(place.position);
    if (swaps && event->sequence() % 10 == 5) {
      if (place.position + 1 == ring.end()) break;  // it waits for its neighbour
      body += ring.at(place.position + 1)->bytes(Framing::plain);
      body += event->bytes(Framing::plain);
      place.position += 2;
      messages += 2;
      continue;
    }
    ++place.position;
    if (event->sequence() <= place.heard_through) continue;
    body += event->bytes(Framing::plain);
    ++messages;
  }
  if (body.empty()) return body;
  counters_.delivered_events.add(messages);
  counters_.delivered_bytes.add(body.size());
  return body + cursor(entry, place);
}

std::string Hub::cursor(const ChannelRef& entry, const PollPlace& place) {
  const ReplayRing& ring = channel_of(entry).ring;
  EventId id{settings_.epoch, ring.newest()};
  if (place.position < ring.end()) id.sequence = ring.at(place.position)->sequence() - 1;
  id.sequence = std::max(id.sequence, place.heard_through);
  return "id: " + to_string(id) + "\n\n";
}

void Hub::wait(const ChannelRef& entry, Waiter& waiter) {
  channel_of(entry).waiters.push_back(&waiter);
  counters_.polls_open.add(1);
}

void Hub::stop_waiting(const ChannelRef& entry, Waiter& waiter) {
  std::erase(channel_of(entry).waiters, &waiter);
  counters_.polls_open.subtract(1);
}

void Hub::wake_all() {
  for (auto& [number, channel] : channels_) {
    for (Waiter* waiter : channel->waiters) waiter->wake();
  }
}

}  // namespace streamgauge::server
