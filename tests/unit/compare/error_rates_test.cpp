// What README and reports claim of the comparison, counted over simulated ones. Seeded: the counts
// are the same on every machine.
#include <gtest/gtest.h>

#include "tests/unit/compare/simulated.hpp"

namespace streamgauge::compare {
namespace {

struct Counts {
  int regressions = 0, improvements = 0, inconclusive = 0, significant = 0;
};

Counts count(int trials, std::size_t pairs, const Difference& difference,
             const Machine& machine = {}) {
  Counts counts;
  for (int trial = 0; trial < trials; ++trial) {
    Comparison comparison =
        simulated_pairs(static_cast<std::uint64_t>(trial) + 1, pairs, difference, machine);
    judge(comparison, by_default(100));
    counts.regressions += exit_code(comparison) == ExitCode::violated ? 1 : 0;
    counts.inconclusive += exit_code(comparison) == ExitCode::inconclusive ? 1 : 0;
    bool better = false, significant = false;
    for (const MetricResult& result : comparison.metrics) {
      better |= result.outcome == Outcome::improvement;
      significant |= result.judged && result.p_adjusted <= significance_level;
    }
    counts.improvements += better ? 1 : 0;
    counts.significant += significant ? 1 : 0;
  }
  return counts;
}

TEST(ErrorRates, a_target_against_itself_is_called_a_regression_in_at_most_five_of_a_hundred) {
  const Counts counts = count(400, 12, {});
  // The test alone, over five metrics, keeps the family-wise level; the delta keeps far more out.
  EXPECT_LE(counts.significant, 400 * 0.05 + 9);  // two standard deviations of a count
  EXPECT_LE(counts.regressions, 400 * 0.05);
  EXPECT_LE(counts.improvements, 400 * 0.05);
}

TEST(ErrorRates, also_on_a_machine_in_storms) {
  const Machine wild{.luck = 0.25, .drift = 0.5, .order = 0.2, .storms = 0.3};
  const Counts counts = count(400, 12, {}, wild);
  EXPECT_LE(counts.significant, 400 * 0.05 + 9);
  EXPECT_LE(counts.regressions, 400 * 0.05);
}

TEST(ErrorRates, fifteen_per_cent_of_the_median_are_found_in_nine_of_ten) {
  const Counts counts = count(100, 12, {.added_ns = 0.15e6});
  EXPECT_GE(counts.regressions, 90);
  EXPECT_EQ(counts.improvements, 0);
}

TEST(ErrorRates, fifteen_per_cent_more_processor_time_are_found_in_nine_of_ten) {
  EXPECT_GE(count(100, 12, {.cpu = 1.15}).regressions, 90);
}

TEST(ErrorRates, fifteen_per_cent_less_latency_is_told_and_is_no_regression) {
  const Counts counts = count(60, 12, {.slower = 1 / 1.2});
  EXPECT_EQ(counts.regressions, 0);
  EXPECT_GE(counts.improvements, 54);
}

TEST(ErrorRates, a_quiet_machine_decides_nearly_always) {
  const Machine quiet{.luck = 0.015, .tail = 0.05, .drift = 0.02, .order = 0.0, .storms = 0.0};
  EXPECT_LE(count(60, 12, {}, quiet).inconclusive, 6);
}

}  // namespace
}  // namespace streamgauge::compare
