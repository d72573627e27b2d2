// Histograms for the tools of the HdrHistogram family.
//
// <scenario>.hlog (log format 1.3) holds each histogram of the whole run under the tag of its name
// ("delivery", "connect", ...), and delivery again interval by interval under the tag
// "delivery.interval": the two tags are two views of the same values, so add up only one of them.
// <scenario>-<name>.hgrm is the percentile text, in milliseconds, of each histogram with values.
#pragma once

#include <vector>

#include "harness/core/result/run_result.hpp"
#include "reports/file.hpp"

namespace streamgauge::reports {

/// One .hlog for each scenario, one .hgrm for each histogram that is not empty.
[[nodiscard]] std::vector<ReportFile> write_hdr_files(const RunResult& run);

}  // namespace streamgauge::reports
