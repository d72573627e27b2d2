#include "reports/outcome.hpp"

#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {

bool excused(const CheckResult& check) {
  return check.standing != Standing::plain && check.standing != Standing::stale &&
         check.finding.verdict != Verdict::pass && check.finding.verdict != Verdict::info;
}

Outcome outcome_of(const CheckResult& check, bool strict) {
  if (violates(check, strict)) return Outcome::failure;
  if (excused(check)) return Outcome::skipped;
  switch (check.finding.verdict) {
    case Verdict::skip:
      return Outcome::skipped;
    case Verdict::inconclusive:
    case Verdict::error:
      return Outcome::error;
    case Verdict::pass:
    case Verdict::info:
    case Verdict::warn:
    case Verdict::fail:
      break;
  }
  return Outcome::passed;
}

std::string message_of(const CheckResult& check) {
  const Finding& f = check.finding;
  const std::string standing = standing_sentence(check);
  if (!standing.empty()) {
    return printable(standing + (f.reason.empty() ? "" : ": " + f.reason));
  }
  return printable(!f.reason.empty()     ? f.reason
                   : !f.measured.empty() ? f.measured
                                         : check.requirement);
}

std::vector<RunProblem> problems_of(const RunResult& run) {
  std::vector<RunProblem> problems;
  if (!run.errors.empty()) {
    std::string all;
    for (const Error& e : run.errors) all += e.message + '\n';
    problems.push_back({"target", "error", closing_sentence(run), std::move(all)});
  }
  if (run.interrupted) {
    problems.push_back({"finished", "interrupted", "The run was interrupted before its end.",
                        "Verdicts are about the part that was run.\n"});
  }
  if (run.errors.empty() && exit_code(run) == ExitCode::nothing_judged) {
    problems.push_back({"judged", "nothing judged", closing_sentence(run), {}});
  }
  return problems;
}

}  // namespace streamgauge::reports
