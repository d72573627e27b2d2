// report.html: everything about a run on one page that opens without a network. The verdict first,
// then what broke, then all checks, then each scenario with its plots, then how it was run.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// `files`: names of the report's other files, for the list at the end.
[[nodiscard]] std::string write_html(const RunResult& run,
                                     const std::vector<std::string>& files = {});

}  // namespace streamgauge::reports
