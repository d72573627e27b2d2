#include "reports/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "golden.hpp"
#include "reports/console_page.hpp"
#include "reports/text.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

ConsoleOptions columns(std::size_t width) {
  ConsoleOptions options;
  options.width_columns = width;
  options.report_folder = "out/gate/2026-11-20T16-00-00Z";
  return options;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (const std::string& line : lines_of(text)) n += line.find(part) != std::string::npos;
  return n;
}

TEST(Console, looks_as_reviewed) {
  expect_golden("console-rich-80.txt", write_console(rich_run(), columns(80)));
  expect_golden("console-rich-120.txt", write_console(rich_run(), columns(120)));
  expect_golden("console-pass-100.txt", write_console(passing_run(), columns(100)));
  expect_golden("console-unreachable-80.txt", write_console(unreachable_run(), columns(80)));
  expect_golden("console-empty-80.txt", write_console(RunResult{}, columns(80)));
}

TEST(Console, looks_as_reviewed_in_colour_and_in_ascii) {
  ConsoleOptions colour = columns(100);
  colour.colour = true;
  expect_golden("console-rich-100-colour.txt", write_console(rich_run(), colour));
  ConsoleOptions ascii = columns(80);
  ascii.ascii = true;
  expect_golden("console-rich-80-ascii.txt", write_console(rich_run(), ascii));
}

TEST(Console, no_line_is_wider_than_the_page) {
  RunResult run = rich_run();
  run.scenarios[1].checks[0].finding.measured = std::string(300, 'm');
  run.scenarios[1].checks[0].finding.bound = std::string(300, 'b');
  run.scenarios[0].scenario = std::string(90, 's');
  run.scenarios[2].checks[1].id = "backpressure." + std::string(90, 'i');
  run.scenarios[1].notes = {std::string(500, 'n')};
  run.target = std::string(400, 't');
  for (const bool colour : {false, true}) {
    for (std::size_t width = 60; width <= 160; ++width) {
      ConsoleOptions options = columns(width);
      options.colour = colour;
      for (const std::string& line : lines_of(write_console(run, options))) {
        EXPECT_LE(painted_width(line), width) << line;
      }
    }
  }
}

