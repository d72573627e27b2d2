// How far an estimate could be off: bootstrap intervals over runs (Efron 1979).
//
// The percentile interval, expanded (Hesterberg 2015, What Teachers Should Know About the
// Bootstrap, 3.3): with ten runs the plain one is some 18 % too narrow, because a resample varies
// by n and not n-1, and because the normal's quantiles are not Student's. BCa would mend skew
// instead, with an acceleration that ten runs cannot tell; log ratios of interleaved pairs are
// symmetric as long as there is no difference, and the estimate is robust, so that there is little
// skew to mend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamgauge::stats {

struct Interval {
  double low = 0, high = 0;
};

struct BootstrapOptions {
  double confidence = 0.95;
  std::size_t resamples = 4000;
  std::uint64_t seed = 1;
};

/// Of hodges_lehmann(). Fewer than three values tell no interval: the answer is all numbers.
[[nodiscard]] Interval location_interval(std::span<const double> values,
                                         const BootstrapOptions& options);

/// Of hodges_lehmann_shift(): either group is drawn from itself. Fewer than three values in one of
/// them: all numbers.
[[nodiscard]] Interval shift_interval(std::span<const double> a, std::span<const double> b,
                                      const BootstrapOptions& options);

/// The quantile of Student's distribution; `degrees` at least 1, 0.5 <= `share` < 1. By bisection
/// of the distribution's finite series (Abramowitz, Stegun 26.7.3 and 26.7.4).
[[nodiscard]] double student_quantile(double share, unsigned degrees);

}  // namespace streamgauge::stats
