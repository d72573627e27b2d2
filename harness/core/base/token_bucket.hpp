// A token bucket: how many bytes a slow reader may take now, and when it may take more.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "harness/core/base/time.hpp"

namespace streamgauge {

/// Holds at most 50 ms of the rate (and at least one byte), so that a reader which found nothing
/// for a while does not catch up in one gulp. Starts empty.
class TokenBucket {
 public:
  TokenBucket() = default;
  TokenBucket(double bytes_per_s, Instant now) : bytes_per_s_(bytes_per_s), filled_at_(now) {
    assert(bytes_per_s > 0);
  }

  [[nodiscard]] std::uint64_t available(Instant now) {
    if (now > filled_at_) {
      tokens_ = std::min(depth(), tokens_ + to_seconds(now - filled_at_) * bytes_per_s_);
      filled_at_ = now;
    }
    // A deadline is kept in nanoseconds: what it was cut short by must not cost a round.
    return static_cast<std::uint64_t>(tokens_ + 1e-3);
  }

  void take(std::uint64_t bytes) { tokens_ = std::max(0.0, tokens_ - static_cast<double>(bytes)); }

  /// When half of the depth (at least a byte) can be taken: reads stay few.
  [[nodiscard]] Instant worth_reading_at() const {
    const double missing = std::max(1.0, depth() / 2) - tokens_;
    if (missing <= 1e-3) return filled_at_;
    return filled_at_ + Duration{static_cast<Duration::rep>(missing / bytes_per_s_ * 1e9) + 1};
  }

 private:
  [[nodiscard]] double depth() const { return std::max(1.0, bytes_per_s_ * 0.05); }

  double bytes_per_s_ = 1;
  double tokens_ = 0;
  Instant filled_at_{};
};

}  // namespace streamgauge
