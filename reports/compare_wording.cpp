#include "reports/compare_wording.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace streamgauge::reports {

using compare::Comparison;
using compare::Design;
using compare::MetricResult;
using compare::Outcome;

namespace {

std::vector<std::string_view> titles_with(const Comparison& comparison, Outcome outcome) {
  std::vector<std::string_view> titles;
  for (const MetricResult& result : comparison.metrics) {
    if (result.judged && result.outcome == outcome) {
      titles.push_back(compare::metrics()[result.metric].title);
    }
  }
  return titles;
}

}  // namespace

Verdict verdict_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::same:
    case Outcome::improvement:
      return Verdict::pass;
    case Outcome::regression:
      return Verdict::fail;
    case Outcome::inconclusive:
      return Verdict::inconclusive;
    case Outcome::told:
      return Verdict::info;
    case Outcome::not_measured:
      break;
  }
  return Verdict::skip;
}

std::string path_words(const compare::SideFacts& side, std::string_view arrow) {
  std::string words = "clients";
  for (const std::string& hop : side.path) words += fmt::format(" {} {}", arrow, hop);
  return words + fmt::format(" {} target", arrow);
}

std::string runs_words(const Comparison& comparison) {
  const bool paired = comparison.design == Design::paired;
  const std::size_t judged = comparison.pairs_judged.size();
  const std::size_t a = comparison.sides[0].judged_runs, b = comparison.sides[1].judged_runs;
  std::string words =
      paired ? fmt::format("{} pairs", judged) : fmt::format("{} runs of A, {} of B", a, b);
  if (paired && a > judged) words += fmt::format(" of {} runs a side", a / judged);
  const std::size_t out = paired ? comparison.pairs_begun - judged : comparison.runs.size() - a - b;
  return out > 0 ? words + fmt::format(", {} left out", out) : words;
}

std::vector<std::string> left_out(const Comparison& comparison) {
  std::vector<std::string> sentences;
  for (const compare::ComparedRun& run : comparison.runs) {
    if (run.excluded.empty()) continue;
    const std::string which = comparison.design == Design::paired
                                  ? fmt::format("pair {}, {}", run.pair + 1, to_string(run.side))
                                  : fmt::format("{}, {}", to_string(run.side), run.origin);
    sentences.push_back(fmt::format("{}: {}", which, run.excluded));
  }
  return sentences;
}

std::string interval_words(const MetricResult& result) {
  if (!std::isfinite(result.high)) return "-";
  return fmt::format("{} to {}", compare::format_change(result.low),
                     compare::format_change(result.high));
}

std::string closing_sentence(const Comparison& comparison) {
  const auto named = [&](Outcome outcome) {
    return fmt::format("{}", fmt::join(titles_with(comparison, outcome), ", "));
  };
  switch (compare::exit_code(comparison)) {
    case ExitCode::pass: {
      const std::string better = named(Outcome::improvement);
      return better.empty()
                 ? "B is not worse than A beyond any delta."
                 : fmt::format("B is not worse than A beyond any delta, and better in: {}.",
                               better);
    }
    case ExitCode::violated:
      return fmt::format("B is worse than A in: {}.", named(Outcome::regression));
    case ExitCode::inconclusive:
      if (!comparison.undecided.empty()) return comparison.undecided + ".";
      return fmt::format("Not decided: {}.", named(Outcome::inconclusive));
    case ExitCode::nothing_judged:
      return "Nothing that is judged was measured on both sides.";
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return comparison.errors.front().message;
}

}  // namespace streamgauge::reports
