#include "harness/core/stats/location.hpp"

#include <gtest/gtest.h>

namespace streamgauge::stats {
namespace {

TEST(Location, median_is_the_middle_or_between_the_two_middle_ones) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median({}), 0);
}

TEST(Location, hodges_lehmann_is_the_median_of_all_means_of_two) {
  EXPECT_EQ(hodges_lehmann(std::vector<double>{1, 2, 6}), 2.75);  // of 1 1.5 2 3.5 4 6
  EXPECT_EQ(hodges_lehmann(std::vector<double>{5}), 5);
  EXPECT_EQ(hodges_lehmann({}), 0);
}

TEST(Location, a_quarter_of_wild_values_does_not_carry_it_away) {
  const std::vector<double> values{1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1000, 1000};
  EXPECT_LT(hodges_lehmann(values), 1.2);
}

TEST(Location, the_shift_of_two_groups_is_the_median_of_all_differences) {
  EXPECT_EQ(hodges_lehmann_shift(std::vector<double>{1, 2, 3}, std::vector<double>{11, 12, 13}),
            10);
  EXPECT_EQ(hodges_lehmann_shift({}, std::vector<double>{1}), 0);
}

}  // namespace
}  // namespace streamgauge::stats
