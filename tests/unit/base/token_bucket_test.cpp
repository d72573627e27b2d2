#include "harness/core/base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

using namespace std::chrono_literals;

const Instant filled_at = instant_from_ns(1'000);

TEST(TokenBucket, starts_empty_and_fills_with_time) {
  TokenBucket bucket{1000, filled_at};
  EXPECT_EQ(bucket.available(filled_at), 0u);
  EXPECT_EQ(bucket.available(filled_at + 990us), 0u);
  EXPECT_EQ(bucket.available(filled_at + 1ms), 1u);
  EXPECT_EQ(bucket.available(filled_at + 20ms), 20u);
}

TEST(TokenBucket, never_holds_more_than_fifty_milliseconds) {
  TokenBucket bucket{1000, filled_at};
  EXPECT_EQ(bucket.available(filled_at + 1h), 50u);
}

TEST(TokenBucket, takes_what_is_taken) {
  TokenBucket bucket{1000, filled_at};
  EXPECT_EQ(bucket.available(filled_at + 50ms), 50u);
  bucket.take(30);
  EXPECT_EQ(bucket.available(filled_at + 50ms), 20u);
  EXPECT_EQ(bucket.available(filled_at + 60ms), 30u);
}

TEST(TokenBucket, there_is_something_to_take_when_it_said_so) {
  for (const double rate : {0.5, 1.0, 3.0, 10.0, 333.0, 4096.0, 1e6, 1e9}) {
    TokenBucket bucket{rate, filled_at};
    Instant now = filled_at;
    std::uint64_t taken = 0;
    for (int i = 0; i < 200; ++i) {
      const Instant next = bucket.worth_reading_at();
      ASSERT_GE(next, now);
      now = std::max(now, next);
      const std::uint64_t available = bucket.available(now);
      ASSERT_GE(available, 1u) << rate;
      ASSERT_LE(bucket.worth_reading_at(), now) << rate;
      bucket.take(available);
      taken += available;
    }
    const double most = to_seconds(now - filled_at) * rate;
    EXPECT_LE(static_cast<double>(taken), most + 1) << rate;
    EXPECT_GE(static_cast<double>(taken), most * 0.9 - 1) << rate;
  }
}

}  // namespace
}  // namespace streamgauge
