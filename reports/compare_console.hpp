// A comparison as a person sees it on a terminal.
#pragma once

#include <string>

#include "harness/core/compare/comparison.hpp"
#include "reports/console.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_compare_console(const compare::Comparison& comparison,
                                                const ConsoleOptions& options = {});

}  // namespace streamgauge::reports
