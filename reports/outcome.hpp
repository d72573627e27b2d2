// What a pipeline is told of a check and of a run: red, yellow, grey or green. Formats for
// pipelines share it, so that none is green where another is red.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

enum class Outcome { passed, failure, error, skipped };

/// Violations are failures; inconclusive and crashed checks are errors: CI must see them, as the
/// exit code does, but they are no violation. What a baseline excuses is skipped.
[[nodiscard]] Outcome outcome_of(const CheckResult& check, bool strict);

/// A failure that a baseline has announced.
[[nodiscard]] bool excused(const CheckResult& check);

/// What to say in a line: the reason, else what was measured; with the baseline's word.
[[nodiscard]] std::string message_of(const CheckResult& check);

/// What concerns the whole run: unreachable target, interruption, nothing judged. Together with the
/// outcomes of checks, something is red exactly when the exit code is not 0.
struct RunProblem {
  std::string name;     // "target", "finished", "judged"
  std::string type;     // "error", "interrupted", "nothing judged"
  std::string message;  // a sentence
  std::string details;  // more of them, lines; may be empty
};
[[nodiscard]] std::vector<RunProblem> problems_of(const RunResult& run);

}  // namespace streamgauge::reports
