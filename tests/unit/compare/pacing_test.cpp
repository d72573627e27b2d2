#include "harness/core/compare/pacing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge::compare {
namespace {

using std::chrono::seconds;
using testing::UnorderedElementsAre;

TEST(DrawnOrder, has_every_side_as_often_as_asked_for) {
  Random random(1);
  EXPECT_THAT(drawn_order(random, 1), UnorderedElementsAre(Side::a, Side::b));
  EXPECT_THAT(drawn_order(random, 2), UnorderedElementsAre(Side::a, Side::a, Side::b, Side::b));
}

TEST(DrawnOrder, is_a_fair_coin_that_the_seed_replays) {
  Random random(7), again(7);
  int a_first = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto order = drawn_order(random, 1);
    EXPECT_EQ(order, drawn_order(again, 1));
    a_first += order.front() == Side::a ? 1 : 0;
  }
  EXPECT_GT(a_first, 450);
  EXPECT_LT(a_first, 550);
}

TEST(AnotherPair, until_as_many_can_be_judged_by_as_were_asked_for) {
  const Pacing pacing{10, std::nullopt};
  EXPECT_TRUE(another_pair(pacing, 0, 0, seconds{0}));
  EXPECT_TRUE(another_pair(pacing, 9, 9, seconds{900}));
  EXPECT_FALSE(another_pair(pacing, 10, 10, seconds{0}));
}

TEST(AnotherPair, makes_up_for_those_left_out_by_half_as_many_again) {
  const Pacing pacing{10, std::nullopt};
  EXPECT_TRUE(another_pair(pacing, 14, 9, seconds{0}));
  EXPECT_FALSE(another_pair(pacing, 15, 9, seconds{0}));
  EXPECT_EQ(pairs_begun_max({1, std::nullopt}), 2u);
}

TEST(AnotherPair, not_one_that_would_end_after_the_budget) {
  const Pacing pacing{100, seconds{60}};
  EXPECT_TRUE(another_pair(pacing, 0, 0, seconds{0}));
  EXPECT_TRUE(another_pair(pacing, 5, 5, seconds{50}));  // ten seconds a pair: it just fits
  EXPECT_FALSE(another_pair(pacing, 5, 5, seconds{51}));
}

}  // namespace
}  // namespace streamgauge::compare
