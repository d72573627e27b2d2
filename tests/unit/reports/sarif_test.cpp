#include "reports/sarif.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

json::object run_of(const RunResult& run) {
  return json::parse(write_sarif(run)).at("runs").as_array().at(0).as_object();
}

TEST(Sarif, looks_as_reviewed) {
  expect_golden("results-rich.sarif", write_sarif(rich_run()));
  expect_golden("results-unreachable.sarif", write_sarif(unreachable_run()));
}

TEST(Sarif, each_verdict_has_its_level) {
  for (const auto& [verdict, strict, level] : {std::tuple{Verdict::fail, false, "error"},
                                               {Verdict::warn, false, "warning"},
                                               {Verdict::warn, true, "error"},
                                               {Verdict::inconclusive, false, "note"},
                                               {Verdict::error, false, "note"}}) {
    RunResult run = run_with({check_with("wire.status", verdict, "Because.")});
    run.strict = strict;
    const json::object out = run_of(run);
    const json::value& result = out.at("results").as_array().at(0);
    EXPECT_EQ(result.at("level").as_string(), level);
    EXPECT_EQ(result.at("ruleId").as_string(), "wire.status");
    EXPECT_EQ(out.at("tool").at("driver").at("rules").as_array().at(0).at("id").as_string(),
              "wire.status");
  }
  for (const Verdict verdict : {Verdict::pass, Verdict::info, Verdict::skip}) {
    EXPECT_TRUE(
        run_of(run_with({check_with("a.b", verdict, "r")})).at("results").as_array().empty());
  }
}

TEST(Sarif, results_point_at_their_rule_and_a_check_has_one_rule) {
  RunResult run =
      run_with({check_with("a.a", Verdict::fail, "1"), check_with("b.b", Verdict::fail, "2"),
                check_with("a.a", Verdict::fail, "3")});
  const json::object out = run_of(run);
  EXPECT_EQ(out.at("tool").at("driver").at("rules").as_array().size(), 2u);
  std::vector<std::uint64_t> rules;
  for (const json::value& result : out.at("results").as_array()) {
    rules.push_back(result.at("ruleIndex").to_number<std::uint64_t>());
  }
  EXPECT_THAT(rules, testing::ElementsAre(0, 1, 0));
}

TEST(Sarif, a_run_that_could_not_be_carried_out_says_so) {
  const json::object out = run_of(unreachable_run());
  const json::value& invocation = out.at("invocations").as_array().at(0);
  EXPECT_FALSE(invocation.at("executionSuccessful").as_bool());
  EXPECT_EQ(invocation.at("exitCode").to_number<int>(), 3);
  EXPECT_EQ(invocation.at("toolExecutionNotifications").as_array().size(), 1u);
}

TEST(Sarif, what_a_baseline_excuses_is_suppressed) {
  CheckResult check = check_with("wire.status", Verdict::fail, "404");
  check.standing = Standing::expected_failure;
  check.standing_reason = "issue 12";
  const json::object out = run_of(run_with({check}));
  const json::value& result = out.at("results").as_array().at(0);
  EXPECT_EQ(result.at("suppressions").as_array().size(), 1u);
}

TEST(Sarif, hostile_text_stays_json) {
  RunResult run = run_with({check_with(hostile_bytes(), Verdict::fail, hostile_bytes())});
  run.target = run.command = hostile_bytes();
  run.errors = {target_error(hostile_bytes())};
  run.scenarios[0].checks[0].finding.evidence = {{run.started, 0, hostile_bytes()}};
  EXPECT_EQ(run_of(run).at("results").as_array().size(), 1u);
  EXPECT_THAT(write_sarif(run), testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace streamgauge::reports
