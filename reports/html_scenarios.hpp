// One folded part of the page for each scenario: figures, plots, histograms, the script as run.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "reports/html_plot.hpp"

namespace streamgauge::reports {

/// Adds each scenario's plots to `plots`. Those in which something is violated are unfolded, and
/// the only one always is.
[[nodiscard]] std::string scenarios_html(const RunResult& run, std::vector<Plot>& plots);

}  // namespace streamgauge::reports
