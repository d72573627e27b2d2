// Timing against a bound on a machine that has noise of its own.
//
// Whoever measures a delay of d behind a scheduler that lets threads wait for up to L cannot tell
// d from d + 2L: once the target may have waited, once the harness. So every upper bound is widened
// by twice the lag (the worst lag for a single worst observation, its 99th percentile for
// percentiles). When the lag exceeds the tolerance itself, a measurement beyond the bound proves
// nothing, however far beyond it is: such a run is inconclusive, never a failure. Nor is it a pass:
// a bound that was widened beyond its own size would let anything through.
#pragma once

#include <string>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/latency/histogram.hpp"

namespace streamgauge {

/// What the machine may have added to the worst observation, or to a percentile.
[[nodiscard]] Duration widening_of_worst(const Noise& noise);
[[nodiscard]] Duration widening_of_percentile(const Noise& noise);

enum class Reach : std::uint8_t {
  within,
  beyond,   // outside whatever the noise
  drowned,  // outside, but so noisy (or of unknown noise) that it proves nothing
};

/// `tolerance`: the part of the bound that is margin; a lag above it drowns what is beyond.
[[nodiscard]] Reach reach_of_worst(Duration measured, Duration bound, Duration tolerance,
                                   const Noise& noise);
/// For a percentile: between the widening by the usual lag and by the worst lies `drowned`.
[[nodiscard]] Reach reach_of_percentile(Duration measured, Duration bound, const Noise& noise);

/// "(+8 ms lag)": how far a bound was widened; or that no lag was measured.
[[nodiscard]] std::string widened_text(Duration widening, const Noise& noise);
/// The sentence for `drowned`.
[[nodiscard]] std::string drowned_reason(const Noise& noise, Duration tolerance);

/// "741\u2013759 ms", "980 us\u20131.2 s"; as many digits as it takes to tell the two apart.
[[nodiscard]] std::string range_text(Duration low, Duration high);

/// Durations observed: all in a histogram, the worst few with time and stream.
class Observations {
 public:
  static constexpr std::size_t worst_max = 5;
  struct One {
    Duration length{};
    Instant at{};
    StreamId stream = no_stream;
  };

  void add(Duration length, Instant at, StreamId stream);
  void merge(const Observations& other);
  [[nodiscard]] std::uint64_t count() const { return histogram_.count(); }
  [[nodiscard]] std::uint64_t count_above(Duration bound) const;
  [[nodiscard]] Duration worst() const { return worst_.empty() ? Duration{} : worst_[0].length; }
  /// Never above worst(), which is exact.
  [[nodiscard]] Duration at_percentile(double percentile) const;
  [[nodiscard]] const latency::Histogram& histogram() const { return histogram_; }
  /// The worst that are above `bound`, in words: "{what} 768 ms".
  [[nodiscard]] std::vector<Evidence> evidence_above(Duration bound, std::string_view what) const;

 private:
  void keep(const One& one);
  latency::Histogram histogram_;
  std::vector<One> worst_;
};

}  // namespace streamgauge
