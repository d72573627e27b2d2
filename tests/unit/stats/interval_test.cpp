#include "harness/core/stats/interval.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/unit/stats/noise.hpp"

namespace streamgauge::stats {
namespace {

TEST(Student, quantiles_are_those_of_the_tables) {
  const struct {
    unsigned degrees;
    double quantile;
  } table[] = {{1, 12.7062}, {2, 4.30265},  {3, 3.18245},  {4, 2.77645},  {5, 2.57058},
               {9, 2.26216}, {10, 2.22814}, {29, 2.04523}, {30, 2.04227}, {1000, 1.96234}};
  for (const auto& [degrees, quantile] : table) {
    EXPECT_NEAR(student_quantile(0.975, degrees), quantile, 1e-4) << degrees;
  }
  EXPECT_NEAR(student_quantile(0.5, 7), 0, 1e-9);
  EXPECT_NEAR(student_quantile(0.95, 4), 2.13185, 1e-4);
}

TEST(Interval, needs_three_values) {
  const std::vector<double> two{1, 2}, three{1, 2, 3};
  EXPECT_TRUE(std::isinf(location_interval(two, {}).high));
  EXPECT_TRUE(std::isfinite(location_interval(three, {}).high));
  EXPECT_TRUE(std::isinf(shift_interval(two, three, {}).low));
  EXPECT_TRUE(std::isinf(location_interval(three, {.resamples = 0}).high));
}

TEST(Interval, is_the_same_for_the_same_seed) {
  const std::vector<double> values{0.1, 0.3, 0.2, 0.25, 0.12, 0.4};
  const Interval one = location_interval(values, {.seed = 5});
  const Interval other = location_interval(values, {.seed = 5});
  EXPECT_EQ(one.low, other.low);
  EXPECT_EQ(one.high, other.high);
  EXPECT_LT(one.low, one.high);
}

/// In how many of `trials` samples of `n` the interval holds the value that they scatter around.
int covered(std::size_t n, int trials) {
  Noise noise(42);
  int hits = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(0.15 + 0.05 * noise.normal());
    const Interval interval =
        location_interval(values, {.resamples = 300, .seed = static_cast<std::uint64_t>(trial)});
    hits += interval.low <= 0.15 && 0.15 <= interval.high ? 1 : 0;
  }
  return hits;
}

TEST(Interval, of_ten_runs_holds_the_truth_as_often_as_it_says) {
  // The plain percentile interval of ten values holds it in some 90 % only.
  const int hits = covered(10, 400);
  EXPECT_GE(hits, 368);  // 92 %
  EXPECT_LE(hits, 396);  // 99 %
}

TEST(Interval, of_two_groups_holds_their_shift_as_often_as_it_says) {
  Noise noise(43);
  int hits = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<double> a, b;
    for (int i = 0; i < 10; ++i) {
      a.push_back(0.05 * noise.normal());
      b.push_back(0.1 + 0.05 * noise.normal());
    }
    const Interval interval =
        shift_interval(a, b, {.resamples = 200, .seed = static_cast<std::uint64_t>(trial)});
    hits += interval.low <= 0.1 && 0.1 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(hits, 276);
}

}  // namespace
}  // namespace streamgauge::stats
