#include "harness/core/base/random.hpp"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

TEST(Random, gives_the_published_numbers_of_splitmix64) {
  Random random{1234567};  // the reference values that go with the algorithm's C code
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
  EXPECT_EQ(random.next(), 4593380528125082431u);
  EXPECT_EQ(random.next(), 16408922859458223821u);
}

TEST(Random, shares_are_spread_over_zero_to_one) {
  Random random{1};
  int low = 0;
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double share = random.share();
    ASSERT_GE(share, 0.0);
    ASSERT_LT(share, 1.0);
    low += share < 0.1 ? 1 : 0;
    sum += share;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
  EXPECT_NEAR(low, 1000, 150);
}

}  // namespace
}  // namespace streamgauge
