// What follows from a search: the answer in words, the exit code, the fits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated.hpp"

namespace streamgauge::capacity {
namespace {

using testing::HasSubstr;

Capacity of(AxisResult axis) {
  Capacity capacity;
  capacity.axes.push_back(std::move(axis));
  return capacity;
}

TEST(CapacityConclusion, is_the_knee_and_the_objective_that_broke_above_it) {
  const AxisResult axis = simulated_axis(3000);
  const Conclusion conclusion = conclude(axis);
  EXPECT_EQ(conclusion.verdict, AxisVerdict::found);
  EXPECT_TRUE(conclusion.target_saturated);
  EXPECT_THAT(conclusion.reason, HasSubstr("p99 900 ms"));
  EXPECT_NEAR(axis.answer.load, 3000, 150);
  EXPECT_EQ(exit_code(of(axis)), ExitCode::pass);
}

TEST(CapacityConclusion, is_at_least_when_the_generator_gave_out_first) {
  const AxisResult axis = simulated_axis(3000, 0.99);
  const Conclusion conclusion = conclude(axis);
  EXPECT_EQ(conclusion.verdict, AxisVerdict::inconclusive);
  EXPECT_THAT(conclusion.headline, HasSubstr("at least"));
  EXPECT_THAT(conclusion.reason, HasSubstr("The generator gave out before the target did."));
  EXPECT_EQ(exit_code(of(axis)), ExitCode::inconclusive);
}

TEST(CapacityConclusion, decides_a_need_only_where_the_target_did) {
  const auto needed = [](double need, double generator_ran) {
    AxisResult axis = simulated_axis(3000, generator_ran);
    axis.need = need;
    return exit_code(of(axis));
  };
  EXPECT_EQ(needed(2000, 0.3), ExitCode::pass);
  EXPECT_EQ(needed(2000, 0.99), ExitCode::pass);
  EXPECT_EQ(needed(5000, 0.3), ExitCode::violated);
  EXPECT_EQ(needed(5000, 0.99), ExitCode::inconclusive);
}

TEST(CapacityConclusion, tells_a_knee_from_that_of_what_others_left) {
  const SearchPlan plan{.start = 500, .ceiling = 20'000, .passes = 2};
  const auto shared = [](double load) {
    Measured m = simulated_trial(load, 3000);
    m.others = 0.4;
    return m;
  };
  EXPECT_EQ(conclude(simulated_axis(plan, shared)).verdict, AxisVerdict::inconclusive);
  // Events that are lost by a target with time to spare, and its size, are its own doing.
  const auto loses = [&](double load) {
    Measured m = shared(load);
    m.target = Busy{"sse-server", 0.2, 0};
    if (load > 3000) m.loss = Verdict::fail;
    return m;
  };
  EXPECT_EQ(conclude(simulated_axis(plan, loses)).verdict, AxisVerdict::found);
  const Objectives small{.memory_bytes_max = 10'000'000};
  EXPECT_EQ(conclude(simulated_axis(plan, shared, small)).verdict, AxisVerdict::found);
}

TEST(CapacityConclusion, knows_no_knee_where_nothing_broke_or_everything_did) {
  EXPECT_EQ(conclude(simulated_axis(1e6)).verdict, AxisVerdict::at_least);
  EXPECT_EQ(conclude(simulated_axis(0.5)).verdict, AxisVerdict::unmet);
  EXPECT_EQ(exit_code(of(simulated_axis(0.5))), ExitCode::violated);
  AxisResult cut;
  cut.answer.stop = Stop::cut_short;
  EXPECT_EQ(exit_code(of(cut)), ExitCode::inconclusive);
}

TEST(CapacityConclusion, fits_memory_and_throughput_over_what_was_held) {
  const AxisResult axis = simulated_axis(6000);
  const auto memory = memory_line(axis);
  ASSERT_TRUE(memory);
  EXPECT_NEAR(memory->slope.value, 1500, 1);
  EXPECT_TRUE(scalability(axis));
  ASSERT_NE(typical_at_answer(axis), nullptr);
  EXPECT_EQ(typical_at_answer(axis)->verdict.outcome, Outcome::held);
}

}  // namespace
}  // namespace streamgauge::capacity
