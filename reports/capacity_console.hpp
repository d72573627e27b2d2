// What a person sees at the end of a search for capacity: for each axis the answer, why the search
// stopped there, the trials, and what the fits say. Knows no terminal, see console.hpp.
#pragma once

#include <string>

#include "harness/core/capacity/capacity.hpp"
#include "reports/console.hpp"

namespace streamgauge::reports {

/// Quiet: the answers and the verdict only.
[[nodiscard]] std::string write_capacity_console(const capacity::Capacity& capacity,
                                                 const ConsoleOptions& options = {});

/// One line for a trial that is over, for people who watch: "held  4 000 streams  p99 3.1 ms ..."
[[nodiscard]] std::string trial_line(capacity::Axis axis, const capacity::TrialResult& trial);

}  // namespace streamgauge::reports
