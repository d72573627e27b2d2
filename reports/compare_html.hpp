// A comparison as one page that needs no network: the table, both latency curves by percentile, the
// ratio of each pair.
#pragma once

#include <string>

#include "harness/core/compare/comparison.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_compare_html(const compare::Comparison& comparison);

}  // namespace streamgauge::reports
