#include "harness/core/result/run_result.hpp"

namespace streamgauge {

VerdictCounts count(const RunResult& run) {
  VerdictCounts counts;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      switch (check.finding.verdict) {
        case Verdict::pass:
          ++counts.pass;
          break;
        case Verdict::info:
          ++counts.info;
          break;
        case Verdict::skip:
          ++counts.skip;
          break;
        case Verdict::warn:
          ++counts.warn;
          break;
        case Verdict::inconclusive:
          ++counts.inconclusive;
          break;
        case Verdict::error:
          ++counts.error;
          break;
        case Verdict::fail:
          ++counts.fail;
          break;
      }
    }
  }
  return counts;
}

ExitCode exit_code(const RunResult& run) {
  for (const Error& error : run.errors) {
    // An error that says "pass" would be a bug of whoever made it, never a green run.
    return error.exit_code == ExitCode::pass ? ExitCode::target : error.exit_code;
  }
  const VerdictCounts counts = count(run);
  if (counts.fail > 0 || (run.strict && counts.warn > 0)) return ExitCode::violated;
  const std::size_t open = counts.inconclusive + counts.error;
  if (counts.judged() == 0 && open == 0) return ExitCode::nothing_judged;
  // What an interrupted run had no time to judge may have failed.
  if (open > 0 || run.interrupted) return ExitCode::inconclusive;
  return ExitCode::pass;
}

std::string_view verdict_text(const RunResult& run) {
  if (!run.errors.empty()) return "error";
  switch (exit_code(run)) {
    case ExitCode::pass:
      return "pass";
    case ExitCode::violated:
      return "fail";
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

}  // namespace streamgauge
