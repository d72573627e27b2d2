// Which side runs when, and when it is enough. Pure: coins and times come in.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/core/base/random.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/compare/comparison.hpp"

namespace streamgauge::compare {

/// The order of a pair's runs, each side `repeat` times, drawn anew for each pair and independently
/// of the others: that makes the sign of a pair's difference a coin when A and B are the same, also
/// where the second of two runs is always the slower one.
[[nodiscard]] std::vector<Side> drawn_order(Random& random, std::size_t repeat);

struct Pacing {
  /// To be judged by. With ten, one pair that a storm turned round keeps five metrics from being
  /// significant; twelve bear it.
  std::size_t pairs = 12;
  std::optional<Duration> budget;  // for all of them
};

/// A pair that is left out is made up for, up to half as many again as were asked for: what leaves
/// a pair out does not depend on which side is faster.
[[nodiscard]] constexpr std::size_t pairs_begun_max(const Pacing& pacing) {
  return pacing.pairs + (pacing.pairs + 1) / 2;
}

/// `begun` pairs took `elapsed`; `whole` of them can be judged by. The budget is kept by not
/// beginning a pair that would, as the others did, end after it. No figure that is judged has a
/// say: who stops when it looks good will find what he looks for.
[[nodiscard]] bool another_pair(const Pacing& pacing, std::size_t begun, std::size_t whole,
                                Duration elapsed);

}  // namespace streamgauge::compare
