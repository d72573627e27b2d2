// "delivery.p99>+10%": what --fail-if says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"

namespace streamgauge::compare {

/// A metric that is judged, and the change for the worse that counts.
struct Threshold {
  std::size_t metric = 0;  // place in metrics()
  double delta = 0;        // 0.10 is 10 %; above 0
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

/// METRIC>+N%, with blanks wherever; '+' may be left out. Errors are of usage and name what was
/// found and what is accepted.
[[nodiscard]] Result<Threshold> parse_threshold(std::string_view text);

/// Those given, each metric once; else the metrics that are judged by default with their deltas.
/// Whoever names metrics has decided which ones matter: the others are told but not judged, which
/// leaves more power for these.
[[nodiscard]] Result<std::vector<Threshold>> thresholds(const std::vector<std::string>& texts);

}  // namespace streamgauge::compare
