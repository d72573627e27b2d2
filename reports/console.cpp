#include "reports/console.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/console_checks.hpp"
#include "reports/console_page.hpp"
#include "reports/text.hpp"
#include "reports/totals.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

using Row = std::vector<std::string>;

/// Columns of a table that fits a page, and the space between them.
struct Layout {
  std::vector<std::size_t> widths;
  std::size_t gap = 3;
};

/// A narrow page costs space first, then the label's length, then the last columns.
Layout layout_of(const std::vector<Row>& rows, std::size_t page_width) {
  constexpr std::size_t label_min = 14;
  Layout out;
  out.widths.resize(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out.widths[i] = std::max(out.widths[i], display_width(row[i]));
    }
  }
  const auto figures = [&out] {
    std::size_t sum = 2;
    for (std::size_t i = 1; i < out.widths.size(); ++i) sum += out.widths[i] + out.gap;
    return sum;
  };
  if (figures() + out.widths[0] > page_width) out.gap = 2;
  while (out.widths.size() > 1 && figures() + label_min > page_width) out.widths.pop_back();
  out.widths[0] = std::min(out.widths[0], page_width - figures());
  return out;
}

/// The first column to the left, figures to the right; the first row is the head.
void put_table(Page& page, const std::vector<Row>& rows) {
  const Layout layout = layout_of(rows, page.width());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const bool head = r == 0;
    std::string line = head ? "" : "  ";
    line +=
        page.cell(rows[r][0], layout.widths[0] + (head ? 2 : 0), head ? Tone::strong : Tone::plain);
    for (std::size_t i = 1; i < layout.widths.size(); ++i) {
      line += std::string(layout.gap, ' ') +
              page.cell(rows[r][i], layout.widths[i], head ? Tone::dim : Tone::plain, Align::right);
    }
    page.line(line);
  }
  page.line();
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string{separator}) + part;
  return out;
}

void put_head(Page& page, const RunResult& run) {
  page.line();
  page.line(page.paint(Tone::strong, "streamgauge") + " " +
            page.paint(Tone::dim, page.clean(run.environment.streamgauge_version)));
  if (!run.command.empty()) page.labelled("command", page.clean(run.command));
  std::string target = page.clean(run.target);
  if (!run.target_description.empty() && run.target_description != run.target) {
    target += fmt::format("{}{}", page.dot(), page.clean(run.target_description));
  }
  if (!target.empty()) page.labelled("target", target);
  if (!run.path.empty()) {
    const auto arrow = fmt::format(" {} ", page.arrow());
    page.labelled("path",
                  page.clean("clients" + arrow + joined(run.path, arrow) + arrow + "target"));
  }
  if (!run.contract.empty()) page.labelled("contract", page.clean(run.contract));
  std::vector<std::string> settings{fmt::format("time scale {:g}", run.time_scale),
                                    fmt::format("seed {}", run.seed)};
  if (run.strict) settings.emplace_back("strict");
  page.labelled("settings", settings);
  if (!run.baseline.empty()) page.labelled("baseline", page.clean(run.baseline));
  if (!run.flaws.empty()) {
    page.labelled("flaws", page.clean(joined(run.flaws, ", ")), Tone::caution);
  }
  page.line();
  // The closing sentence says a lone error; here it would only stand twice.
  if (run.errors.empty() || (run.errors.size() == 1 && run.scenarios.empty())) return;
  const Look look = page.look(Verdict::error);
  for (const Error& e : run.errors) {
    page.paragraph("  " + page.paint(look.tone, look.sign + " error") + "  ",
                   page.clean(e.message));
  }
  page.line();
}

void put_latency(Page& page, const RunResult& run) {
  std::vector<Row> rows{{"delivery latency", "p50", "p90", "p99", "p99.9", "max"}};
  for (const ScenarioResult& s : run.scenarios) {
    const auto at = s.histograms.find("delivery");
    if (at == s.histograms.end() || at->second.empty()) continue;
    const latency::Histogram& h = at->second;
    rows.push_back({page.clean(s.scenario), format_duration(h.at_percentile(50)),
                    format_duration(h.at_percentile(90)), format_duration(h.at_percentile(99)),
                    format_duration(h.at_percentile(99.9)), format_duration(h.max())});
    for (std::string& figure : rows.back()) figure = page.clean(figure);
  }
  if (rows.size() > 1) put_table(page, rows);
}

