// A hashed timing wheel (Varghese, Lauck 1987): thousands of deadlines for the price of one timer.
//
// A deadline never fires early and at most one tick late, as far as advance() is called in time.
// There is no cancelling: whoever may change its mind puts a generation into its token and ignores
// the stale ones. Deadlines beyond one revolution wait in their slot for their round.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge {

template <class Token>
class TimingWheel {
 public:
  explicit TimingWheel(Instant start, Duration tick = std::chrono::milliseconds{1},
                       std::size_t slots = 4096)
      : start_(start), tick_(tick), slots_(slots) {
    assert(tick.count() > 0 && slots > 0);
  }

  /// Answers when the deadline will be found: `due`, rounded up to a tick.
  Instant add(Instant due, Token token) {
    const std::uint64_t tick = std::max(tick_at_or_after(due), current_);
    Slot& slot = slots_[tick % slots_.size()];
    slot.entries.push_back({tick, std::move(token)});
    slot.earliest = std::min(slot.earliest, tick);
    ++size_;
    return start_ + tick_ * static_cast<Duration::rep>(tick);
  }

  /// Calls fire(token) for all that are due at `now`: tick by tick, within a tick in the order of
  /// adding. `fire` may add; what it adds as due already fires in this call or the next.
  template <class Fire>
  void advance(Instant now, Fire&& fire) {
    const std::uint64_t to = std::max(tick_at_or_before(now), current_);
    const std::uint64_t from = to - current_ >= slots_.size() ? to - slots_.size() + 1 : current_;
    current_ = to;  // from here on an overdue add lands where it is still seen
    for (std::uint64_t tick = from; tick <= to; ++tick) {
      Slot& slot = slots_[tick % slots_.size()];
      if (slot.earliest > to) continue;
      firing_.clear();
      firing_.swap(slot.entries);
      slot.earliest = never;
      for (Entry& entry : firing_) {
        if (entry.tick > to) {
          slot.earliest = std::min(slot.earliest, entry.tick);
          slot.entries.push_back(std::move(entry));
        } else {
          --size_;
          fire(std::move(entry.token));
        }
      }
    }
  }

  /// When advance() has something to fire; nullopt when the wheel is empty.
  [[nodiscard]] std::optional<Instant> next_due() const {
    if (size_ == 0) return std::nullopt;
    std::uint64_t earliest = never;
    for (std::uint64_t tick = current_; tick < current_ + slots_.size(); ++tick) {
      earliest = std::min(earliest, slots_[tick % slots_.size()].earliest);
      if (earliest <= tick) break;  // later slots of this revolution hold later ticks
    }
    return start_ + tick_ * static_cast<Duration::rep>(earliest);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  struct Entry {
    std::uint64_t tick;
    Token token;
  };
  struct Slot {
    std::uint64_t earliest = never;
    std::vector<Entry> entries;
  };

  [[nodiscard]] std::uint64_t tick_at_or_before(Instant at) const {
    return at <= start_ ? 0 : static_cast<std::uint64_t>((at - start_) / tick_);
  }
  [[nodiscard]] std::uint64_t tick_at_or_after(Instant at) const {
    if (at <= start_) return 0;
    const Duration since = at - start_;
    return static_cast<std::uint64_t>(since / tick_) + (since % tick_ != Duration{} ? 1 : 0);
  }

  Instant start_;
  Duration tick_;
  std::vector<Slot> slots_;
  std::vector<Entry> firing_;  // kept for its capacity
  std::uint64_t current_ = 0;
  std::size_t size_ = 0;
};

}  // namespace streamgauge
