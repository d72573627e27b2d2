// The control: what fails through a path is tried without it, to name the hop that is at fault.
//
// The same scenario with the same target and the checks that failed, first on a direct path. What
// fails there, too, is not the path's doing. For the rest hops are added one by one, from the
// target outwards, until a check fails: the hop that was added last is at fault.
#pragma once

#include <functional>

#include "harness/core/result/run_result.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

/// Runs the checks of `planned` and says what came of it; nullopt: it could not be run.
using Attempt = std::function<std::optional<ScenarioResult>(const PlannedScenario& planned)>;

/// Adds to each failing check of `result`, which came through `planned.path`, what the control
/// said: to its reason, and the name of the hop to `hop`.
void compare_with_control(const PlannedScenario& planned, ScenarioResult& result,
                          const Attempt& attempt);

/// The checks that `result` says are violated.
[[nodiscard]] std::vector<std::string> violated_checks(const ScenarioResult& result);

}  // namespace streamgauge::run
