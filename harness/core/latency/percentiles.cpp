// The percentile table (`.hgrm`): rows get denser towards 100 %, a fixed number for each halving of
// the distance to it. Columns and footer are those that HdrHistogram's plotting tools read.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge::latency {
namespace {

/// The row after `level`: each halving of the distance to 100 % is cut into equal steps.
double next_level(double level, int ticks_per_half) {
  // Not std::log2: where a level sits on a power of two, tools round this very quotient.
  const double halvings = std::floor(std::log(100.0 / (100.0 - level)) / std::log(2.0)) + 1;
  const double next = level + 100.0 / (ticks_per_half * std::exp2(halvings));
  // So close to 100 % a step can be smaller than what a double can tell apart.
  return next > level ? next : 100.0;
}

}  // namespace

std::string percentile_text(const Histogram& histogram, double unit_ns, int ticks_per_half) {
  const int ticks = std::max(ticks_per_half, 1);
  const int digits = histogram.config().significant_digits;
  const auto total = static_cast<double>(histogram.count());
  std::string out = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                "TotalCount", "1/(1-Percentile)");
  double level = 0;
  std::uint64_t seen = 0;
  histogram.each_bucket([&](const Histogram::Bucket& bucket) {
    seen += bucket.count;
    const double value = static_cast<double>(bucket.high.count()) / unit_ns;
    const double reached = 100.0 * static_cast<double>(seen) / total;
    // One bucket may satisfy many levels. The last one satisfies all, without end: the first row
    // that shows the whole count stops it, and the row of 100 % follows.
    while (reached >= level && level < 100.0) {
      fmt::format_to(std::back_inserter(out), "{:12.{}f} {:2.12f} {:10} {:14.2f}\n", value, digits,
                     level / 100.0, seen, 1.0 / (1.0 - level / 100.0));
      level = next_level(level, ticks);
      if (seen == histogram.count()) break;
    }
    if (seen == histogram.count()) {
      fmt::format_to(std::back_inserter(out), "{:12.{}f} {:2.12f} {:10}\n", value, digits, 1.0,
                     seen);
    }
  });
  const Result<Layout> layout = Layout::of(histogram.config());
  fmt::format_to(std::back_inserter(out), "#[Mean    = {:12.{}f}, StdDeviation   = {:12.{}f}]\n",
                 histogram.mean_ns() / unit_ns, digits, histogram.stddev_ns() / unit_ns, digits);
  fmt::format_to(std::back_inserter(out), "#[Max     = {:12.{}f}, Total count    = {:12}]\n",
                 static_cast<double>(histogram.max().count()) / unit_ns, digits, histogram.count());
  fmt::format_to(std::back_inserter(out), "#[Buckets = {:12}, SubBuckets     = {:12}]\n",
                 layout->buckets, std::size_t{2} << layout->sub_bucket_half_magnitude);
  return out;
}

}  // namespace streamgauge::latency
