// What was typed for a search: read, refused with a sentence, and planned.
#include "harness/core/capacity/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge::capacity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string refusal(const Typed& typed) {
  const auto request = read_request(typed);
  if (request) return "accepted";
  EXPECT_EQ(request.error().exit_code, ExitCode::usage);
  return request.error().message;
}

TEST(CapacityRequest, searches_both_axes_by_default) {
  const auto request = read_request({});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->axes, Request{}.axes);
  EXPECT_EQ(request->repeats, 3u);
  EXPECT_EQ(streams_asked(*request), 1000u);
}

TEST(CapacityRequest, reads_what_was_typed) {
  const auto request = read_request({.axes = {"rate"},
                                     .streams = "200",
                                     .p99 = "50ms",
                                     .memory = "64MiB",
                                     .need = "2.5",
                                     .max = "600/m",
                                     .repeat = "2",
                                     .hold = "1s"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->axes, (std::vector<AxisRequest>{{Axis::rate, 200, 2.5, {}, 10.0}}));
  EXPECT_EQ(request->p99, Duration{50ms});
  EXPECT_EQ(request->memory_max, 64u << 20);
}

TEST(CapacityRequest, refuses_with_the_option_the_value_and_what_would_do) {
  EXPECT_THAT(refusal({.axes = {"steams"}}), HasSubstr("did you mean"));
  EXPECT_THAT(refusal({.need = "500"}), HasSubstr("two axes are searched"));
  EXPECT_THAT(refusal({.axes = {"streams"}, .streams = "5"}), HasSubstr("--rate of what stays"));
  EXPECT_THAT(refusal({.axes = {"streams"}, .need = "0"}), HasSubstr("from 1 to 1000000"));
  EXPECT_THAT(refusal({.axes = {"streams"}, .need = "9", .max = "8"}), HasSubstr("above --max 8"));
  EXPECT_THAT(refusal({.axes = {"rate"}, .need = "fast"}), HasSubstr("e.g. 25/s"));
  EXPECT_THAT(refusal({.p99 = "0s"}), HasSubstr("--p99 0s: give a duration from 1 ms"));
  EXPECT_THAT(refusal({.memory = "1B"}), HasSubstr("--memory 1B"));
  EXPECT_THAT(refusal({.repeat = "0"}), HasSubstr("--repeat 0"));
  EXPECT_THAT(refusal({.hold = "10ms"}), HasSubstr("--hold 10ms"));
}

TEST(CapacityPlan, ends_where_somebody_said_so_and_else_where_the_machine_does) {
  const Request request;
  const auto plan = [&](const AxisRequest& axis) { return plan_search(axis, request, 9000); };
  EXPECT_EQ(plan({Axis::streams, 10, {}, {}, {}}).plan.ceiling, 9000);
  EXPECT_THAT(plan({Axis::streams, 10, {}, {}, {}}).ceiling_reason, HasSubstr("9 000 streams"));
  const auto needed = plan({Axis::streams, 10, 700.0, {}, {}});
  EXPECT_EQ(needed.plan.ceiling, 700);
  EXPECT_EQ(needed.plan.start, 700);
  EXPECT_EQ(needed.ceiling_reason, "");
  EXPECT_EQ(plan({Axis::streams, 10, 700.0, {}, 5000.0}).plan.ceiling, 5000);
  EXPECT_FALSE(plan({Axis::rate, 1000, {}, {}, {}}).plan.whole);
  EXPECT_THAT(plan({Axis::rate, 1000, {}, {}, {}}).ceiling_reason, HasSubstr("--max"));
}

}  // namespace
}  // namespace streamgauge::capacity
