#include "harness/net/clock.hpp"

#include <chrono>

namespace streamgauge::net {
namespace {

using Steady = std::chrono::steady_clock;

// Reads the wall clock between two readings of the steady one and keeps the narrowest pair, so that
// being preempted between the two does not shift this process against another by milliseconds.
Duration measure_anchor() {
  Duration anchor{};
  Duration narrowest = Duration::max();
  for (int i = 0; i < 16; ++i) {
    const auto before = Steady::now().time_since_epoch();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const auto after = Steady::now().time_since_epoch();
    if (after - before < narrowest) {
      narrowest = after - before;
      anchor = wall - (before + (after - before) / 2);
    }
  }
  return anchor;
}

Duration anchor() {
  static const Duration measured = measure_anchor();
  return measured;
}

}  // namespace

Instant now() {
  return Instant{Steady::now().time_since_epoch() + anchor()};
}

Steady::time_point to_steady(Instant at) {
  return Steady::time_point{at.time_since_epoch() - anchor()};
}

}  // namespace streamgauge::net