TEST(Console, absurd_widths_are_brought_into_range) {
  EXPECT_EQ(write_console(rich_run(), columns(0)), write_console(rich_run(), columns(60)));
  EXPECT_EQ(write_console(rich_run(), columns(100'000)), write_console(rich_run(), columns(160)));
  EXPECT_NE(write_console(rich_run(), columns(60)), write_console(rich_run(), columns(61)));
}

TEST(Console, without_colour_there_is_no_escape_even_from_a_hostile_target) {
  RunResult run = rich_run();
  run.target = run.target_description = run.command = run.contract = hostile_bytes();
  run.flaws = {hostile_bytes()};
  run.errors = {target_error(hostile_bytes())};
  for (ScenarioResult& s : run.scenarios) {
    s.scenario = hostile_bytes();
    s.notes = {hostile_bytes()};
    s.endings = {{hostile_bytes(), 1}};
    for (CheckResult& c : s.checks) {
      c.requirement = c.source = hostile_bytes();
      c.finding.measured = c.finding.bound = c.finding.reason = hostile_bytes();
    }
  }
  const std::string page = write_console(run, columns(100));
  for (const char c : page) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
  EXPECT_EQ(valid_utf8(page), page);
  EXPECT_THAT(page, Not(HasSubstr("\u202e")));
  EXPECT_THAT(page, HasSubstr("\\x1B[31mred"));
}

TEST(Console, ascii_mode_holds_nothing_but_ascii) {
  ConsoleOptions options = columns(100);
  options.ascii = true;
  for (const char c : write_console(rich_run(), options)) {
    EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
  }
}

TEST(Console, colour_changes_no_letter) {
  ConsoleOptions colour = columns(100);
  colour.colour = true;
  std::string bare;
  const std::string painted = write_console(rich_run(), colour);
  for (std::size_t i = 0; i < painted.size(); ++i) {
    if (painted[i] == '\x1b') {
      i = painted.find('m', i);
    } else {
      bare += painted[i];
    }
  }
  std::string trimmed;
  for (std::string& line : lines_of(bare)) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    trimmed += line + "\n";
  }
  EXPECT_EQ(trimmed, write_console(rich_run(), columns(100)));
}

TEST(Console, a_passing_check_takes_one_line_however_much_it_measured) {
  CheckResult check = check_with("wire.status", Verdict::pass);
  check.finding.measured = std::string(200, 'm');
  check.finding.evidence = {{instant_from_ns(1), 0, "not worth a line"}};
  const std::string page = write_console(run_with({check}), columns(80));
  EXPECT_EQ(lines_with(page, "mmmm"), 1U);
  EXPECT_THAT(page, Not(HasSubstr("not worth a line")));
}

TEST(Console, what_was_cut_from_a_failing_line_is_told_in_full_below) {
  CheckResult check = check_with("wire.status", Verdict::fail, "It broke.");
  check.finding.measured = "start of what was measured, long enough to be cut off before the end";
  const std::string page = write_console(run_with({check}), columns(80));
  EXPECT_THAT(page, HasSubstr("measured: start of what was measured"));
  EXPECT_THAT(page, HasSubstr("bound: what was allowed"));
  EXPECT_THAT(page, HasSubstr("It broke."));
  EXPECT_THAT(page, HasSubstr("wire.status · MUST · A requirement. (a source)"));
}

TEST(Console, three_lines_of_evidence_are_shown_and_the_others_counted) {
  for (const std::size_t n : {2U, 3U, 4U}) {
    CheckResult check = check_with("wire.status", Verdict::fail, "It broke.");
    for (std::size_t i = 0; i < n; ++i) {
      check.finding.evidence.push_back({run_with({}).started + std::chrono::milliseconds{1500},
                                        static_cast<StreamId>(i), "telling fact"});
    }
    const std::string page = write_console(run_with({check}), columns(80));
    EXPECT_EQ(lines_with(page, "+1.500 s  stream "), std::min<std::size_t>(n, 3));
    EXPECT_EQ(lines_with(page, "and 1 more in result.json"), n == 4 ? 1U : 0U);
  }
}

TEST(Console, skips_of_one_reason_share_a_line) {
  const std::string page = write_console(
      run_with({check_with("wire.status", Verdict::pass),
                check_with("delivery.no-loss", Verdict::skip, "The target cannot publish."),
                check_with("delivery.in-order", Verdict::skip, "The target cannot publish."),
                check_with("eviction.within", Verdict::skip, "No bound is stated.")}),
      columns(100));
  EXPECT_EQ(lines_with(page, "The target cannot publish: delivery.no-loss, delivery.in-order"), 1U);
  EXPECT_EQ(lines_with(page, "No bound is stated: eviction.within"), 1U);
  EXPECT_EQ(lines_with(page, "skipped"), 1U);
  EXPECT_THAT(page, HasSubstr("1 pass · 3 skip"));
}

TEST(Console, a_check_of_several_scenarios_names_them_and_others_do_not) {
  const std::string rich = write_console(rich_run(), columns(100));
  EXPECT_THAT(rich, HasSubstr("  ✗ fail            steady-fanout "));
  const std::string one =
      write_console(run_with({check_with("wire.status", Verdict::pass)}), columns(100));
  EXPECT_THAT(one, HasSubstr("  ✓ pass  status  what was measured  what was allowed\n"));
}

TEST(Console, says_when_the_generator_fell_behind_or_the_lag_is_unknown) {
  RunResult run = passing_run();
  EXPECT_THAT(write_console(run, columns(160)), HasSubstr("the generator kept its schedule"));
  run.scenarios[1].noise.generator_saturated = true;
  EXPECT_THAT(write_console(run, columns(160)),
              HasSubstr("the generator fell behind its schedule in slow-consumer"));
  run.scenarios[0].noise = {};
  EXPECT_THAT(write_console(run, columns(160)), HasSubstr("scheduling lag was not measured"));
  run.scenarios[0].length = {};  // not run: nothing to measure
  EXPECT_THAT(write_console(run, columns(160)), HasSubstr("scheduling lag p99"));
}

struct ClosingCase {
  std::string_view name;
  std::vector<CheckResult> checks;
  bool strict;
  std::string_view sentence;
};

TEST(Console, the_last_line_says_verdict_reason_and_exit_code) {
  const std::vector<ClosingCase> cases{
      {"pass",
       {check_with("a.b", Verdict::pass)},
       false,
       "✓ PASS  Every guarantee that was judged holds. (exit code 0)"},
      {"warn",
       {check_with("a.b", Verdict::warn, "r")},
       false,
       "✓ PASS  Every guarantee that was judged holds; a recommendation is not followed: a.b. "
       "(exit code 0)"},
      {"strict",
       {check_with("a.b", Verdict::warn, "r")},
       true,
       "✗ FAIL  A guarantee is violated: a.b (strict: a warning counts). (exit code 1)"},
      {"fail",
       {check_with("a.b", Verdict::fail, "r"), check_with("a.c", Verdict::fail, "r"),
        check_with("a.d", Verdict::fail, "r"), check_with("a.e", Verdict::fail, "r")},
       true,
       "✗ FAIL  4 guarantees are violated: a.b, a.c, a.d and 1 more. (exit code 1)"},
      {"skip",
       {check_with("a.b", Verdict::skip, "r")},
       false,
       "? NOTHING JUDGED  Nothing was judged: the only check was skipped. (exit code 4)"},
      {"open",
       {check_with("a.b", Verdict::pass), check_with("a.c", Verdict::inconclusive, "r")},
       false,
       "? INCONCLUSIVE  A check could not be decided: a.c. Nothing that was decided is violated. "
       "(exit code 5)"},
  };
  for (const ClosingCase& c : cases) {
    RunResult run = run_with(c.checks);
    run.strict = c.strict;
    EXPECT_THAT(write_console(run, columns(160)), HasSubstr(c.sentence)) << c.name;
  }
}

TEST(Console, a_thousand_checks_are_a_thousand_lines) {
  std::vector<CheckResult> checks;
  for (int i = 0; i < 1000; ++i) {
    checks.push_back(check_with("wire.c" + std::to_string(i), Verdict::pass));
  }
  EXPECT_EQ(lines_with(write_console(run_with(std::move(checks)), columns(80)), "✓ pass"), 1000U);
}

TEST(Console, tells_by_key_what_a_contract_does_not_state) {
  auto queue = check_with("backpressure.isolation", Verdict::skip, "states no queue");
  queue.finding.not_stated = "queue";
  auto latency = check_with("delivery.latency", Verdict::skip, "states no delivery.latency_p99");
  latency.finding.not_stated = "delivery.latency_p99";
  auto again = latency;  // goes without saying where there is no queue
  again.finding.not_stated = "queue.critical_kept";
  RunResult run = run_with({queue, latency, again});
  run.contract = "llm-stream";
  const std::string text = write_console(run, columns(100));
  EXPECT_THAT(text,
              HasSubstr("not stated by contract 'llm-stream': queue, delivery.latency_p99\n"));
  EXPECT_EQ(lines_with(text, "not stated"), 1u);
}

TEST(Console, tells_of_a_second_attempt_also_where_it_passed) {
  auto check = check_with("heartbeat.cadence", Verdict::pass);
  check.finding.repeated = "the first was: fail";
  EXPECT_THAT(write_console(run_with({check}), columns(100)),
              HasSubstr("repeated: the first was: fail"));
}

TEST(Console, tells_what_a_baseline_makes_of_a_verdict) {
  auto check = check_with("wire.status", Verdict::fail, "404");
  check.standing = Standing::expected_failure;
  check.standing_reason = "issue 12";
  EXPECT_THAT(write_console(run_with({check}), columns(100)), HasSubstr("(issue 12)"));
  check = check_with("wire.status", Verdict::pass);
  check.standing = Standing::stale;
  ConsoleOptions quiet = columns(100);
  quiet.quiet = true;
  const std::string text = write_console(run_with({check}), quiet);
  EXPECT_THAT(text, HasSubstr("the entry is stale"));
  EXPECT_THAT(text, HasSubstr("(exit code 1)"));
}

}  // namespace
}  // namespace streamgauge::reports
