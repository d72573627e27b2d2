#include "reference-server/core/spread.hpp"

#include <gtest/gtest.h>

#include <set>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

LimitTerms limits(std::optional<Duration> retry_after, bool spread) {
  LimitTerms made;
  made.retry_after = retry_after;
  made.retry_after_spread = spread;
  return made;
}

std::set<std::uint64_t> told(const LimitTerms& terms, Flaws flaws = {}) {
  std::set<std::uint64_t> values;
  for (int i = 0; i < 100; ++i) values.insert(*retry_after_s(terms, flaws, i / 100.0));
  return values;
}

TEST(RetryAfter, is_spread_over_twice_the_time_and_never_earlier) {
  EXPECT_EQ(told(limits(5s, true)), (std::set<std::uint64_t>{5, 6, 7, 8, 9, 10}));
}

TEST(RetryAfter, of_less_than_a_second_is_spread_over_one_to_three) {
  EXPECT_EQ(told(limits(250ms, true)), (std::set<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(told(limits(1s, true)), (std::set<std::uint64_t>{1, 2, 3}));
}

TEST(RetryAfter, without_a_spread_is_what_the_contract_states) {
  EXPECT_EQ(told(limits(30s, false)), (std::set<std::uint64_t>{30}));
  EXPECT_EQ(told(limits(1500ms, false)), (std::set<std::uint64_t>{2}));
}

TEST(RetryAfter, is_spread_when_nothing_is_stated) {
  EXPECT_EQ(told(limits({}, false)).size(), 6u);
}

TEST(RetryAfterFlaw, tells_all_the_same_or_nothing) {
  EXPECT_EQ(told(limits(5s, true), with(Flaw::same_retry_after)), (std::set<std::uint64_t>{5}));
  EXPECT_FALSE(retry_after_s(limits(5s, true), with(Flaw::no_retry_after), 0.5));
}

TEST(RetryHint, is_at_least_what_was_promised) {
  EXPECT_EQ(retry_hint(2s, 0.1, 0.0), Duration{2s});
  EXPECT_EQ(retry_hint(2s, 0.1, 0.5), Duration{2100ms});
}

DrainTerms drain(Duration grace, std::optional<Duration> spread) {
  DrainTerms terms;
  terms.grace = grace;
  terms.spread = spread;
  return terms;
}

TEST(DrainPlan, gives_readiness_a_fifth_of_the_grace) {
  const DrainPlan plan = plan_drain(drain(10s, {}), {});
  EXPECT_EQ(plan.first_close, Duration{2s});
  EXPECT_EQ(plan.spread, Duration{0s});
  EXPECT_EQ(plan.grace, Duration{10s});
}

TEST(DrainPlan, takes_a_little_longer_than_the_spread_and_ends_before_the_grace) {
  const DrainPlan plan = plan_drain(drain(10s, 8s), {});
  EXPECT_GT(plan.spread, Duration{8s});
  EXPECT_LT(plan.first_close + plan.spread, plan.grace);
  const DrainPlan greedy = plan_drain(drain(10s, 10s), {});
  EXPECT_LT(greedy.first_close + greedy.spread, greedy.grace);
}

TEST(DrainPlan, waits_as_long_as_it_is_told_and_not_at_all_without_a_contract) {
  EXPECT_EQ(plan_drain(drain(10s, {}), 300ms).first_close, Duration{300ms});
  EXPECT_EQ(plan_drain({}, {}).first_close, Duration{0});
}

TEST(ClosingTimes, are_even_from_the_first_to_the_last) {
  EXPECT_EQ(closing_times(3, 1s, true), (std::vector<Duration>{0ms, 500ms, 1000ms}));
  EXPECT_EQ(closing_times(1, 1s, true), (std::vector<Duration>{0ms}));
  EXPECT_EQ(closing_times(1, 1s, false), (std::vector<Duration>{1000ms}));
  EXPECT_TRUE(closing_times(0, 1s, true).empty());
}

}  // namespace
}  // namespace streamgauge::server
