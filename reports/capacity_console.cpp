#include "reports/capacity_console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/capacity_text.hpp"
#include "reports/console_page.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

using namespace capacity;

constexpr std::size_t gap = 2;
constexpr std::size_t outcome_column = 2;

std::string_view word_of(Verdict look) {
  if (look == Verdict::pass) return "PASS";
  return look == Verdict::fail ? "FAIL" : "INCONCLUSIVE";
}

void put_head(Page& page, const Capacity& capacity) {
  page.line(page.paint(Tone::strong, "Capacity of " + page.clean(capacity.target)));
  page.labelled("command", page.clean(capacity.command));
  if (!capacity.path.empty()) {
    std::string hops;
    for (const std::string& hop : capacity.path) hops += (hops.empty() ? "" : ", ") + hop;
    page.labelled("path", page.clean(hops));
  }
  page.labelled("contract", page.clean(capacity.contract));
  page.labelled("objectives", page.clean(objectives_text(capacity)));
  page.labelled("trials", {fmt::format("{} each", format_duration(capacity.hold)),
                           fmt::format("events of {}", format_size(capacity.size_bytes)),
                           fmt::format("{} generator thread{}", capacity.threads,
                                       capacity.threads == 1 ? "" : "s"),
                           fmt::format("time scale {:.3g}", capacity.time_scale)});
}

/// As many of the columns as the page is wide; those at the end go first.
void put_trials(Page& page, const AxisResult& axis) {
  std::vector<std::vector<std::string>> rows{trial_columns()};
  for (const TrialResult& trial : axis.trials) rows.push_back(trial_cells(axis.axis, trial));
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::size_t columns = 0, used = 0;
  while (columns < widths.size() && used + gap + widths[columns] <= page.width()) {
    used += gap + widths[columns++];
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      Tone tone = r == 0 ? Tone::dim : Tone::plain;
      if (r > 0 && i == outcome_column) {
        tone = page.look(look_of(axis.trials[r - 1].verdict.outcome)).tone;
      }
      line += "  " + page.cell(page.clean(rows[r][i]), widths[i], tone,
                               i == outcome_column ? Align::left : Align::right);
    }
    page.line(line);
  }
}

void put_axis(Page& page, const AxisResult& axis, bool quiet) {
  const Conclusion conclusion = conclude(axis);
  const Look look = page.look(look_of(conclusion));
  page.line();
  page.line(page.paint(Tone::strong, page.clean(axis_title(axis))));
  if (!quiet && !axis.trials.empty()) {
    put_trials(page, axis);
    page.line();
  }
  page.line("  " + page.paint(look.tone,
                              fmt::format("{} {}", look.sign, page.clean(conclusion.headline))));
  page.paragraph("    ", page.clean(conclusion.reason));
  if (quiet) return;
  page.labelled("law", page.clean(scalability_text(axis)));
  if (const std::string memory = memory_text(axis); !memory.empty()) {
    page.labelled("memory", page.clean(memory));
  }
  const TrialResult* typical = typical_at_answer(axis);
  if (!typical) return;
  const Measured& m = typical->measured;
  std::vector<std::string> parts{"at " + load_text(axis.axis, typical->trial.load)};
  if (m.p50) parts.push_back("p50 " + format_duration(*m.p50));
  if (m.p99) parts.push_back("p99 " + format_duration(*m.p99));
  if (m.p999) parts.push_back("p99.9 " + format_duration(*m.p999));
  if (m.target_cpu_us_per_delivery) {
    parts.push_back(
        fmt::format("{:.2f} us of processor a delivery", *m.target_cpu_us_per_delivery));
  }
  page.labelled("held", parts);
}

}  // namespace

std::string write_capacity_console(const Capacity& capacity, const ConsoleOptions& options) {
  Page page(options.width_columns, options.colour, options.ascii);
  if (!options.quiet) put_head(page, capacity);
  for (const AxisResult& axis : capacity.axes) put_axis(page, axis, options.quiet);
  page.line();
  for (const Error& error : capacity.errors) {
    page.labelled("error", page.clean(error.message), Tone::bad);
  }
  if (!options.quiet) {
    for (const std::string& note : capacity.notes) page.labelled("note", page.clean(note));
    page.labelled("took", format_duration(capacity.length));
  }
  if (capacity.interrupted) page.labelled("note", "interrupted: what is missing was not tried");
  if (!options.report_folder.empty()) page.labelled("report", page.clean(options.report_folder));
  page.line();
  const ExitCode code = exit_code(capacity);
  const Verdict verdict = code == ExitCode::pass           ? Verdict::pass
                          : code == ExitCode::inconclusive ? Verdict::inconclusive
                                                           : Verdict::fail;
  const Look look = page.look(verdict);
  page.line("  " + page.paint(look.tone, fmt::format("{} {}", look.sign, word_of(verdict))) +
            fmt::format("  {} (exit code {})", verdict_text(capacity), static_cast<int>(code)));
  return page.take();
}

std::string trial_line(Axis axis, const TrialResult& trial) {
  const Measured& m = trial.measured;
  std::string line =
      fmt::format("{:8} {}", word_of(trial.verdict.outcome), load_text(axis, trial.trial.load));
  if (m.p99) line += ", p99 " + format_duration(*m.p99);
  if (m.target) line += fmt::format(", target {:.0f} %", 100 * m.target->wanted());
  line += fmt::format(", generator {:.0f} %", 100 * m.generator.wanted());
  if (!trial.verdict.reason.empty()) line += ": " + printable(trial.verdict.reason);
  return line;
}

}  // namespace streamgauge::reports
