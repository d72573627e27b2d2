// One trial judged: what the target missed, and what only the harness or its machine did.
#include "harness/core/capacity/objectives.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/capacity/budget.hpp"

namespace streamgauge::capacity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A trial that holds, with time to spare everywhere.
Measured good() {
  Measured m;
  m.streams = m.open = 100;
  m.rate = 10;
  m.length = 4s;
  m.published = 40;
  m.deliveries = 4000;
  m.p50 = 1ms;
  m.p99 = 5ms;
  m.loss = m.duplicates = m.heartbeats = Verdict::pass;
  m.memory_start_bytes = 8'000'000;
  m.memory_peak_bytes = 9'000'000;
  m.generator = {"sg-swarm", 0.2, 0.01};
  m.target = Busy{"sse-server", 0.3, 0.01};
  m.lag_p99 = 1ms;
  return m;
}

TEST(TrialVerdict, holds_what_meets_every_objective) {
  const TrialVerdict verdict = judge(good(), {});
  EXPECT_EQ(verdict.outcome, Outcome::held);
  EXPECT_EQ(verdict.reason, "");
  EXPECT_EQ(verdict.objectives.size(), 7u);
}

TEST(TrialVerdict, names_each_objective_that_the_target_misses) {
  const auto reason = [](void (*spoil)(Measured&), const Objectives& wanted = {}) {
    Measured m = good();
    spoil(m);
    const TrialVerdict verdict = judge(m, wanted);
    EXPECT_EQ(verdict.outcome, Outcome::broken) << verdict.reason;
    return verdict.reason;
  };
  EXPECT_THAT(reason([](Measured& m) { m.open = 99; }), HasSubstr("streams (99 open"));
  EXPECT_THAT(reason([](Measured& m) { m.cut = 3; }), HasSubstr("3 ended"));
  EXPECT_THAT(reason([](Measured& m) { m.publish_failed = 2; }), HasSubstr("2 of 42 refused"));
  EXPECT_THAT(reason([](Measured& m) { m.p99 = 300ms; }), HasSubstr("p99 300 ms"));
  EXPECT_THAT(reason([](Measured& m) { m.growth = 0.05; }), HasSubstr("grew 50 ms/s"));
  EXPECT_THAT(reason([](Measured& m) { m.loss = Verdict::fail; }), HasSubstr("loss"));
  EXPECT_THAT(reason([](Measured& m) { m.duplicates = Verdict::fail; }), HasSubstr("duplicates"));
  EXPECT_THAT(reason([](Measured& m) { m.heartbeats = Verdict::fail; }), HasSubstr("heartbeats"));
  EXPECT_THAT(reason([](Measured&) {}, {.memory_bytes_max = 8u << 20}), HasSubstr("memory"));
  EXPECT_THAT(reason([](Measured& m) { m.died = "signal 11"; }), HasSubstr("died: signal 11"));
}

TEST(TrialVerdict, does_not_judge_what_was_not_measured_or_not_asked) {
  Measured m = good();
  m.loss = m.heartbeats = Verdict::inconclusive;
  EXPECT_EQ(judge(m, {}).outcome, Outcome::held);
  m.loss = m.heartbeats = m.duplicates = Verdict::fail;
  EXPECT_EQ(judge(m, {.loss = false, .heartbeats = false}).outcome, Outcome::held);
  m = good();
  m.memory_peak_bytes.reset();
  EXPECT_EQ(judge(m, {.memory_bytes_max = 1}).outcome, Outcome::held);
}

TEST(TrialVerdict, gives_the_target_no_blame_for_a_harness_without_time) {
  Measured m = good();
  m.p99 = 2s;
  m.generator = {"sg-swarm", 0.6, 0.35};
  TrialVerdict verdict = judge(m, {});
  EXPECT_EQ(verdict.outcome, Outcome::generator);
  EXPECT_THAT(verdict.reason, HasSubstr("sg-swarm) ran 60 % of the time and waited"));
  m.generator = good().generator;
  m.starved = "the target had to wait for a processor";
  EXPECT_EQ(judge(m, {}).outcome, Outcome::generator);
  m.starved.clear();
  m.p99 = 260ms;  // above the bound by less than the harness itself was late
  m.lag_p99 = 30ms;
  EXPECT_EQ(judge(m, {}).outcome, Outcome::generator);
  m.target = Busy{"sse-server", 0.97, 0};
  EXPECT_EQ(judge(m, {}).outcome, Outcome::broken);
  EXPECT_THAT(judge(m, {}).reason, HasSubstr("the target was saturated"));
}

TEST(TrialVerdict, blames_a_late_publisher_on_the_harness_only_while_the_target_is_idle) {
  Measured m = good();
  m.p99 = 400ms;
  m.publisher_late = 300ms;
  EXPECT_EQ(judge(m, {}).outcome, Outcome::generator);
  m.target = Busy{"sse-server", 0.8, 0};
  EXPECT_EQ(judge(m, {}).outcome, Outcome::broken);
}

TEST(TrialVerdict, knows_that_load_on_the_harness_does_not_change_the_size_of_the_target) {
  Measured m = good();
  m.generator = {"sg-swarm", 0.99, 0};
  EXPECT_EQ(judge(m, {.memory_bytes_max = 8'999'000}).outcome, Outcome::broken);
  EXPECT_EQ(judge(m, {.memory_bytes_max = 9'000'000}).outcome, Outcome::held);
  m.memory_peak_bytes = (12u << 20) + 4096;
  EXPECT_THAT(judge(m, {.memory_bytes_max = 12u << 20}).reason, HasSubstr("12 MiB and 4 KiB"));
}

TEST(Growth, is_that_of_the_median_from_the_first_quarter_to_the_last) {
  std::vector<Duration> medians;
  EXPECT_EQ(growth(medians, 500ms), 0);
  for (int i = 0; i < 8; ++i) medians.push_back(10ms + i * 25ms);  // in stretches of half a second
  EXPECT_NEAR(growth(medians, 500ms), 0.05, 0.005);
  medians[3] = 5s;  // one pause is no growth
  EXPECT_NEAR(growth(medians, 500ms), 0.05, 0.005);
  EXPECT_EQ(growth(std::vector<Duration>(8, 20ms), 500ms), 0);
}

TEST(Budget, begins_nothing_that_would_end_too_late) {
  const Instant now{};
  Budget whole(now + 100s, 5s);
  EXPECT_TRUE(whole.allows_another(now + 95s));
  EXPECT_FALSE(whole.allows_another(now + 96s));
  whole.took(20s);
  EXPECT_FALSE(whole.allows_another(now + 95s));
  const Budget half = whole.share(now + 20s, 2);
  EXPECT_TRUE(half.allows_another(now + 40s));
  EXPECT_FALSE(half.allows_another(now + 41s));
}

}  // namespace
}  // namespace streamgauge::capacity
