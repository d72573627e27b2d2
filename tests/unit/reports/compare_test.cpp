#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "harness/core/compare/sample.hpp"
#include "reports/compare_console.hpp"
#include "reports/compare_html.hpp"
#include "reports/compare_json.hpp"
#include "reports/result_json.hpp"
#include "sample_run.hpp"
#include "schema.hpp"
#include "tests/unit/compare/simulated.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;
using compare::Comparison;
using compare::Side;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// B is a fifth slower; one pair is left out.
Comparison slower() {
  Comparison comparison =
      compare::simulated_pairs(5, 12, {.slower = 1.2}, {.luck = 0.01, .drift = 0.02, .storms = 0});
  comparison.command = "streamgauge compare reference reference --b-path chaos:latency=1ms";
  comparison.scenario = "comparison";
  for (const Side side : {Side::a, Side::b}) comparison.sides[index(side)].name = "reference";
  comparison.sides[1].path = {"chaos:latency=1ms"};
  comparison.started = rich_run().started;
  comparison.runs[4].excluded = "the generator was saturated";
  comparison.notes = {"B passes more hops than A"};
  compare::judge(comparison, compare::by_default());
  return comparison;
}

Comparison stored(std::size_t runs) {
  Comparison comparison = compare::simulated_pairs(5, runs);
  comparison.design = compare::Design::unpaired;
  comparison.pairs_begun = 0;
  compare::judge(comparison, compare::by_default());
  return comparison;
}

Comparison broken() {
  Comparison comparison;
  comparison.errors.push_back(target_error("A, pair 1: nobody listens"));
  compare::judge(comparison, compare::by_default());
  return comparison;
}

TEST(CompareJson, keeps_to_its_schema) {
  Schema schema("compare.schema.json");
  for (const Comparison& comparison : {slower(), stored(6), stored(1), broken(), Comparison{}}) {
    EXPECT_THAT(schema.faults(json::parse(write_compare_json(comparison))), IsEmpty());
  }
}

TEST(CompareJson, states_verdict_metrics_and_every_run) {
  const json::value written = json::parse(write_compare_json(slower()));
  EXPECT_EQ(written.at("verdict"), "regression");
  EXPECT_EQ(written.at("exit_code"), 1);
  EXPECT_EQ(written.at("pairs_judged").as_array().size(), 11u);
  EXPECT_EQ(written.at("runs").as_array().size(), 24u);
  EXPECT_EQ(written.at("runs").at(4).at("left_out"), "the generator was saturated");
  const json::value& p50 = written.at("metrics").at(0);
  EXPECT_EQ(p50.at("outcome"), "regression");
  EXPECT_NEAR(p50.at("ratio").as_double(), 1.2, 0.05);
  EXPECT_EQ(p50.at("pair_ratios").as_array().size(), 11u);
}

TEST(CompareJson, an_interval_that_is_not_known_is_null) {
  const json::value written = json::parse(write_compare_json(stored(1)));
  EXPECT_EQ(written.at("metrics").at(0).at("interval"), (json::array{nullptr, nullptr}));
}

