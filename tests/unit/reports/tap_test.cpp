#include "reports/tap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a consumer makes of it: the plan is kept, and a point that is not ok and no TODO is red.
bool is_green(const std::string& tap) {
  std::istringstream in(tap);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "TAP version 14");
  std::getline(in, line);
  EXPECT_EQ(line.substr(0, 3), "1..");
  const int plan = std::stoi(line.substr(3));
  int points = 0;
  bool green = plan > 0;
  while (std::getline(in, line)) {
    if (line.starts_with("  ")) continue;
    const bool ok = line.starts_with("ok ");
    EXPECT_TRUE(ok || line.starts_with("not ok ")) << line;
    green = green && (ok || line.find(" # TODO ") != std::string::npos);
    ++points;
  }
  EXPECT_EQ(points, plan);
  return green;
}

TEST(Tap, looks_as_reviewed) {
  expect_golden("results-rich.tap", write_tap(rich_run()));
  expect_golden("results-unreachable.tap", write_tap(unreachable_run()));
  expect_golden("results-empty.tap", write_tap(RunResult{}));
}

TEST(Tap, is_green_exactly_when_the_exit_code_is_0) {
  std::vector<RunResult> runs{rich_run(), passing_run(), unreachable_run(), RunResult{}};
  for (const Verdict v : {Verdict::pass, Verdict::info, Verdict::skip, Verdict::warn,
                          Verdict::inconclusive, Verdict::error, Verdict::fail}) {
    runs.push_back(run_with({check_with("wire.status", v, "r")}));
    runs.push_back(runs.back());
    runs.back().strict = true;
    runs.push_back(
        run_with({check_with("wire.status", v, "r"), check_with("wire.charset", Verdict::pass)}));
    runs.back().scenarios[0].checks[0].standing = Standing::expected_failure;
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].scenarios.size() == 1 && exit_code(runs[i]) == ExitCode::inconclusive &&
        runs[i].scenarios[0].checks[0].standing == Standing::expected_failure) {
      continue;  // expected to fail, and undecided: JUnit says skipped, too
    }
    EXPECT_EQ(is_green(write_tap(runs[i])), exit_code(runs[i]) == ExitCode::pass) << i;
  }
}

TEST(Tap, hostile_text_stays_on_its_line_and_gives_no_directive) {
  EXPECT_EQ(tap_text("a # SKIP \\ b\nnot ok 9"), "a \\# SKIP \\\\ b\\\\nnot ok 9");
  RunResult run =
      run_with({check_with("x # TODO y", Verdict::fail, hostile_bytes() + "\n...\nok 7")});
  run.scenarios[0].checks[0].finding.evidence = {{run.started, 0, hostile_bytes()}};
  const std::string tap = write_tap(run);
  EXPECT_FALSE(is_green(tap));
  EXPECT_THAT(tap, Not(HasSubstr("\x1b")));
  EXPECT_THAT(tap, HasSubstr("x \\# TODO y"));
}

}  // namespace
}  // namespace streamgauge::reports
