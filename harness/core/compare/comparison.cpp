#include "harness/core/compare/comparison.hpp"

#include <algorithm>

namespace streamgauge::compare {

std::string_view to_string(Design design) {
  return design == Design::paired ? "paired" : "unpaired";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::same:
      return "same";
    case Outcome::improvement:
      return "improvement";
    case Outcome::regression:
      return "regression";
    case Outcome::inconclusive:
      return "inconclusive";
    case Outcome::told:
      return "told";
    case Outcome::not_measured:
      return "not measured";
  }
  return "unknown";
}

ExitCode exit_code(const Comparison& comparison) {
  if (!comparison.errors.empty()) return comparison.errors.front().exit_code;
  const auto any = [&](Outcome outcome) {
    return std::any_of(
        comparison.metrics.begin(), comparison.metrics.end(),
        [&](const MetricResult& metric) { return metric.judged && metric.outcome == outcome; });
  };
  if (any(Outcome::regression)) return ExitCode::violated;
  if (any(Outcome::inconclusive)) return ExitCode::inconclusive;
  if (any(Outcome::same) || any(Outcome::improvement)) return ExitCode::pass;
  return comparison.undecided.empty() ? ExitCode::nothing_judged : ExitCode::inconclusive;
}

std::string_view verdict_text(const Comparison& comparison) {
  switch (exit_code(comparison)) {
    case ExitCode::pass:
      return "no regression";
    case ExitCode::violated:
      return "regression";
    case ExitCode::nothing_judged:
      return "nothing judged";
    case ExitCode::inconclusive:
      return "inconclusive";
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return "error";
}

}  // namespace streamgauge::compare