void put_load(Page& page, const RunResult& run) {
  std::vector<Row> rows{{"load", "streams", "events", "bytes",
                         fmt::format("memory start {} peak", page.arrow()), "CPU"}};
  for (const ScenarioResult& s : run.scenarios) {
    const Resources& r = s.resources;
    const std::string none{page.dash()};
    rows.push_back(
        {page.clean(s.scenario), format_count(s.streams), format_count(s.events_received),
         format_size(s.bytes_received),
         r.sampled ? fmt::format("{} {} {}", format_size(r.rss_start_bytes), page.arrow(),
                                 format_size(r.rss_peak_bytes))
                   : none,
         r.sampled ? format_duration(Duration{static_cast<std::int64_t>(r.cpu_ns)}) : none});
  }
  if (rows.size() > 1) put_table(page, rows);
}

void put_machine(Page& page, const RunResult& run, const Totals& total) {
  if (run.scenarios.empty()) return;
  std::string lag = "scheduling lag was not measured";
  if (total.noise.measured) {
    lag = fmt::format("scheduling lag p99 {}, max {}", format_duration(total.noise.lag_p99),
                      format_duration(total.noise.lag_max));
  }
  std::vector<std::string> behind;
  for (const ScenarioResult& s : run.scenarios) {
    if (s.noise.generator_saturated) behind.push_back(s.scenario);
  }
  if (behind.empty()) {
    page.labelled("machine",
                  page.clean(lag) + std::string{page.dot()} + "the generator kept its schedule");
  } else {
    page.labelled("machine", page.clean(lag));
    page.labelled("",
                  page.clean("the generator fell behind its schedule in " + joined(behind, ", ") +
                             ": figures include its own delay"),
                  Tone::caution);
  }
  std::vector<std::string> endings;
  for (const auto& [ending, n] : total.endings) {
    if (n > 0) endings.push_back(page.clean(format_count(n) + " " + ending));
  }
  if (!endings.empty()) page.labelled("endings", endings);
}

void put_notes(Page& page, const RunResult& run) {
  std::string_view label = "notes";
  for (const ScenarioResult& s : run.scenarios) {
    for (const std::string& note : s.notes) {
      // Of many scenarios the line about the machine says it for all; result.json says it for each.
      const bool ordinary = note.starts_with("the generator was not saturated");
      if (ordinary && run.scenarios.size() > 1) continue;
      page.labelled(label, page.clean(s.scenario + ": " + note), Tone::dim);
      label = {};
    }
  }
}

std::vector<std::string> counts_text(const VerdictCounts& n) {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, std::string_view word) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, word));
  };
  add(n.fail, "fail");
  add(n.error, "error");
  add(n.inconclusive, "inconclusive");
  add(n.warn, "warn");
  add(n.pass, "pass");
  add(n.info, "info");
  add(n.skip, "skip");
  if (parts.empty()) parts.emplace_back("none");
  return parts;
}

Verdict overall(ExitCode code) {
  switch (code) {
    case ExitCode::pass:
      return Verdict::pass;
    case ExitCode::violated:
      return Verdict::fail;
    case ExitCode::usage:
    case ExitCode::target:
      return Verdict::error;
    case ExitCode::nothing_judged:
    case ExitCode::inconclusive:
      break;
  }
  return Verdict::inconclusive;
}

void put_verdict(Page& page, const RunResult& run, const std::string& folder) {
  page.labelled("checks", counts_text(count(run)));
  page.labelled("took", page.clean(format_duration(run.length)));
  if (!folder.empty()) page.labelled("report", page.clean(folder));
  page.line();
  const ExitCode code = exit_code(run);
  const Look look = page.look(overall(code));
  std::string word{verdict_text(run)};
  for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  page.paragraph(
      "  " + page.paint(look.tone, look.sign + " " + word) + "  ",
      fmt::format("{} (exit code {})", page.clean(closing_sentence(run)), static_cast<int>(code)));
  page.line();
}

}  // namespace

std::string write_console(const RunResult& run, const ConsoleOptions& options) {
  Page page(options.width_columns, options.colour, options.ascii);
  put_head(page, run);
  put_checks(page, run, options.quiet);
  if (!options.quiet) {
    put_latency(page, run);
    put_load(page, run);
    put_machine(page, run, totals(run));
    put_notes(page, run);
  }
  put_verdict(page, run, options.report_folder);
  return page.take();
}

}  // namespace streamgauge::reports