TEST(CompareConsole, tells_outcome_reason_what_was_left_out_and_the_exit_code) {
  const std::string text = write_compare_console(slower());
  for (const char* part :
       {"✗ regression   delivery p50", "is beyond +5.0 % and no chance", "11 pairs, 1 left out",
        "pair 3, ", "the generator was saturated", "B passes more hops", "✗ REGRESSION",
        "(exit code 1)", "clients → chaos:latency=1ms → target"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(write_compare_console(stored(1)), HasSubstr("at least 5 a side"));
  EXPECT_THAT(write_compare_console(broken()), HasSubstr("nobody listens"));
}

TEST(CompareConsole, quiet_keeps_what_is_worse_or_open) {
  ConsoleOptions options;
  options.quiet = true;
  const std::string text = write_compare_console(slower(), options);
  EXPECT_THAT(text, HasSubstr("delivery p50"));
  EXPECT_THAT(text, Not(HasSubstr("memory per stream")));
}

TEST(CompareHtml, has_the_table_both_curves_and_the_ratio_of_each_pair) {
  const std::string page = write_compare_html(slower());
  for (const char* part :
       {"Regression", "data-plot=\"latency\"", "data-plot=\"ratios\"", "\"xUnit\":\"Pair\"",
        "A reference", "B reference", "the generator was saturated", "./streamgauge compare"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  EXPECT_THAT(write_compare_html(stored(6)), Not(HasSubstr("data-plot=\"ratios\"")));
  EXPECT_THAT(write_compare_html(broken()), Not(HasSubstr("<canvas")));
}

TEST(CompareHtml, hostile_text_never_becomes_markup) {
  const std::string hostile = hostile_bytes() + "<img src=x onerror=alert(1)>";
  Comparison comparison = slower();
  comparison.command = comparison.scenario = comparison.environment.hostname = hostile;
  comparison.notes = {hostile};
  comparison.errors.push_back(target_error(hostile));
  comparison.runs[0].excluded = hostile;
  for (compare::SideFacts& side : comparison.sides) {
    side.name = hostile;
    side.path = {hostile};
  }
  EXPECT_THAT(write_compare_html(comparison), Not(HasSubstr("<img")));
  EXPECT_THAT(write_compare_console(comparison), Not(HasSubstr("\x1b")));
}

/// As `run` writes them: one scenario that delivered events.
RunResult finished_run() {
  RunResult run = passing_run();
  run.scenarios.resize(1);
  ScenarioResult& scenario = run.scenarios.front();
  scenario.scenario = "comparison";
  scenario.streams = 64;
  scenario.events_received = 12'800;
  scenario.resources.sampled = true;
  scenario.resources.load_cpu_ns = 50'000'000;
  scenario.resources.rss_peak_bytes = 9'000'000;
  scenario.histograms["delivery"] = compare::delivery_of(1e6, 2e6, 3e6);
  scenario.noise.generator_saturated = false;
  return run;
}

Result<compare::StoredRun> read_back(const RunResult& run, const std::string& scenario = {}) {
  return compare::read_stored_run(write_result_json(run), "result.json", scenario);
}

TEST(StoredRun, is_the_run_that_was_written) {
  const RunResult run = finished_run();
  const auto read = read_back(run);
  ASSERT_TRUE(read) << read.error().message;
  const compare::Sample fresh = compare::sample_of(run.scenarios.front());
  EXPECT_EQ(read->scenario, "comparison");
  EXPECT_EQ(read->target, run.target);
  EXPECT_EQ(read->sample.excluded, fresh.excluded);
  EXPECT_EQ(read->sample.excluded, "");
  for (const compare::Metric& metric : compare::metrics()) {
    EXPECT_EQ(metric.value(read->sample.figures), metric.value(fresh.figures)) << metric.id;
  }
  EXPECT_EQ(compare::unlike(*read, *read), "");
}

TEST(StoredRun, is_left_out_for_the_reasons_that_leave_out_a_fresh_one) {
  RunResult run = finished_run();
  run.scenarios[0].noise.target_starved = true;
  EXPECT_THAT(read_back(run)->sample.excluded, HasSubstr("was not let run"));
  run = finished_run();
  run.scenarios[0].noise.generator_saturated = true;
  EXPECT_THAT(read_back(run)->sample.excluded, HasSubstr("generator was saturated"));
  run = finished_run();
  run.scenarios[0].checks.push_back(check_with("delivery.no-loss", Verdict::fail));
  run.scenarios[0].checks.back().scenario = "comparison";
  EXPECT_THAT(read_back(run)->sample.excluded, HasSubstr("delivery.no-loss fails"));
  run = finished_run();
  run.interrupted = true;
  EXPECT_THAT(read_back(run)->sample.excluded, HasSubstr("interrupted"));
}

TEST(StoredRun, what_was_not_sampled_is_not_measured) {
  RunResult run = finished_run();
  run.scenarios[0].resources = {};
  EXPECT_FALSE(read_back(run)->sample.figures.cpu_ns);
  EXPECT_FALSE(read_back(run)->sample.figures.rss_peak_bytes);
}

TEST(StoredRun, errors_name_the_file_and_what_would_do) {
  const auto complaint = [](std::string_view text, const std::string& scenario = {}) {
    const auto read = compare::read_stored_run(text, "old.json", scenario);
    return read ? std::string("none") : read.error().message;
  };
  EXPECT_THAT(complaint("{"), HasSubstr("old.json: it is not JSON"));
  EXPECT_THAT(complaint("[]"), HasSubstr("no result of a run"));
  EXPECT_THAT(complaint(R"({"schema":"streamgauge/2"})"), HasSubstr("schema streamgauge/1"));
  EXPECT_THAT(complaint(R"({"schema":"streamgauge/1"})"), HasSubstr("no scenarios"));
  EXPECT_THAT(complaint(write_result_json(unreachable_run())), HasSubstr("nothing to compare"));
  RunResult two = finished_run();
  two.scenarios.push_back(two.scenarios.front());
  two.scenarios.back().scenario = "other";
  EXPECT_THAT(complaint(write_result_json(two)), HasSubstr("say which with --scenario"));
  EXPECT_EQ(complaint(write_result_json(two), "other"), "none");
  EXPECT_THAT(complaint(write_result_json(two), "othr"), HasSubstr("did you mean"));
}

TEST(StoredRun, those_of_different_scripts_are_not_compared) {
  const auto one = *read_back(finished_run());
  auto other = one;
  other.sample.figures.streams = 128;
  EXPECT_THAT(compare::unlike(one, other), HasSubstr("64 and 128 streams"));
  other = one;
  other.settings = {"phases.steady.for=9s"};
  EXPECT_THAT(compare::unlike(one, other), HasSubstr("--set"));
  other = one;
  other.script = "scenario: comparison";
  EXPECT_THAT(compare::unlike(one, other), HasSubstr("script"));
}

}  // namespace
}  // namespace streamgauge::reports
