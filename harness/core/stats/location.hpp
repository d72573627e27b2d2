// Where a sample lies, said by an estimate that a few wild runs cannot carry away (Hodges, Lehmann
// 1963): up to 29 % of them may be anything, for 5 % less precision than the mean where all is
// well.
#pragma once

#include <span>
#include <vector>

namespace streamgauge::stats {

/// The mean of the two middle ones where there are two; 0 when empty.
[[nodiscard]] double median(std::vector<double> values);

/// The median of the means of all pairs of values, each with itself included; 0 when empty.
/// Time and memory grow with the square of the number of values.
[[nodiscard]] double hodges_lehmann(std::span<const double> values);

/// How much higher `b` lies than `a`: the median of all differences; 0 when either is empty.
[[nodiscard]] double hodges_lehmann_shift(std::span<const double> a, std::span<const double> b);

}  // namespace streamgauge::stats
