#include "reports/openmetrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// Each family once, each sample in its family and once: what the format demands of a writer.
/// (tests/interop/formats reads the same with a parser that nobody here wrote.)
void expect_in_order(const std::string& text) {
  std::istringstream in(text);
  std::string line, family;
  std::set<std::string> families, samples;
  while (std::getline(in, line)) {
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << line;
    } else if (!line.starts_with("#")) {
      EXPECT_TRUE(line.starts_with(family)) << line;
      EXPECT_TRUE(samples.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
  }
  EXPECT_THAT(text, EndsWith("\n# EOF\n"));
}

TEST(OpenMetrics, looks_as_reviewed) {
  expect_golden("metrics-rich.txt", write_openmetrics(rich_run()));
  expect_golden("metrics-unreachable.txt", write_openmetrics(unreachable_run()));
}

TEST(OpenMetrics, keeps_families_together_and_samples_apart) {
  RunResult twice = rich_run();
  twice.scenarios.push_back(twice.scenarios.front());
  for (const RunResult& run : {rich_run(), passing_run(), unreachable_run(), RunResult{}, twice}) {
    expect_in_order(write_openmetrics(run));
  }
}

TEST(OpenMetrics, says_of_each_check_whether_it_fails_the_run) {
  const std::string out = write_openmetrics(run_with(
      {check_with("wire.status", Verdict::fail, "r"), check_with("wire.charset", Verdict::pass)}));
  EXPECT_THAT(out, HasSubstr("streamgauge_check_violated{check=\"wire.status\",scenario=\"only\","
                             "index=\"0\",verdict=\"fail\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("verdict=\"pass\"} 0\n"));
  EXPECT_THAT(out, HasSubstr("streamgauge_exit_code 1\n"));
}

TEST(OpenMetrics, hostile_labels_stay_in_their_quotes) {
  EXPECT_EQ(label_text("a\"b\\c\nd"), "a\\\"b\\\\c\\\\nd");
  RunResult run = run_with({check_with(hostile_bytes(), Verdict::fail, "r")});
  run.target = run.contract = run.scenarios[0].scenario = hostile_bytes() + "\"} 1\n# EOF\n";
  expect_in_order(write_openmetrics(run));
}

}  // namespace
}  // namespace streamgauge::reports
