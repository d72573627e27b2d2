#include "reports/github.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::ptrdiff_t count_of_lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST(GithubAnnotations, look_as_reviewed) {
  expect_golden("github-annotations-rich.txt", write_github_annotations(rich_run()));
  expect_golden("github-summary-rich.md", write_github_summary(rich_run()));
  expect_golden("github-summary-unreachable.md", write_github_summary(unreachable_run()));
}

TEST(GithubAnnotations, are_ten_at_most_and_say_when_there_are_more) {
  for (const int n : {0, 1, 10, 11, 40}) {
    std::vector<CheckResult> checks{check_with("a.a", Verdict::pass)};
    for (int i = 0; i < n; ++i) checks.push_back(check_with("a.b", Verdict::fail, "r"));
    const std::string out = write_github_annotations(run_with(checks));
    EXPECT_EQ(count_of_lines(out), std::min(n, 10)) << n;
    const std::string more = std::to_string(n - 9) + " more";
    EXPECT_EQ(out.find(more) != std::string::npos, n > 10) << n;
  }
}

TEST(GithubAnnotations, violations_come_first_and_each_verdict_has_its_kind) {
  const std::string out = write_github_annotations(run_with(
      {check_with("a.warn", Verdict::warn, "w"), check_with("a.open", Verdict::inconclusive, "o"),
       check_with("a.fail", Verdict::fail, "f"), check_with("a.pass", Verdict::pass)}));
  EXPECT_THAT(out, StartsWith("::error title=a.fail in only::f"));
  EXPECT_THAT(out, HasSubstr("\n::warning title=a.open in only::o"));
  EXPECT_THAT(out, HasSubstr("\n::warning title=a.warn in only::w"));
  EXPECT_THAT(out, Not(HasSubstr("a.pass")));
  EXPECT_THAT(write_github_annotations(unreachable_run()),
              StartsWith("::error title=streamgauge%3A target::"));
  EXPECT_EQ(write_github_annotations(passing_run()), "");
}

TEST(GithubAnnotations, hostile_text_gives_no_command_of_its_own) {
  EXPECT_EQ(workflow_text("100% a\r\n::set-env name=x::y", false),
            "100%25 a\\r%0A::set-env name=x::y");
  EXPECT_EQ(workflow_text("a:b,c\nd%0A", true), "a%3Ab%2Cc\\nd%250A");
  CheckResult check =
      check_with("a.b", Verdict::fail, "x\n::stop-commands::token\n" + hostile_bytes());
  check.finding.measured = "\n::error::forged";
  const std::string out = write_github_annotations(run_with({check}));
  EXPECT_EQ(count_of_lines(out), 1);
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
}

TEST(GithubSummary, hostile_text_is_neither_link_nor_image_nor_cell) {
  EXPECT_EQ(markdown_text("![x](http://e/) | `c` <b> & *"),
            "\\!\\[x\\]\\(http\\://e/\\) \\| \\`c\\` &lt;b&gt; &amp; \\*");
  const std::string out = write_github_summary(
      run_with({check_with("a.b", Verdict::fail, "| ![](http://evil/) <script>\n\n# big")}));
  EXPECT_THAT(out, Not(HasSubstr("<script>")));
  EXPECT_THAT(out, Not(HasSubstr("![](")));
  EXPECT_THAT(out, Not(HasSubstr("\n# big")));
}

TEST(GithubSummary, stays_small_however_much_fails) {
  std::vector<CheckResult> checks;
  for (int i = 0; i < 2000; ++i)
    checks.push_back(check_with("a.b", Verdict::fail, std::string(500, 'x')));
  const std::string out = write_github_summary(run_with(checks));
  EXPECT_LE(out.size(), 64u << 10);
  EXPECT_THAT(out, HasSubstr(" more.\n"));
}

}  // namespace
}  // namespace streamgauge::reports
