#include "reports/html_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.hpp"
#include "reports/assets.hpp"
#include "reports/html_text.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

void cut(std::string& page, const Asset& asset) {
  if (const auto at = page.find(asset.text); at != std::string::npos) {
    page.replace(at, asset.text.size(), "…");
  }
}

/// What the writer wrote: scripts and style have files of their own, the hashes follow from them.
std::string own_part(const RunResult& run) {
  std::string page = write_html(run, {"junit.xml", "wire/steady-fanout-3.txt"});
  for (const Asset* asset :
       {&assets::chart_js, &assets::page_css, &assets::plots_js, &assets::tables_js}) {
    cut(page, *asset);
  }
  const std::size_t policy = page.find("<meta http-equiv");
  page.erase(policy, page.find('\n', policy) - policy);
  return page;
}

TEST(HtmlReport, looks_as_reviewed) {
  expect_golden("report-rich.html", own_part(rich_run()));
  expect_golden("report-unreachable.html", own_part(unreachable_run()));
  expect_golden("report-empty.html", own_part(RunResult{}));
}

TEST(HtmlReport, the_verdict_comes_first_then_what_broke_then_all_checks_then_the_rest) {
  const std::string page = own_part(rich_run());
  std::size_t before = 0;
  for (const char* part :
       {"<h1>", "id=\"broken\"", "heartbeat.cadence", "Measured", "2.31 s", "Evidence",
        "On the wire", "id=\"checks\"", "id=\"scenarios\"", "id=\"setup\""}) {
    const std::size_t at = page.find(part, before);
    ASSERT_NE(at, std::string::npos) << part;
    before = at;
  }
}

TEST(HtmlReport, hostile_text_never_becomes_markup) {
  const std::string hostile = hostile_bytes() + "</script><img src=x onerror=alert(1)>\"'`";
  RunResult run = run_with({check_with("wire.status", Verdict::fail, hostile)});
  run.command = "streamgauge gate " + hostile;
  run.target = run.target_description = run.contract = run.contract_text = hostile;
  run.environment.hostname = run.baseline = hostile;
  run.settings = run.flaws = {hostile};
  run.errors = {target_error(hostile)};
  ScenarioResult& s = run.scenarios[0];
  s.scenario = s.description = s.text = hostile;
  s.notes = {hostile};
  s.endings = {{hostile, 1}};
  s.marks = {{Mark::Kind::fault, run.started, run.started, hostile}};
  s.histograms[hostile].record(std::chrono::milliseconds{1});
  s.histograms["delivery"].record(std::chrono::milliseconds{1});  // so that there is a plot
  s.wire = {{0, {{run.started, WireChunk::Kind::received, hostile}}, 0}};
  CheckResult& check = s.checks[0];
  check.id = check.family = check.requirement = check.source = hostile;
  check.finding.measured = check.finding.bound = check.finding.repeated = hostile;
  check.finding.counts = {{hostile, 1}};
  check.finding.evidence = {{run.started, 0, hostile}};
  const std::string page = own_part(run);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(page, Not(HasSubstr("\u202e")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;"));
  // Three scripts, the data, and nothing else.
  std::size_t scripts = 0;
  for (std::size_t at = 0; (at = page.find("</script", at)) != std::string::npos; ++at) ++scripts;
  EXPECT_EQ(scripts, 4u);
}

TEST(HtmlReport, asks_nobody_for_anything) {
  for (const RunResult& run : {rich_run(), unreachable_run()}) {
    const std::string page = own_part(run);
    for (const char* reference : {" src=", "href=\"http", "@import", "url("}) {
      EXPECT_THAT(page, Not(HasSubstr(reference))) << reference;
    }
    EXPECT_THAT(write_html(run),
                HasSubstr("Content-Security-Policy\" content=\"default-src 'none'"));
  }
}

TEST(HtmlReport, a_page_without_plots_carries_no_chart_library) {
  EXPECT_THAT(write_html(unreachable_run()), Not(HasSubstr(assets::chart_js.text.substr(0, 300))));
  EXPECT_THAT(write_html(rich_run()), HasSubstr(assets::chart_js.text.substr(0, 300)));
}

TEST(HtmlReport, says_how_to_try_a_failing_check_again) {
  EXPECT_THAT(write_html(rich_run()),
              HasSubstr("./streamgauge gate --time-scale 0.05 --seed 7 --check heartbeat.cadence"));
  RunResult judged = rich_run();
  judged.command = "streamgauge judge history.sgh";
  EXPECT_THAT(own_part(judged), Not(HasSubstr("--check")));
}

TEST(HtmlText, escapes_what_markup_is_made_of_and_shows_what_cannot_be_seen) {
  EXPECT_EQ(html("a<b>&\"'\n\x01"), "a&lt;b&gt;&amp;&quot;&#39;\\n\\x01");
  EXPECT_EQ(html_lines("a: <b>\n\tc\n"), "a: &lt;b&gt;\n\\tc\n");
  EXPECT_EQ(html_id("wire.no-injection <x>"), "wire-no-injection--x-");
  EXPECT_EQ(json_in_html("</script>\"\n\xff"), R"("\u003c/script>\"\n\\xFF")");
}

}  // namespace
}  // namespace streamgauge::reports
