#include "harness/core/result/run_result.hpp"

#include <gtest/gtest.h>

using namespace streamgauge;

namespace {

RunResult run_with(std::initializer_list<Verdict> verdicts) {
  RunResult run;
  // One scenario for each check: counting must not stop at the first.
  for (const Verdict verdict : verdicts) {
    CheckResult check;
    check.finding.verdict = verdict;
    run.scenarios.emplace_back().checks.push_back(check);
  }
  return run;
}

struct Case {
  std::initializer_list<Verdict> verdicts;
  ExitCode code;
  std::string_view text;
  ExitCode strict_code;
};

using enum Verdict;
const Case cases[] = {
    {{}, ExitCode::nothing_judged, "nothing judged", ExitCode::nothing_judged},
    {{skip}, ExitCode::nothing_judged, "nothing judged", ExitCode::nothing_judged},
    {{pass}, ExitCode::pass, "pass", ExitCode::pass},
    {{info}, ExitCode::pass, "pass", ExitCode::pass},
    {{warn}, ExitCode::pass, "pass", ExitCode::violated},
    {{pass, skip}, ExitCode::pass, "pass", ExitCode::pass},
    {{fail}, ExitCode::violated, "fail", ExitCode::violated},
    {{pass, fail, inconclusive}, ExitCode::violated, "fail", ExitCode::violated},
    {{error, fail}, ExitCode::violated, "fail", ExitCode::violated},
    {{inconclusive}, ExitCode::inconclusive, "inconclusive", ExitCode::inconclusive},
    {{error}, ExitCode::inconclusive, "inconclusive", ExitCode::inconclusive},
    {{skip, inconclusive}, ExitCode::inconclusive, "inconclusive", ExitCode::inconclusive},
    {{pass, error}, ExitCode::inconclusive, "inconclusive", ExitCode::inconclusive},
    {{warn, inconclusive}, ExitCode::inconclusive, "inconclusive", ExitCode::violated},
};

}  // namespace

TEST(RunResult, ends_in_the_code_that_outranks_the_others) {
  for (const Case& c : cases) {
    RunResult run = run_with(c.verdicts);
    EXPECT_EQ(exit_code(run), c.code) << c.text << ' ' << c.verdicts.size();
    EXPECT_EQ(verdict_text(run), c.text);
    run.strict = true;
    EXPECT_EQ(exit_code(run), c.strict_code);
  }
}

TEST(RunResult, lets_errors_outrank_every_verdict) {
  for (const Case& c : cases) {
    RunResult run = run_with(c.verdicts);
    run.errors.push_back(target_error("the target died"));
    run.errors.push_back(usage_error("later"));
    EXPECT_EQ(exit_code(run), ExitCode::target);
    EXPECT_EQ(verdict_text(run), "error");
  }
}

TEST(RunResult, is_never_green_with_an_error) {
  RunResult run = run_with({pass});
  run.errors.push_back(Error{ExitCode::pass, "a mistake of ours"});
  EXPECT_NE(exit_code(run), ExitCode::pass);
}

TEST(RunResult, is_never_green_when_interrupted) {
  RunResult run = run_with({pass});
  run.interrupted = true;
  EXPECT_EQ(exit_code(run), ExitCode::inconclusive);
  EXPECT_EQ(verdict_text(run), "inconclusive");
  run.scenarios.clear();
  EXPECT_EQ(exit_code(run), ExitCode::nothing_judged);
  run = run_with({fail});
  run.interrupted = true;
  EXPECT_EQ(exit_code(run), ExitCode::violated);
}

TEST(RunResult, counts_each_verdict_apart) {
  const VerdictCounts counts =
      count(run_with({pass, pass, fail, warn, info, skip, skip, inconclusive, error}));
  EXPECT_EQ(counts.pass, 2u);
  EXPECT_EQ(counts.fail, 1u);
  EXPECT_EQ(counts.warn, 1u);
  EXPECT_EQ(counts.info, 1u);
  EXPECT_EQ(counts.skip, 2u);
  EXPECT_EQ(counts.inconclusive, 1u);
  EXPECT_EQ(counts.error, 1u);
  EXPECT_EQ(counts.judged(), 5u);
}
