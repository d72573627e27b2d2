#include "harness/core/stats/holm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge::stats {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<double> adjusted(std::vector<double> p) {
  return holm(p);
}

TEST(Holm, multiplies_the_smallest_by_all_the_next_by_one_less) {
  EXPECT_THAT(
      adjusted({0.01, 0.04, 0.03}),
      ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12)));
}

TEST(Holm, never_lets_a_larger_p_overtake_a_smaller_one) {
  EXPECT_THAT(adjusted({0.02, 0.021, 0.9}),
              ElementsAre(DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12), 0.9));
}

TEST(Holm, stays_within_one_and_leaves_a_single_question_alone) {
  EXPECT_THAT(adjusted({0.6, 0.7}), ElementsAre(1.0, 1.0));
  EXPECT_THAT(adjusted({0.04}), ElementsAre(0.04));
  EXPECT_THAT(adjusted({}), IsEmpty());
}

}  // namespace
}  // namespace streamgauge::stats
