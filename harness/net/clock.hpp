// The one place of the harness that reads the clock.
#pragma once

#include "harness/core/base/time.hpp"

namespace streamgauge::net {

/// Nanoseconds since the Unix epoch on a steady clock, anchored once per process (CLOCK_REALTIME
/// minus CLOCK_MONOTONIC at the first call). Cheap enough for each wake-up, not for each event.
[[nodiscard]] Instant now();

/// The same moment on the steady clock, for sleeping until it and for timers.
[[nodiscard]] std::chrono::steady_clock::time_point to_steady(Instant at);

}  // namespace streamgauge::net
