// Reading scenarios and target files from YAML; every error says file:line:column, the key, what
// was found and what is accepted. The core opens nothing: the caller passes the text.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge {

[[nodiscard]] Result<Scenario> load_scenario(std::string_view yaml, std::string file);
[[nodiscard]] Result<TargetSpec> load_target(std::string_view yaml, std::string file);

/// An error when all groups together have more streams than a run can hold: to be asked (again)
/// once resolve_streams() has put the contract's numbers in.
[[nodiscard]] Result<void> check_streams(const Scenario& scenario);

/// Applies "groups.readers.streams=10000" or "phases.*.publish.ticks.rate=10/s" the way a file
/// would say it; '*' stands for every name. The keys are those of scenarios/README.md. On an error
/// the scenario is as it was, and the message begins with the assignment.
[[nodiscard]] Result<void> set_scenario_value(Scenario& scenario, std::string_view assignment);

}  // namespace streamgauge
