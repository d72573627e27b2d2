// How long a search may go on: nothing begins that would probably end too late. Pure.
#pragma once

#include <algorithm>
#include <cstddef>

#include "harness/core/base/time.hpp"

namespace streamgauge::capacity {

class Budget {
 public:
  /// `expected`: how long a trial takes, before one was seen.
  Budget(Instant until, Duration expected) : until_(until), longest_(expected) {}

  /// The part of the next of `parts` searches that share the time that is left, evenly.
  [[nodiscard]] Budget share(Instant now, std::size_t parts) const {
    const Duration left = std::max(until_ - now, Duration{});
    return {now + left / static_cast<Duration::rep>(std::max<std::size_t>(parts, 1)), longest_};
  }
  [[nodiscard]] bool allows_another(Instant now) const { return now + longest_ <= until_; }
  void took(Duration trial) { longest_ = std::max(longest_, trial); }

 private:
  Instant until_;
  Duration longest_;
};

}  // namespace streamgauge::capacity
