#include "reference-server/core/replay_ring.hpp"

#include <algorithm>
#include <utility>

#include "reference-server/core/event_id.hpp"

namespace streamgauge::server {

void ReplayRing::push(EventPtr event, const ReplayBounds& bounds, Instant now) {
  const bool critical = event->message_class() == MessageClass::critical;
  bytes_ += event->size();
  entries_.push_back({std::move(event), criticals_});
  if (critical) ++criticals_;
  while (entries_.size() > bounds.events_max) drop_oldest();
  while (bounds.bytes_max > 0 && bytes_ > bounds.bytes_max && !entries_.empty()) drop_oldest();
  expire(bounds, now);
}

void ReplayRing::expire(const ReplayBounds& bounds, Instant now) {
  if (bounds.within <= Duration::zero()) return;
  while (!entries_.empty() && now - entries_.front().event->published() > bounds.within) {
    drop_oldest();
  }
}

std::optional<std::uint64_t> ReplayRing::after(std::string_view last_event_id) const {
  if (const auto id = parse_event_id(last_event_id)) {
    if (id->epoch != epoch_ || id->sequence < floor_) return std::nullopt;
    const auto later = std::upper_bound(entries_.begin(), entries_.end(), id->sequence,
                                        [](std::uint64_t sequence, const Entry& entry) {
                                          return sequence < entry.event->sequence();
                                        });
    return first_ + static_cast<std::uint64_t>(later - entries_.begin());
  }
  // An id that the publisher chose: only the ring knows its place.
  for (std::size_t i = entries_.size(); i > 0; --i) {
    if (entries_[i - 1].event->id() == last_event_id) return first_ + i;
  }
  return std::nullopt;
}

void ReplayRing::drop_oldest() {
  const EventPtr& oldest = entries_.front().event;
  floor_ = oldest->sequence();
  bytes_ -= oldest->size();
  entries_.pop_front();
  ++first_;
}

}  // namespace streamgauge::server
