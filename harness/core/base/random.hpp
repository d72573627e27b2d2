// A small deterministic generator (SplitMix64: Steele, Lea, Flood 2014): eight bytes of state, the
// same numbers on every machine, so that a seed replays a run's choices.
#pragma once

#include <cstdint>

namespace streamgauge {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] constexpr std::uint64_t next() {
    state_ += 0x9e37'79b9'7f4a'7c15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebu;
    return mixed ^ (mixed >> 31);
  }

  /// Uniform in [0, 1).
  [[nodiscard]] constexpr double share() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace streamgauge
