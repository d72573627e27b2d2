// timeseries.csv: what happened in each interval of each scenario (RFC 4180, one header line).
#pragma once

#include <string>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// Units end the column names. `time_s` is the start of the interval since the start of the run, so
/// that the scenarios of a run share one axis. Cells of what was not measured in an interval
/// (percentiles without a delivery, a target that is not sampled) are empty, never 0.
[[nodiscard]] std::string write_timeseries_csv(const RunResult& run);

}  // namespace streamgauge::reports
