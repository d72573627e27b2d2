#include "harness/core/stats/randomisation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace streamgauge::stats {
namespace {

using testing::DoubleEq;

TEST(SignFlip, tries_every_pattern_of_few_pairs) {
  const std::vector<double> all_up{0.1, 0.2, 0.3, 0.2, 0.1};
  const TestResult test = sign_flip_test(all_up, 1);
  EXPECT_TRUE(test.exact);
  EXPECT_EQ(test.arrangements, 32u);
  EXPECT_THAT(test.p, DoubleEq(2.0 / 32)) << "only all up and all down are as far out";
}

TEST(SignFlip, counts_ties_as_just_as_far) {
  EXPECT_THAT(sign_flip_test(std::vector{0.1, -0.1}, 1).p, DoubleEq(1.0));
  EXPECT_THAT(sign_flip_test(std::vector{0.1, 0.1}, 1).p, DoubleEq(0.5));
  EXPECT_THAT(sign_flip_test(std::vector{0.0, 0.0, 0.0}, 1).p, DoubleEq(1.0));
  EXPECT_THAT(sign_flip_test(std::vector<double>{}, 1).p, DoubleEq(1.0));
}

TEST(SignFlip, is_the_same_for_either_direction) {
  const std::vector<double> up{0.3, 0.1, -0.05, 0.2, 0.15, 0.4, -0.1};
  std::vector<double> down;
  for (const double d : up) down.push_back(-d);
  EXPECT_THAT(sign_flip_test(up, 1).p, DoubleEq(sign_flip_test(down, 1).p));
}

TEST(SignFlip, one_wild_run_does_not_hide_a_shift_of_all_others) {
  std::vector<double> shifted{0.14, 0.16, 0.13, 0.15, 0.17, 0.15, 0.14, 0.16, 0.15, -3.0};
  EXPECT_LT(sign_flip_test(shifted, 1).p, 0.05);
}

TEST(SignFlip, draws_patterns_by_seed_where_there_are_too_many) {
  std::vector<double> many;
  for (int i = 0; i < 30; ++i) many.push_back(i % 3 == 0 ? -0.1 : 0.12);
  const TestResult test = sign_flip_test(many, 7), again = sign_flip_test(many, 7);
  EXPECT_FALSE(test.exact);
  EXPECT_EQ(test.arrangements, drawn_arrangements);
  EXPECT_EQ(test.p, again.p);
  EXPECT_GT(test.p, 0.005);
  EXPECT_LT(test.p, 0.1);
}

TEST(SignFlip, the_sample_of_patterns_agrees_with_all_of_them) {
  // Two pairs of no difference double every pattern: the exact p of 18 is that of 20.
  std::vector<double> some{0.2, 0.1, -0.15, 0.3, 0.05, -0.02, 0.12, 0.2, -0.08,
                           0.1, 0.2, -0.1,  0.1, 0.06, -0.3,  0.12, 0.1, 0.04};
  const double exact = sign_flip_test(some, 1).p;
  some.insert(some.end(), {0.0, 0.0});
  const TestResult drawn = sign_flip_test(some, 1);
  ASSERT_FALSE(drawn.exact);
  EXPECT_NEAR(drawn.p, exact, 0.03);  // the bound of the scores is not quite the same
}

TEST(RankSum, tries_every_deal_of_few_runs) {
  const std::vector<double> low{1, 2, 3, 4, 5}, high{6, 7, 8, 9, 10};
  const TestResult test = rank_sum_test(low, high, 1);
  EXPECT_TRUE(test.exact);
  EXPECT_EQ(test.arrangements, 252u);
  EXPECT_THAT(test.p, DoubleEq(2.0 / 252));
  EXPECT_THAT(rank_sum_test(high, low, 1).p, DoubleEq(test.p));
}

TEST(RankSum, gives_ties_their_middle_rank) {
  const std::vector<double> same{1, 1, 1};
  EXPECT_THAT(rank_sum_test(same, same, 1).p, DoubleEq(1.0));
  // Ranks 1.5 1.5 3 against 4 5 6: two of twenty deals are as far out.
  EXPECT_THAT(rank_sum_test(std::vector<double>{1, 1, 2}, std::vector<double>{3, 4, 5}, 1).p,
              DoubleEq(0.1));
}

TEST(RankSum, draws_deals_by_seed_where_there_are_too_many) {
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    a.push_back(i);
    b.push_back(i + 0.5);
  }
  const TestResult test = rank_sum_test(a, b, 3);
  EXPECT_FALSE(test.exact);
  EXPECT_GT(test.p, 0.5);
  for (double& value : b) value += 20;
  EXPECT_LT(rank_sum_test(a, b, 3).p, 0.001);
}

TEST(SmallestP, is_what_the_clearest_result_reaches) {
  EXPECT_THAT(smallest_p_of_pairs(5), DoubleEq(sign_flip_test(std::vector(5, 1.0), 1).p));
  EXPECT_THAT(smallest_p_of_pairs(0), DoubleEq(1.0));
  EXPECT_THAT(smallest_p_of_pairs(1), DoubleEq(1.0));
  EXPECT_THAT(smallest_p_of_groups(5, 5), DoubleEq(2.0 / 252));
  EXPECT_THAT(smallest_p_of_groups(1, 1), DoubleEq(1.0));
  EXPECT_THAT(smallest_p_of_groups(0, 9), DoubleEq(1.0));
  EXPECT_LT(smallest_p_of_pairs(200), 0.001);
  EXPECT_LT(smallest_p_of_groups(200, 200), 0.001);
}

}  // namespace
}  // namespace streamgauge::stats
