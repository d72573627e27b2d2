#include "reports/result_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "golden.hpp"
#include "harness/core/latency/base64.hpp"
#include "reports/json_text.hpp"
#include "reports/text.hpp"
#include "sample_run.hpp"
#include "schema.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

json::object read(const std::string& text) {
  return json::parse(text).as_object();
}

TEST(ResultJson, looks_as_reviewed) {
  expect_golden("result-rich.json", without_hdr(write_result_json(rich_run(), {"junit.xml"})));
  expect_golden("result-unreachable.json", write_result_json(unreachable_run()));
}

TEST(ResultJson, keeps_to_its_schema) {
  Schema schema("result.schema.json");
  for (const RunResult& run : {rich_run(), passing_run(), unreachable_run(), RunResult{}}) {
    EXPECT_THAT(schema.faults(json::parse(write_result_json(run))), testing::IsEmpty());
  }
}

TEST(ResultJson, the_schema_test_itself_sees_what_is_wrong) {
  Schema schema("result.schema.json");
  json::value result = json::parse(write_result_json(rich_run()));
  result.as_object()["surprise"] = 1;
  result.as_object().erase("seed");
  result.as_object()["exit_code"] = 6;
  result.at("checks").at(0).as_object()["level"] = "must";
  result.at("checks").at(0).as_object()["counts"] = json::object{{"n", "many"}};
  EXPECT_EQ(schema.faults(result).size(), 5U);
}

TEST(ResultJson, states_verdict_exit_code_and_counts) {
  const json::object o = read(write_result_json(rich_run()));
  EXPECT_EQ(o.at("schema"), "streamgauge/1");
  EXPECT_EQ(o.at("verdict"), "fail");
  EXPECT_EQ(o.at("exit_code"), 1);
  EXPECT_EQ(o.at("started"), "2026-11-20T16:00:00.250Z");
  EXPECT_EQ(o.at("checks").as_array().size(), 15U);
  EXPECT_EQ(o.at("summary").at("judged"), 9);
  EXPECT_EQ(o.at("load").at("events_received"), 56'912);
  EXPECT_EQ(o.at("endings").at("reset"), 2);
}

TEST(ResultJson, histograms_come_back_equal_and_the_top_level_merges_exactly) {
  const RunResult run = rich_run();
  const json::object o = read(write_result_json(run));
  latency::Histogram expected = run.scenarios[1].histograms.at("delivery");
  expected.merge(run.scenarios[2].histograms.at("delivery"));
  const json::object& delivery = o.at("histograms").at("delivery").as_object();
  const auto bytes = latency::base64_decode(delivery.at("hdr").as_string());
  ASSERT_TRUE(bytes);
  const auto decoded = latency::decode(*bytes);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(*decoded == expected);
  EXPECT_EQ(delivery.at("count").to_number<std::uint64_t>(), expected.count());
  EXPECT_EQ(delivery.at("p999").as_int64(), expected.at_percentile(99.9).count());
  EXPECT_EQ(delivery.at("max").as_int64(), expected.max().count());
}

TEST(ResultJson, an_empty_histogram_has_no_percentiles) {
  RunResult run = passing_run();
  run.scenarios[0].histograms["headers"] = latency::Histogram{};
  const json::object o = read(write_result_json(run));
  const json::object& headers = o.at("histograms").at("headers").as_object();
  EXPECT_EQ(headers.at("count"), 0);
  EXPECT_TRUE(headers.at("p99").is_null());
  EXPECT_TRUE(headers.at("mean").is_null());
}

TEST(ResultJson, what_was_not_measured_is_null_and_not_0) {
  RunResult run = passing_run();
  for (ScenarioResult& s : run.scenarios) {
    s.resources.sampled = false;
    s.noise.measured = false;
  }
  run.scenarios[0].checks[0].finding.evidence = {{Instant{}, no_stream, "about the run"}};
  const json::object o = read(write_result_json(run));
  EXPECT_TRUE(o.at("resources").at("target").at("rss_peak_bytes").is_null());
  EXPECT_TRUE(o.at("noise").at("lag_p99_ns").is_null());
  const json::value& evidence = o.at("checks").at(0).at("evidence").at(0);
  EXPECT_TRUE(evidence.at("at_s").is_null());
  EXPECT_TRUE(evidence.at("stream").is_null());
}

TEST(ResultJson, resources_of_one_unsampled_scenario_do_not_lower_the_totals) {
  RunResult run = passing_run();
  run.scenarios[0].resources = {};
  run.scenarios[1].resources.rss_start_bytes = 5;
  const json::object o = read(write_result_json(run));
  EXPECT_EQ(o.at("resources").at("target").at("rss_start_bytes"), 5);
  EXPECT_EQ(o.at("resources").at("sampled"), true);
}

TEST(ResultJson, broken_bytes_appear_as_text_and_the_rest_is_kept) {
  RunResult run = run_with({check_with("wire.status", Verdict::fail, hostile_bytes())});
  run.command = run.target = run.contract = hostile_bytes();
  run.scenarios[0].scenario = hostile_bytes();
  run.scenarios[0].endings = {{hostile_bytes(), 1}};
  run.scenarios[0].notes = {hostile_bytes()};
  const std::string text = write_result_json(run);
  EXPECT_EQ(valid_utf8(text), text);
  const json::object o = read(text);
  EXPECT_EQ(std::string_view(o.at("target").as_string()), valid_utf8(hostile_bytes()));
  EXPECT_THAT(std::string(o.at("checks").at(0).at("reason").as_string()),
              testing::HasSubstr("\\xFF\\xC0\\xAF"));
}

TEST(JsonText, numbers_are_plain_and_never_nan) {
  EXPECT_EQ(json_text(1.5), "1.5\n");
  EXPECT_EQ(json_text(0.05), "0.05\n");
  EXPECT_EQ(json_text(std::numeric_limits<double>::quiet_NaN()), "null\n");
  EXPECT_EQ(json_text(-std::numeric_limits<double>::infinity()), "null\n");
  EXPECT_EQ(json_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615\n");
}

TEST(JsonText, short_things_stay_on_a_line_and_all_reads_back_the_same) {
  EXPECT_EQ(json_text(json::array{}), "[]\n");
  EXPECT_EQ(json_text(json::object{}), "{}\n");
  EXPECT_EQ(json_text(json::object{{"a", {1, 2}}}), "{\n  \"a\": [1, 2]\n}\n");
  for (std::size_t length = 50; length < 80; ++length) {
    const json::value value = {{"key \"quoted\"", {std::string(length, 'x'), nullptr, true}}};
    const std::string text = json_text(value);
    EXPECT_EQ(json::parse(text), value);
    const bool one_line = text.find("[\"xxx") != std::string::npos;
    EXPECT_EQ(one_line, length <= 64) << length;
  }
}

}  // namespace
}  // namespace streamgauge::reports
