#include "harness/core/result/baseline.hpp"

#include <gmock/gmock.h>

namespace streamgauge {
namespace {

using testing::HasSubstr;

CheckResult check(std::string id, std::string scenario, Verdict verdict) {
  CheckResult result;
  result.id = std::move(id);
  result.scenario = std::move(scenario);
  result.finding.verdict = verdict;
  return result;
}

RunResult run_of(std::vector<CheckResult> checks) {
  RunResult run;
  run.scenarios.emplace_back().checks = std::move(checks);
  return run;
}

RunResult applied(std::string_view yaml, std::vector<CheckResult> checks) {
  RunResult run = run_of(std::move(checks));
  const auto baseline = load_baseline(yaml, "known.yaml");
  EXPECT_TRUE(baseline) << (baseline ? "" : baseline.error().message);
  if (baseline) apply_baseline(*baseline, run);
  return run;
}

const CheckResult& first(const RunResult& run) {
  return run.scenarios[0].checks[0];
}

std::string error_of(std::string_view yaml) {
  const auto baseline = load_baseline(yaml, "known.yaml");
  return baseline ? "no error" : baseline.error().message;
}

constexpr std::string_view expects =
    "expected_failures:\n  - {check: wire.status, reason: issue 12}\n";
constexpr std::string_view flaky = "known_flaky:\n  - {check: wire.status}\n";

TEST(Baseline, keeps_what_the_file_says) {
  const auto baseline = load_baseline(
      "expected_failures:\n  - {check: wire.status, scenario: auth, reason: why}\n"
      "known_flaky: []\n",
      "known.yaml");
  ASSERT_TRUE(baseline) << baseline.error().message;
  ASSERT_EQ(baseline->expected_failures.size(), 1u);
  EXPECT_EQ(baseline->expected_failures[0],
            (BaselineEntry{"wire.status", "auth", "why", "known.yaml:2"}));
  EXPECT_TRUE(baseline->known_flaky.empty());
}

TEST(Baseline, errors_name_the_place_and_what_would_do) {
  EXPECT_THAT(error_of("expected_failures:\n  - {check: wire.statsu}\n"),
              testing::AllOf(HasSubstr("known.yaml:2:"), HasSubstr("'wire.statsu'"),
                             HasSubstr("wire.status")));
  EXPECT_THAT(error_of("expected_failures:\n  - {scenario: auth}\n"), HasSubstr("check"));
  EXPECT_THAT(error_of("expected: []\n"), HasSubstr("known.yaml:1:1"));
  EXPECT_THAT(error_of("expected_failures: wire.status\n"), HasSubstr("known.yaml:1:"));
  EXPECT_THAT(error_of("known_flaky:\n  - {check: wire.status}\n  - {check: wire.status}\n"),
              HasSubstr("second time"));
}

TEST(Baseline, what_is_expected_to_fail_cannot_be_flaky_as_well) {
  EXPECT_THAT(error_of(std::string(expects) + std::string(flaky)), HasSubstr("one of the two"));
}

TEST(Baseline, an_expected_failure_does_not_fail_the_run) {
  const auto run = applied(expects, {check("wire.status", "a", Verdict::fail),
                                     check("wire.charset", "a", Verdict::pass)});
  EXPECT_EQ(first(run).standing, Standing::expected_failure);
  EXPECT_EQ(first(run).standing_reason, "issue 12");
  EXPECT_EQ(exit_code(run), ExitCode::pass);
  EXPECT_EQ(run.baseline, "known.yaml");
}

TEST(Baseline, other_failures_fail_the_run_as_ever) {
  const auto run = applied(expects, {check("wire.status", "a", Verdict::fail),
                                     check("wire.charset", "a", Verdict::fail)});
  EXPECT_EQ(exit_code(run), ExitCode::violated);
}

TEST(Baseline, an_entry_that_passes_is_stale_and_fails_the_run) {
  const auto run = applied(expects, {check("wire.status", "a", Verdict::pass)});
  EXPECT_EQ(first(run).standing, Standing::stale);
  EXPECT_EQ(exit_code(run), ExitCode::violated);
}

TEST(Baseline, an_entry_that_fails_in_one_scenario_is_not_stale_in_another) {
  const auto run = applied(expects, {check("wire.status", "a", Verdict::pass),
                                     check("wire.status", "b", Verdict::fail)});
  EXPECT_EQ(first(run).standing, Standing::plain);
  EXPECT_EQ(exit_code(run), ExitCode::pass);
}

TEST(Baseline, an_entry_for_a_scenario_says_nothing_of_others) {
  const auto run = applied("expected_failures:\n  - {check: wire.status, scenario: b}\n",
                           {check("wire.status", "a", Verdict::fail)});
  EXPECT_EQ(first(run).standing, Standing::plain);
  EXPECT_EQ(exit_code(run), ExitCode::violated);
}

TEST(Baseline, skipped_or_undecided_is_not_stale) {
  for (const Verdict verdict : {Verdict::skip, Verdict::inconclusive, Verdict::error}) {
    const auto run = applied(
        expects, {check("wire.status", "a", verdict), check("wire.charset", "a", Verdict::pass)});
    EXPECT_EQ(first(run).standing, Standing::plain) << to_string(verdict);
    EXPECT_NE(exit_code(run), ExitCode::violated) << to_string(verdict);
  }
}

TEST(Baseline, a_warning_that_is_expected_does_not_fail_a_strict_run) {
  auto run = applied(expects, {check("wire.status", "a", Verdict::warn)});
  run.strict = true;
  EXPECT_EQ(exit_code(run), ExitCode::pass);
}

TEST(Baseline, what_is_known_to_be_flaky_never_fails_the_run) {
  for (const Verdict verdict :
       {Verdict::fail, Verdict::warn, Verdict::inconclusive, Verdict::error, Verdict::pass}) {
    const auto run = applied(
        flaky, {check("wire.status", "a", verdict), check("wire.charset", "a", Verdict::pass)});
    EXPECT_EQ(first(run).standing, Standing::flaky) << to_string(verdict);
    EXPECT_EQ(exit_code(run), ExitCode::pass) << to_string(verdict);
  }
}

TEST(Baseline, excuses_no_run_in_which_nothing_was_judged) {
  const auto run = applied(flaky, {check("wire.status", "a", Verdict::inconclusive)});
  EXPECT_EQ(exit_code(run), ExitCode::nothing_judged);
}

}  // namespace
}  // namespace streamgauge
