#include "reports/github.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/core/base/units.hpp"
#include "reports/html_failures.hpp"
#include "reports/outcome.hpp"
#include "reports/text.hpp"
#include "reports/totals.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::size_t summary_bytes_max = 64u << 10;

struct Annotation {
  std::string_view kind;  // error, warning, notice
  std::string title, text;
};

Annotation annotation_of(const CheckResult& check, const RunResult& run) {
  const std::string title = fmt::format("{} in {}", check.id, check.scenario);
  std::string text = message_of(check);
  if (!check.finding.measured.empty()) text += "\nmeasured: " + check.finding.measured;
  if (!check.finding.bound.empty()) text += "\nbound: " + check.finding.bound;
  if (!check.finding.evidence.empty()) {
    const Evidence& e = check.finding.evidence.front();
    text +=
        fmt::format("\n{} {} {}", time_in_run(e.at, run.started), stream_name(e.stream), e.what);
  }
  const bool error = outcome_of(check, run.strict) == Outcome::failure;
  const bool warning =
      outcome_of(check, run.strict) == Outcome::error || check.finding.verdict == Verdict::warn;
  return {error ? "error" : warning ? "warning" : "notice", title, text};
}

std::vector<Annotation> annotations_of(const RunResult& run) {
  std::vector<Annotation> all;
  for (const RunProblem& problem : problems_of(run)) {
    all.push_back({"error", "streamgauge: " + problem.name, problem.message});
  }
  for (const Broken& broken : broken_checks(run)) {
    all.push_back(annotation_of(*broken.check, run));
  }
  return all;
}

std::string_view sign(const RunResult& run) {
  switch (exit_code(run)) {
    case ExitCode::pass:
      return "✅";
    case ExitCode::violated:
    case ExitCode::target:
    case ExitCode::usage:
      return "❌";
    case ExitCode::nothing_judged:
    case ExitCode::inconclusive:
      break;
  }
  return "❔";
}

void put_latency(std::string& out, const RunResult& run) {
  const Totals total = totals(run);
  const auto at = total.histograms.find("delivery");
  if (at == total.histograms.end() || at->second.empty()) return;
  const latency::Histogram& h = at->second;
  out += fmt::format(
      "\nDelivery of {} events from the intended send time: median {}, 99 % within {}, longest "
      "{}.\n",
      format_count(h.count()), format_duration(h.at_percentile(50)),
      format_duration(h.at_percentile(99)), format_duration(h.max()));
}

}  // namespace

std::string workflow_text(std::string_view raw, bool property) {
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    // Line by line, so that one annotation may have several, and nothing else steers the log.
    const std::size_t end = std::min(raw.find('\n', at), raw.size());
    for (const char c : printable(raw.substr(at, end - at))) {
      if (c == '%') {
        out += "%25";
      } else if (property && c == ':') {
        out += "%3A";
      } else if (property && c == ',') {
        out += "%2C";
      } else {
        out += c;
      }
    }
    if (end < raw.size()) out += property ? "\\n" : "%0A";
    at = end + 1;
  }
  return out;
}

std::string markdown_text(std::string_view raw) {
  constexpr std::string_view special = "\\`*_{}[]()#+-.!|~:@$^=";
  std::string out;
  for (const char c : printable(raw)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (special.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string write_github_annotations(const RunResult& run) {
  const std::vector<Annotation> all = annotations_of(run);
  // One place is for the word that there are more.
  const std::size_t shown = all.size() <= annotations_max ? all.size() : annotations_max - 1;
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    out += fmt::format("::{} title={}::{}\n", all[i].kind, workflow_text(all[i].title, true),
                       workflow_text(all[i].text, false));
  }
  if (shown < all.size()) {
    out +=
        fmt::format("::notice title=streamgauge::{} more in the step summary and in report.html\n",
                    all.size() - shown);
  }
  return out;
}

std::string write_github_summary(const RunResult& run) {
  const VerdictCounts n = count(run);
  std::string out = fmt::format("## {} streamgauge: {}\n\n{}\n\n", sign(run), verdict_text(run),
                                markdown_text(closing_sentence(run)));
  out += fmt::format("Target **{}**, contract **{}**, {} checks judged, {} skipped, took {}.\n",
                     markdown_text(run.target), markdown_text(run.contract), n.judged(), n.skip,
                     format_duration(run.length));
  const std::vector<Broken> broken = broken_checks(run);
  if (!broken.empty()) {
    out += "\n| Verdict | Check | Scenario | Measured | Bound | Why |\n|---|---|---|---|---|---|\n";
  }
  std::size_t rows = 0;
  for (const Broken& b : broken) {
    const Finding& f = b.check->finding;
    const std::string row = fmt::format(
        "| {} | {} | {} | {} | {} | {} |\n",
        b.check->standing == Standing::stale ? std::string_view{"stale"} : to_string(f.verdict),
        markdown_text(b.check->id), markdown_text(b.check->scenario), markdown_text(f.measured),
        markdown_text(f.bound), markdown_text(message_of(*b.check)));
    if (out.size() + row.size() > summary_bytes_max - 1024) break;
    out += row;
    ++rows;
  }
  if (rows < broken.size()) out += fmt::format("\nAnd {} more.\n", broken.size() - rows);
  put_latency(out, run);
  return out += "\nThe whole story is in report.html, among the run's artifacts.\n";
}

}  // namespace streamgauge::reports
