#include "harness/core/result/run_result.hpp"

namespace streamgauge {

namespace {

struct Weight {
  bool violated = false, open = false;
};

Weight weight(const RunResult& run) {
  Weight sum;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      const Verdict verdict = check.finding.verdict;
      sum.violated |= violates(check, run.strict);
      sum.open |= (verdict == Verdict::inconclusive || verdict == Verdict::error) &&
                  check.standing != Standing::flaky;
    }
  }
  return sum;
}

}  // namespace

std::string_view to_string(Mark::Kind kind) {
  switch (kind) {
    case Mark::Kind::phase:
      return "phase";
    case Mark::Kind::fault:
      return "fault";
    case Mark::Kind::action:
      return "action";
    case Mark::Kind::target:
      return "target";
  }
  return "unknown";
}

bool violates(const CheckResult& check, bool strict) {
  if (check.standing == Standing::stale) return true;
  if (check.standing != Standing::plain) return false;
  return check.finding.verdict == Verdict::fail ||
         (strict && check.finding.verdict == Verdict::warn);
}

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
  const Weight sum = weight(run);
  if (sum.violated) return ExitCode::violated;
  if (count(run).judged() == 0 && !sum.open) return ExitCode::nothing_judged;
  // What an interrupted run had no time to judge may have failed.
  if (sum.open || run.interrupted) return ExitCode::inconclusive;
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
