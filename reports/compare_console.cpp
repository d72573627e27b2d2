#include "reports/compare_console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/base/units.hpp"
#include "reports/compare_wording.hpp"
#include "reports/console_page.hpp"

namespace streamgauge::reports {
namespace {

using compare::Comparison;
using compare::MetricResult;
using compare::Outcome;

constexpr std::size_t left_out_max = 8;

/// Outcome, metric, A, B, change, interval, p, delta.
constexpr std::array<std::size_t, 8> widths{14, 17, 9, 9, 9, 20, 7, 8};

void put_row(Page& page, const std::array<std::string, 8>& cells, Tone tone) {
  std::string line = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += page.cell(cells[i], widths[i], i == 0 ? tone : Tone::plain,
                      i >= 2 ? Align::right : Align::left);
    line += ' ';
  }
  page.line(line);
}

void put_metric(Page& page, const MetricResult& result, bool with_reason) {
  const compare::Metric& metric = compare::metrics()[result.metric];
  const Look look = page.look(verdict_of(result.outcome));
  const bool measured = result.outcome != Outcome::not_measured;
  const auto value = [&](std::size_t side) {
    return measured ? compare::format_value(metric.unit, result.typical[side]) : std::string();
  };
  put_row(page,
          {fmt::format("{} {}", look.sign, to_string(result.outcome)), std::string(metric.title),
           value(0), value(1), measured ? compare::format_change(result.ratio) : "",
           measured ? interval_words(result) : "",
           result.judged && measured ? fmt::format("{:.2g}", result.p_adjusted) : "",
           result.judged ? compare::format_change(1 + result.delta) : ""},
          look.tone);
  if (with_reason && !result.reason.empty()) {
    page.barred(fmt::format("    {} ", page.bar()), page.clean(result.reason), Tone::dim);
  }
}

void put_table(Page& page, const Comparison& comparison, bool quiet) {
  page.line();
  put_row(page, {"", "B against A", "A", "B", "change", "95 % interval", "p", "delta"},
          Tone::plain);
  for (const MetricResult& result : comparison.metrics) {
    const bool open =
        result.outcome == Outcome::regression || result.outcome == Outcome::inconclusive;
    if (quiet && !open) continue;
    put_metric(page, result, open && comparison.undecided.empty());
  }
  page.line();
}

void put_left_out(Page& page, const Comparison& comparison) {
  const std::vector<std::string> sentences = left_out(comparison);
  for (std::size_t i = 0; i < std::min(sentences.size(), left_out_max); ++i) {
    page.labelled("left out", page.clean(sentences[i]), Tone::caution);
  }
  if (sentences.size() > left_out_max) {
    page.labelled("left out",
                  fmt::format("and {} more, see compare.json", sentences.size() - left_out_max));
  }
}

std::string_view verdict_word(const Comparison& comparison) {
  switch (compare::exit_code(comparison)) {
    case ExitCode::pass:
      return "NO REGRESSION";
    case ExitCode::violated:
      return "REGRESSION";
    case ExitCode::inconclusive:
      return "INCONCLUSIVE";
    case ExitCode::nothing_judged:
      return "NOTHING JUDGED";
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return "ERROR";
}

Verdict whole_verdict(ExitCode code) {
  if (code == ExitCode::pass) return Verdict::pass;
  if (code == ExitCode::violated) return Verdict::fail;
  if (code == ExitCode::inconclusive || code == ExitCode::nothing_judged) {
    return Verdict::inconclusive;
  }
  return Verdict::error;
}

}  // namespace

std::string write_compare_console(const Comparison& comparison, const ConsoleOptions& options) {
  Page page(options.width_columns, options.colour, options.ascii);
  page.line(page.paint(Tone::strong, "streamgauge compare"));
  for (const compare::Side side : {compare::Side::a, compare::Side::b}) {
    const compare::SideFacts& facts = comparison.sides[index(side)];
    page.labelled(to_string(side),
                  {page.clean(facts.name), page.clean(path_words(facts, page.arrow()))});
  }
  page.labelled("scenario", page.clean(comparison.scenario));
  page.labelled("runs", {runs_words(comparison), fmt::format("seed {}", comparison.seed)});
  if (comparison.runs.size() > 0) put_table(page, comparison, options.quiet);
  put_left_out(page, comparison);
  for (const Error& error : comparison.errors) {
    page.labelled("error", page.clean(error.message), Tone::bad);
  }
  if (!options.quiet) {
    for (const std::string& note : comparison.notes) page.labelled("note", page.clean(note));
  }
  page.labelled("took", format_duration(comparison.length));
  if (!options.report_folder.empty()) page.labelled("report", page.clean(options.report_folder));
  page.line();
  const ExitCode code = compare::exit_code(comparison);
  const Look look = page.look(whole_verdict(code));
  page.paragraph(
      page.paint(look.tone, fmt::format("  {} {}  ", look.sign, verdict_word(comparison))),
      fmt::format("{} (exit code {})", page.clean(closing_sentence(comparison)),
                  static_cast<int>(code)));
  return page.take();
}

}  // namespace streamgauge::reports
