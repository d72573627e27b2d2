#include "reports/tap.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <vector>

#include "reports/outcome.hpp"
#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

/// A double-quoted scalar of YAML; JSON's strings are such.
std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::value(printable(text)));
}

void entry(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) out += fmt::format("  {}: {}\n", key, quoted(value));
}

std::string diagnostics(const CheckResult& check, Instant run_start) {
  const Finding& f = check.finding;
  std::string out = "  ---\n";
  entry(out, "message", message_of(check));
  entry(out, "severity", to_string(f.verdict));
  entry(out, "level", to_string(check.level));
  entry(out, "requirement", check.requirement);
  entry(out, "source", check.source);
  entry(out, "measured", f.measured);
  entry(out, "bound", f.bound);
  if (!f.evidence.empty()) out += "  evidence:\n";
  for (const Evidence& e : f.evidence) {
    out += fmt::format("    - {}\n", quoted(fmt::format("{} {} {}", time_in_run(e.at, run_start),
                                                        stream_name(e.stream), e.what)));
  }
  return out += "  ...\n";
}

std::string point(const CheckResult& check, std::size_t number, const RunResult& run) {
  const std::string name =
      fmt::format("{} - {} in {}", number, tap_text(check.id), tap_text(check.scenario));
  switch (outcome_of(check, run.strict)) {
    case Outcome::passed:
      return fmt::format("ok {}\n", name);
    case Outcome::skipped:
      // A TODO may fail without failing the whole: that is what a baseline means.
      return excused(check)
                 ? fmt::format("not ok {} # TODO {}\n", name, tap_text(message_of(check)))
                 : fmt::format("ok {} # SKIP {}\n", name, tap_text(message_of(check)));
    case Outcome::failure:
    case Outcome::error:
      break;
  }
  return fmt::format("not ok {}\n{}", name, diagnostics(check, run.started));
}

}  // namespace

std::string tap_text(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw)) {
    if (c == '\\' || c == '#') out += '\\';
    out += c;
  }
  return out;
}

std::string write_tap(const RunResult& run) {
  std::string points;
  std::size_t number = 0;
  for (const RunProblem& problem : problems_of(run)) {
    points += fmt::format("not ok {} - streamgauge {}\n  ---\n", ++number, problem.name);
    entry(points, "message", problem.message);
    entry(points, "severity", problem.type);
    points += "  ...\n";
  }
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) points += point(check, ++number, run);
  }
  return fmt::format("TAP version 14\n1..{}\n{}", number, points);
}

}  // namespace streamgauge::reports
