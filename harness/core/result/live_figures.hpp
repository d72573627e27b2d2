// What a run looks like while it goes on: sums so far, and the latency of the last second or so. A
// glance for people; verdicts come from the folds when the run is over.
#pragma once

#include <cstdint>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge {

struct LiveFigures {
  std::uint64_t events = 0, published = 0, reconnects = 0;
  std::uint64_t missing = 0;    // numbers that the sequences of streams skipped
  latency::Histogram delivery;  // of the latest rows of the time series
  std::uint64_t rss_bytes = 0;  // of the target, last sample; 0: none

  /// Of another thread of the same run.
  void add(const LiveFigures& other);
};

}  // namespace streamgauge
