// What has arrived of a numbered sequence, in constant state while nothing is missing.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge {

class SeqLedger {
 public:
  /// Beyond that many holes at once the ledger overflows: it can tell no longer what is missing.
  static constexpr std::size_t holes_max = 512;

  enum class Arrival : std::uint8_t {
    first,  // of the stretch
    next,
    ahead,  // leaves a hole behind it
    late,   // fills a hole, or precedes the first
    duplicate,
  };
  struct Hole {
    std::uint64_t from = 0;
    std::uint64_t to = 0;       // inclusive
    Instant at{};               // when it was seen
    bool after_return = false;  // seen with the first event after a reconnect
  };

  Arrival take(std::uint64_t seq, Instant at) {
    if (seq == highest_ + 1 && in_stretch_) {
      highest_ = seq;
      return Arrival::next;
    }
    return take_unusual(seq, at);
  }
  /// The holes seen since are of a return: the first event after a reconnect opened them.
  void mark_return(std::size_t holes_before) {
    for (auto i = holes_before; i < holes_.size(); ++i) holes_[i].after_return = true;
  }
  /// Whatever is missing between the last arrival and the next one does not count.
  void restart() { in_stretch_ = false; }
  void forget_holes() { holes_.clear(); }

  /// Of the current stretch; 0 before anything has arrived.
  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] std::uint64_t highest() const { return highest_; }
  [[nodiscard]] bool in_stretch() const { return in_stretch_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  /// Of all stretches, in the order in which they were seen.
  [[nodiscard]] const std::vector<Hole>& holes() const { return holes_; }
  [[nodiscard]] std::uint64_t missing() const {
    std::uint64_t sum = 0;
    for (const auto& hole : holes_) sum += hole.to - hole.from + 1;
    return sum;
  }

 private:
  Arrival take_unusual(std::uint64_t seq, Instant at);
  void add_hole(std::uint64_t from, std::uint64_t to, Instant at);

  std::uint64_t first_ = 0;
  std::uint64_t highest_ = 0;
  std::vector<Hole> holes_;
  bool in_stretch_ = false;
  bool overflowed_ = false;
};

}  // namespace streamgauge
