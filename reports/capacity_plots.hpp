// The plots of a search for capacity: throughput with the law, latency and memory, each by load.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/capacity/capacity.hpp"
#include "reports/html_plot.hpp"

namespace streamgauge::reports {

/// Plots of one axis; their ids begin with `id`. What the law predicts is a series of its own, and
/// its name says so.
[[nodiscard]] std::vector<Plot> capacity_plots(const capacity::AxisResult& axis,
                                               const capacity::Objectives& objectives,
                                               std::string_view id);

}  // namespace streamgauge::reports
