// Time as the core sees it: always an argument, never read here.
//
// An Instant counts nanoseconds since the Unix epoch on a clock that never steps within a run:
// the edge (harness/net/clock.hpp) anchors the monotonic clock to the epoch once, at start.
// Instants of different processes on one machine compare exactly; across machines, as well as their
// clocks.
#pragma once

#include <chrono>
#include <cstdint>

namespace streamgauge {

using Duration = std::chrono::nanoseconds;

/// Has no now() on purpose: nothing in the core may ask for the time.
struct RunClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<RunClock>;
  static constexpr bool is_steady = true;
};

using Instant = RunClock::time_point;

[[nodiscard]] constexpr Instant instant_from_ns(std::int64_t ns) {
  return Instant{Duration{ns}};
}

[[nodiscard]] constexpr std::int64_t to_ns(Instant at) {
  return at.time_since_epoch().count();
}

[[nodiscard]] constexpr double to_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

/// `d` times `factor`, rounded to the nanosecond.
[[nodiscard]] constexpr Duration scaled(Duration d, double factor) {
  return Duration{static_cast<Duration::rep>(static_cast<double>(d.count()) * factor + 0.5)};
}

}  // namespace streamgauge
