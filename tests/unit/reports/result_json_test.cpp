#include "reports/result_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "golden.hpp"
#include "harness/core/latency/base64.hpp"
#include "reports/json_text.hpp"
#include "reports/text.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

json::object read(const std::string& text) {
  return json::parse(text).as_object();
}

/// Encoded histograms depend on the version of zlib: not a matter for goldens.
std::string without_hdr(std::string text) {
  const std::string key = "\"hdr\": \"";
  for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
    at += key.size();
    text.replace(at, text.find('"', at) - at, "...");
  }
  return text;
}

/// What result.schema.json says of `value`, as far as required, properties, additionalProperties,
/// items, $ref, enum, const and type go; tests/interop/report-schema asks a full validator.
class Schema {
 public:
  Schema() {
    std::ifstream file(SG_SOURCE_DIR "/reports/result.schema.json");
    std::ostringstream text;
    text << file.rdbuf();
    root_ = json::parse(text.str()).as_object();
  }
  std::vector<std::string> faults(const json::value& value) {
    faults_.clear();
    judge(value, root_, "");
    return faults_;
  }

 private:
  void fault(const std::string& where, const std::string& what) {
    faults_.push_back((where.empty() ? "/" : where) + ": " + what);
  }
  static bool is_of(const json::value& v, std::string_view type) {
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_bool();
    if (type == "null") return v.is_null();
    if (type == "integer") return v.is_int64() || v.is_uint64();
    if (type == "number") return v.is_number();
    return false;
  }
  void judge(const json::value& v, const json::object& schema, const std::string& where) {
    if (const json::value* ref = schema.if_contains("$ref")) {
      const std::string name{ref->as_string().subview(std::string_view("#/$defs/").size())};
      judge(v, root_.at("$defs").as_object().at(name).as_object(), where);
    }
    if (const json::value* type = schema.if_contains("type")) {
      bool ok = false;
      if (type->is_string())
        ok = is_of(v, type->as_string());
      else
        for (const json::value& t : type->as_array()) ok = ok || is_of(v, t.as_string());
      if (!ok) fault(where, "wrong type");
    }
    if (const json::value* allowed = schema.if_contains("enum")) {
      bool ok = false;
      for (const json::value& one : allowed->as_array()) ok = ok || one == v;
      if (!ok) fault(where, "not in enum");
    }
    if (const json::value* one = schema.if_contains("const"); one != nullptr && *one != v) {
      fault(where, "not the constant");
    }
    if (const json::value* items = schema.if_contains("items"); items != nullptr && v.is_array()) {
      std::size_t i = 0;
      for (const json::value& item : v.get_array()) {
        judge(item, items->as_object(), where + "/" + std::to_string(i++));
      }
    }
    if (v.is_object()) judge_members(v.get_object(), schema, where);
  }
  void judge_members(const json::object& o, const json::object& schema, const std::string& where) {
    if (const json::value* required = schema.if_contains("required")) {
      for (const json::value& key : required->as_array()) {
        if (!o.contains(key.as_string())) fault(where, "lacks " + std::string(key.as_string()));
      }
    }
    const json::value* known = schema.if_contains("properties");
    const json::value* others = schema.if_contains("additionalProperties");
    for (const auto& [key, value] : o) {
      const std::string there = where + "/" + std::string(key);
      if (const json::value* p = known ? known->as_object().if_contains(key) : nullptr) {
        judge(value, p->as_object(), there);
      } else if (others != nullptr && others->is_bool() && !others->as_bool()) {
        fault(there, "not in the schema");
      } else if (others != nullptr && others->is_object()) {
        judge(value, others->as_object(), there);
      }
    }
  }

  json::object root_;
  std::vector<std::string> faults_;
};

TEST(ResultJson, looks_as_reviewed) {
  expect_golden("result-rich.json", without_hdr(write_result_json(rich_run(), {"junit.xml"})));
  expect_golden("result-unreachable.json", write_result_json(unreachable_run()));
}

TEST(ResultJson, keeps_to_its_schema) {
  Schema schema;
  for (const RunResult& run : {rich_run(), passing_run(), unreachable_run(), RunResult{}}) {
    EXPECT_THAT(schema.faults(json::parse(write_result_json(run))), testing::IsEmpty());
  }
}

TEST(ResultJson, the_schema_test_itself_sees_what_is_wrong) {
  Schema schema;
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
