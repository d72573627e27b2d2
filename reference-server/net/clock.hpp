// The one place of the server that reads the clock.
#pragma once

#include <chrono>

#include "harness/core/base/time.hpp"

namespace streamgauge::server {

/// Monotonic, anchored to the epoch once, so that instants read like times of day.
[[nodiscard]] inline Instant now() {
  using std::chrono::nanoseconds;
  static const nanoseconds anchor =
      std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch()) -
      std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
  return Instant{
      std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()) +
      anchor};
}

}  // namespace streamgauge::server
