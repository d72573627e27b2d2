#include "harness/run/repetition.hpp"

#include <gmock/gmock.h>

namespace streamgauge::run {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

CheckResult judged(std::string id, Verdict verdict, std::string measured) {
  CheckResult result;
  result.id = std::move(id);
  result.finding.verdict = verdict;
  result.finding.measured = std::move(measured);
  return result;
}

ScenarioResult scenario(std::vector<CheckResult> checks) {
  ScenarioResult result;
  result.checks = std::move(checks);
  return result;
}

TEST(Repetition, is_for_checks_that_judge_time_and_are_not_passed) {
  EXPECT_THAT(checks_to_repeat(scenario({judged("heartbeat.cadence", Verdict::fail, ""),
                                         judged("heartbeat.no-burst", Verdict::warn, ""),
                                         judged("heartbeat.under-traffic", Verdict::pass, ""),
                                         judged("eviction.within", Verdict::inconclusive, ""),
                                         judged("delivery.no-loss", Verdict::fail, "")})),
              ElementsAre("heartbeat.cadence", "heartbeat.no-burst", "eviction.within"));
}

TEST(Repetition, the_second_verdict_counts_and_tells_of_the_first) {
  auto first = scenario({judged("wire.status", Verdict::pass, "1"),
                         judged("heartbeat.cadence", Verdict::fail, "gap 9 s")});
  take_second_attempt(first, scenario({judged("heartbeat.cadence", Verdict::pass, "gap 1 s")}),
                      false);
  EXPECT_EQ(first.checks[0].finding.repeated, "");
  EXPECT_EQ(first.checks[1].finding.verdict, Verdict::pass);
  EXPECT_EQ(first.checks[1].finding.measured, "gap 1 s");
  EXPECT_THAT(first.checks[1].finding.repeated, AllOf(HasSubstr("fail"), HasSubstr("gap 9 s")));
}

TEST(Repetition, under_strict_the_first_verdict_stays_and_the_second_is_told) {
  auto first = scenario({judged("heartbeat.cadence", Verdict::fail, "gap 9 s")});
  take_second_attempt(first, scenario({judged("heartbeat.cadence", Verdict::pass, "gap 1 s")}),
                      true);
  EXPECT_EQ(first.checks[0].finding.verdict, Verdict::fail);
  EXPECT_EQ(first.checks[0].finding.measured, "gap 9 s");
  EXPECT_THAT(first.checks[0].finding.repeated, AllOf(HasSubstr("pass"), HasSubstr("gap 1 s")));
}

}  // namespace
}  // namespace streamgauge::run
