// The history of a run as a file: what has to be known beside the records to judge them again, and
// the judging. A saved scenario ends in the very verdicts of its run: the records go through the
// same folds, thread by thread, and the folds are merged in the same order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "harness/run/fold.hpp"
#include "harness/run/outcome.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

/// Writes the scenario's history if the plan wants one; `total` has merged every fold. `opened`:
/// whether the target could be. Errors carry ExitCode::target.
[[nodiscard]] Result<void> save_history(const Plan& plan, const PlannedScenario& planned,
                                        const CheckContext& context, const Fold& total,
                                        const RunFacts& facts, bool opened);

/// A history of a scenario that was not run, because every check of it is skipped.
[[nodiscard]] Result<void> save_skipped(const Plan& plan, const PlannedScenario& planned,
                                        Instant at);

/// Judges the histories of one run again: files of several scenarios, in any order. Errors are of
/// usage (2) and name the file: cut, damaged, not a history, of another version, of another run.
[[nodiscard]] Result<RunResult> judge_histories(const Home& home,
                                                const std::vector<std::string>& files, bool strict);

}  // namespace streamgauge::run
