// Which plots a scenario has, and what is in them: those for which something was measured.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "reports/html_plot.hpp"

namespace streamgauge::reports {

/// Rows that a plot over time shows at most; more are merged with their neighbours.
inline constexpr std::size_t plot_rows_max = 200;

/// `id`: begins the ids of the plots.
[[nodiscard]] std::vector<Plot> scenario_plots(const RunResult& run, const ScenarioResult& scenario,
                                               std::string_view id);

/// Neighbours merged until at most `rows_max` are left: sums add up, levels are the last.
[[nodiscard]] TimeSeries coarser(TimeSeries series, std::size_t rows_max);

}  // namespace streamgauge::reports
