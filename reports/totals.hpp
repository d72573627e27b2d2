// A run's totals over its scenarios, for formats that show one figure for the whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

struct Totals {
  HistogramSet histograms;  // exact merges, name by name
  Resources resources;      // start of the first, end of the last, worst peaks, CPU added up
  Noise noise;              // the worst of each; measured only where every scenario measured it
  std::uint64_t streams = 0, events_received = 0, events_published = 0, bytes_received = 0;
  std::map<std::string, std::uint64_t> endings;
};

[[nodiscard]] Totals totals(const RunResult& run);

}  // namespace streamgauge::reports
