// A timing wheel for heartbeats: constant cost per subscriber and period, no timer of its own each.
//
// The wheel has as many slots as make one period; an entry sits in the slot of its due time. What
// is due is popped one by one, and the owner schedules it again. After a long sleep every slot is
// visited once: whatever was missed, an entry comes out once, so a burst cannot arise here.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <optional>

#include "harness/core/base/time.hpp"

namespace streamgauge::server {

using AutoUnlink =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Unlinks itself when destroyed.
struct WheelEntry : AutoUnlink {
  Instant due{};
};

class HeartbeatWheel {
 public:
  static constexpr std::size_t slots = 256;

  /// One turn takes `period` (above zero).
  HeartbeatWheel(Duration period, Instant start);

  /// Replaces an earlier schedule of the entry. Comes out at the first slot boundary at or after
  /// `due`: at most width() late.
  void schedule(WheelEntry& entry, Instant due);

  /// The next entry that is due at `now`, unlinked, or nullptr when there is none.
  [[nodiscard]] WheelEntry* pop_due(Instant now);

  /// When pop_due() has to be asked again; nullopt when the wheel is empty.
  [[nodiscard]] std::optional<Instant> next_wake() const;

  [[nodiscard]] Duration width() const { return width_; }

 private:
  using List = boost::intrusive::list<WheelEntry, boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] std::int64_t slot_of(Instant due) const;
  List& list(std::int64_t slot) { return lists_[static_cast<std::size_t>(slot) % slots]; }

  Instant start_;
  Duration width_;
  std::int64_t next_slot_ = 0;  // slots before it have been visited
  std::array<List, slots> lists_;
  List visited_;  // taken from their slot, not yet looked at
};

}  // namespace streamgauge::server
