// From runs to outcomes. Pure: the same runs, thresholds and seed end in the same report.
//
// For each judged metric: the ratio B/A by run (Hodges-Lehmann over the pairs' log ratios), a test
// of "no difference" by rearrangement (core/stats/randomisation.hpp), Holm over the metrics, and a
// bootstrap interval over runs. Then
//   regression    p after Holm <= 5 %, and the ratio is beyond 1 + delta
//   improvement   the same on the other side
//   same          the interval's upper end is below 1 + delta
//   inconclusive  otherwise: it says what would decide
// Significance alone is no regression: enough runs make any difference significant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/core/compare/comparison.hpp"

namespace streamgauge::compare {

inline constexpr double significance_level = 0.05;
inline constexpr double confidence = 0.95;
/// More of the pairs (or of a group's runs) than this left out: what is left may be the lucky ones.
inline constexpr double excluded_share_max = 1.0 / 3;

struct JudgeOptions {
  std::vector<Threshold> thresholds;
  std::size_t resamples = 4000;  // of each interval; 0: none, and nothing can be "same"
};

/// Fills in sides' judged runs and curves, pairs_judged, metrics and undecided, from design, runs,
/// seed, interrupted and errors.
void judge(Comparison& comparison, const JudgeOptions& options);

/// The fewest pairs with which one of so many metrics could be called different at all.
[[nodiscard]] std::size_t pairs_needed(std::size_t metrics_judged);
/// The same for two groups of equal size.
[[nodiscard]] std::size_t runs_needed(std::size_t metrics_judged);

}  // namespace streamgauge::compare
