#include "harness/net/processor_use.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

TEST(ProcessorUse, reads_what_a_thread_ran_and_waited) {
  const ProcessorTime time = parse_schedstat("901549 25064595 3\n");
  EXPECT_EQ(time.ran, 901549ns);
  EXPECT_EQ(time.waited, 25064595ns);
  EXPECT_EQ(parse_schedstat("").ran, 0ns);
  EXPECT_EQ(parse_schedstat("7").waited, 0ns);
}

TEST(ProcessorUse, counts_neither_idleness_nor_guests_twice_as_busy) {
  EXPECT_EQ(parse_busy_time("cpu  100 20 3 5000 600 1 2 4 50 60\ncpu0 1 1 1 1\n", 100), 1300ms);
  EXPECT_EQ(parse_busy_time("cpu  100 20 3 5000", 100), 1230ms);
  EXPECT_EQ(parse_busy_time("intr 5", 100), 0ms);
  EXPECT_EQ(parse_busy_time("", 100), 0ms);
}

TEST(ProcessorUse, between_two_times_is_the_difference_of_those_that_live) {
  const ThreadTimes earlier{{1, {"gone", {5s, 0s}}}, {2, {"stays", {5s, 1s}}}};
  const ThreadTimes later{{2, {"stays", {7s, 2s}}}, {3, {"new", {1s, 3s}}}};
  const ThreadTimes used = between(earlier, later);
  ASSERT_EQ(used.size(), 2u);
  EXPECT_EQ(used.at(2).time.ran, 2s);
  EXPECT_EQ(used.at(2).time.waited, 1s);
  EXPECT_EQ(used.at(3).time.waited, 3s);
  EXPECT_EQ(sum(used).ran, 3s);
  EXPECT_EQ(sum(used).waited, 4s);
}

TEST(ProcessorUse, names_this_thread_among_those_of_this_process) {
  const ThreadTimes times = thread_times(::getpid(), false);
  if (times.empty()) GTEST_SKIP() << "this kernel keeps no schedstat";
  EXPECT_TRUE(times.contains(::gettid()));
  EXPECT_GT(sum(times).ran, 0ns);
}

}  // namespace
}  // namespace streamgauge::net
