// Seeded noise for simulated runs.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "harness/core/base/random.hpp"

namespace streamgauge::stats {

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}

  /// Box and Muller 1958.
  [[nodiscard]] double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - random_.share()));
    return radius * std::cos(2 * std::numbers::pi * random_.share());
  }
  [[nodiscard]] double share() { return random_.share(); }
  [[nodiscard]] Random& random() { return random_; }

 private:
  Random random_;
};

}  // namespace streamgauge::stats
