// How to do a run again: command lines, as a person would type them.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// The run's own command with the seed that it had; empty when none is known.
[[nodiscard]] std::string command_for(const RunResult& run);

/// The same for one check; empty where the command chooses its checks by other means.
[[nodiscard]] std::string command_for(const RunResult& run, std::string_view check);

/// The place of a scenario in the run, from 1: part of its id in a page.
[[nodiscard]] std::size_t scenario_number(const RunResult& run, const ScenarioResult& scenario);

}  // namespace streamgauge::reports
