// Several questions asked of one experiment: Holm's step-down correction (Holm 1979). The chance
// that any true "no difference" is called a difference stays below the level, whatever the metrics
// have to do with one another, and no metric loses more than under Bonferroni.
#pragma once

#include <span>
#include <vector>

namespace streamgauge::stats {

/// The adjusted p of each, in the order given: compare it with the level as if it were the only
/// one.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

}  // namespace streamgauge::stats
