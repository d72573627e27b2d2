#include "harness/core/base/time.hpp"

#include <gtest/gtest.h>

#include "harness/core/base/error.hpp"

namespace streamgauge {
namespace {

using namespace std::chrono_literals;

TEST(Time, counts_nanoseconds_since_the_epoch) {
  EXPECT_EQ(to_ns(instant_from_ns(1'700'000'000'000'000'001)), 1'700'000'000'000'000'001);
  EXPECT_EQ(instant_from_ns(5) - instant_from_ns(3), 2ns);
  EXPECT_DOUBLE_EQ(to_seconds(1500ms), 1.5);
}

TEST(Time, scales_durations_and_rounds_to_the_nanosecond) {
  EXPECT_EQ(scaled(15s, 0.1), 1500ms);
  EXPECT_EQ(scaled(3ns, 0.5), 2ns);
  EXPECT_EQ(scaled(1h, 1.0), 1h);
  EXPECT_EQ(scaled(0s, 7.0), 0ns);
}

TEST(Error, carries_the_exit_code_that_it_means) {
  EXPECT_EQ(usage_error("a").exit_code, ExitCode::usage);
  EXPECT_EQ(target_error("a").exit_code, ExitCode::target);
  const Result<int> failed = target_error("gone");
  ASSERT_TRUE(failed.has_error());
  EXPECT_EQ(failed.error().message, "gone");
  EXPECT_THROW((void)failed.value(), std::logic_error);
}

}  // namespace
}  // namespace streamgauge
