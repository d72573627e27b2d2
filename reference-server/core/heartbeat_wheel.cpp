#include "reference-server/core/heartbeat_wheel.hpp"

#include <algorithm>

namespace streamgauge::server {

HeartbeatWheel::HeartbeatWheel(Duration period, Instant start)
    : start_(start),
      width_(std::max<Duration>(period / static_cast<std::int64_t>(slots),
                                std::chrono::microseconds{500})) {}

/// Rounded up, so that nothing comes out before it is due.
std::int64_t HeartbeatWheel::slot_of(Instant due) const {
  const std::int64_t since = std::max<std::int64_t>((due - start_).count(), 0);
  return (since + width_.count() - 1) / width_.count();
}

void HeartbeatWheel::schedule(WheelEntry& entry, Instant due) {
  entry.unlink();
  entry.due = due;
  list(std::max(slot_of(due), next_slot_)).push_back(entry);
}

WheelEntry* HeartbeatWheel::pop_due(Instant now) {
  if (now < start_) return nullptr;
  const std::int64_t last_slot = (now - start_) / width_;
  // More than a turn late: one visit to each slot finds everything.
  next_slot_ = std::max(next_slot_, last_slot - static_cast<std::int64_t>(slots) + 1);
  while (true) {
    while (!visited_.empty()) {
      WheelEntry& entry = visited_.front();
      visited_.pop_front();
      if (entry.due <= now) return &entry;
      schedule(entry, entry.due);  // of a later turn
    }
    if (next_slot_ > last_slot) return nullptr;
    visited_.splice(visited_.end(), list(next_slot_));
    ++next_slot_;
  }
}

std::optional<Instant> HeartbeatWheel::next_wake() const {
  if (!visited_.empty()) return start_ + width_ * next_slot_;
  for (std::int64_t slot = next_slot_; slot < next_slot_ + static_cast<std::int64_t>(slots);
       ++slot) {
    if (!lists_[static_cast<std::size_t>(slot) % slots].empty()) return start_ + width_ * slot;
  }
  return std::nullopt;
}

}  // namespace streamgauge::server
