#include "reports/junit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.hpp"
#include "sample_run.hpp"
#include "xml_reader.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;

struct Tally {
  int cases = 0, failures = 0, errors = 0, skipped = 0;
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Counts what is there and holds each suite's attributes to it.
Tally tally_of(const XmlElement& root) {
  Tally sum;
  EXPECT_EQ(root.name, "testsuites");
  for (const XmlElement* suite : root.all("testsuite")) {
    Tally here;
    for (const XmlElement* c : suite->all("testcase")) {
      ++here.cases;
      here.failures += static_cast<int>(c->all("failure").size());
      here.errors += static_cast<int>(c->all("error").size());
      here.skipped += static_cast<int>(c->all("skipped").size());
    }
    const Tally stated{suite->number("tests"), suite->number("failures"), suite->number("errors"),
                       suite->number("skipped")};
    EXPECT_EQ(stated, here) << suite->attributes.at("name");
    sum = {sum.cases + here.cases, sum.failures + here.failures, sum.errors + here.errors,
           sum.skipped + here.skipped};
  }
  return sum;
}

const XmlElement& only_case(const XmlElement& root) {
  return *root.all("testsuite").at(0)->all("testcase").at(0);
}

TEST(Junit, looks_as_reviewed) {
  expect_golden("junit-rich.xml", write_junit(rich_run()));
  expect_golden("junit-unreachable.xml", write_junit(unreachable_run()));
  expect_golden("junit-empty.xml", write_junit(RunResult{}));
}

TEST(Junit, tells_failures_from_errors_and_skips_and_counts_them) {
  EXPECT_EQ(tally_of(read_xml(write_junit(rich_run()))), (Tally{15, 1, 2, 4}));
  RunResult strict = rich_run();
  strict.strict = true;
  EXPECT_EQ(tally_of(read_xml(write_junit(strict))), (Tally{15, 2, 2, 4}));
}

TEST(Junit, each_verdict_becomes_its_element) {
  const std::vector<std::tuple<Verdict, bool, std::string, std::string>> cases{
      {Verdict::pass, true, "", ""},
      {Verdict::info, true, "", ""},
      {Verdict::warn, false, "", ""},
      {Verdict::warn, true, "failure", "warn"},
      {Verdict::fail, false, "failure", "fail"},
      {Verdict::error, false, "error", "error"},
      {Verdict::inconclusive, false, "error", "inconclusive"}};
  for (const auto& [verdict, strict, element, type] : cases) {
    RunResult run = run_with({check_with("wire.status", verdict, "The reason.")});
    run.strict = strict;
    const XmlElement root = read_xml(write_junit(run));
    const XmlElement& c = only_case(root);
    EXPECT_EQ(c.attributes.at("name"), "wire.status");
    EXPECT_EQ(c.attributes.at("classname"), "streamgauge.only.wire");
    if (element.empty()) {
      EXPECT_TRUE(c.children.empty()) << to_string(verdict);
      continue;
    }
    ASSERT_EQ(c.children.size(), 1U) << to_string(verdict);
    EXPECT_EQ(c.children[0].name, element);
    EXPECT_EQ(c.children[0].attributes.at("type"), type);
    EXPECT_EQ(c.children[0].attributes.at("message"), "The reason.");
    EXPECT_THAT(c.children[0].text, HasSubstr("measured: what was measured"));
  }
}

TEST(Junit, something_is_red_exactly_when_the_exit_code_is_not_0) {
  std::vector<RunResult> runs{rich_run(), passing_run(), unreachable_run(), RunResult{}};
  for (const Verdict v : {Verdict::pass, Verdict::info, Verdict::skip, Verdict::warn,
                          Verdict::inconclusive, Verdict::error, Verdict::fail}) {
    runs.push_back(run_with({check_with("wire.status", v, "r")}));
  }
  const std::size_t plain = runs.size();
  for (std::size_t i = 0; i < plain; ++i) {
    runs.push_back(runs[i]);
    runs.back().strict = true;
    runs.push_back(runs[i]);
    runs.back().interrupted = true;
    runs.push_back(runs[i]);
    runs.back().errors.push_back(target_error("The target died."));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Tally tally = tally_of(read_xml(write_junit(runs[i])));
    EXPECT_EQ(tally.failures + tally.errors > 0, exit_code(runs[i]) != ExitCode::pass) << i;
    EXPECT_GT(tally.cases, 0) << i << ": never an empty file";
  }
}

TEST(Junit, an_unreachable_target_is_an_error_of_the_case_target) {
  const XmlElement root = read_xml(write_junit(unreachable_run()));
  EXPECT_EQ(root.all("testsuite").at(0)->attributes.at("name"), "streamgauge");
  const XmlElement& c = only_case(root);
  EXPECT_EQ(c.attributes.at("name"), "target");
  EXPECT_THAT(c.all("error").at(0)->attributes.at("message"), HasSubstr("refused the connection"));
}

TEST(Junit, hostile_text_stays_well_formed_and_readable) {
  RunResult run = run_with({check_with("wire.status", Verdict::fail, hostile_bytes())});
  run.target = run.contract = run.environment.hostname = hostile_bytes();
  run.scenarios[0].scenario = hostile_bytes();
  CheckResult& check = run.scenarios[0].checks[0];
  check.id = check.family = check.requirement = check.source = hostile_bytes();
  check.finding.measured = check.finding.bound = hostile_bytes();
  check.finding.counts = {{hostile_bytes(), 1}};
  check.finding.evidence = {{run.started, 0, hostile_bytes()}};
  run.errors = {target_error(hostile_bytes())};
  const XmlElement root = read_xml(write_junit(run));
  EXPECT_EQ(tally_of(root), (Tally{2, 1, 1, 0}));
  const XmlElement& failure = root.all("testsuite").at(1)->all("testcase").at(0)->children.at(0);
  EXPECT_THAT(failure.text, HasSubstr("\\x1B[31mred\\r\\n\\t\\x00<&\">]]>\\xFF"));
}

TEST(Junit, characters_outside_xml_become_text_and_white_space_survives) {
  EXPECT_EQ(xml_text("a<b>&\"c\"\r\n\t"), "a&lt;b&gt;&amp;\"c\"&#13;\n\t");
  EXPECT_EQ(xml_attribute("\"\r\n\t"), "&quot;&#13;&#10;&#9;");
  EXPECT_EQ(xml_text(std::string_view("\0\x08\x1f", 3)), "\\x00\\x08\\x1F");
  EXPECT_EQ(xml_text("\uFFFE\uFFFF\uFFFD"), "\\u{FFFE}\\u{FFFF}\uFFFD");
  EXPECT_EQ(xml_text("\xED\xA0\x80"), "\\xED\\xA0\\x80");
}

TEST(Junit, times_of_cases_add_up_to_the_time_that_passed) {
  double sum = 0;
  const XmlElement root = read_xml(write_junit(rich_run()));
  for (const XmlElement* suite : root.all("testsuite")) {
    for (const XmlElement* c : suite->all("testcase")) sum += std::stod(c->attributes.at("time"));
  }
  EXPECT_NEAR(sum, 11.4 + 15 + 14.1, 0.01);
}

TEST(Junit, shows_failures_that_a_baseline_excuses_as_skipped_and_stale_entries_as_failures) {
  auto expected = check_with("wire.status", Verdict::fail, "404");
  expected.standing = Standing::expected_failure;
  expected.standing_reason = "issue 12";
  auto flaky = check_with("wire.charset", Verdict::inconclusive, "noise");
  flaky.standing = Standing::flaky;
  auto stale = check_with("wire.grammar", Verdict::pass);
  stale.standing = Standing::stale;
  stale.finding.repeated = "the first was: fail";
  const std::string xml = write_junit(run_with({expected, flaky, stale}));
  EXPECT_THAT(xml, HasSubstr("failures=\"1\" errors=\"0\" skipped=\"2\""));
  EXPECT_THAT(xml, HasSubstr("type=\"stale\""));
  EXPECT_THAT(xml, HasSubstr("issue 12"));
  EXPECT_THAT(xml, HasSubstr("repeated: the first was: fail"));
}

}  // namespace
}  // namespace streamgauge::reports
