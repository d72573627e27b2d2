// A search for capacity as one page that opens without a network: the answers, plots with the law,
// and every trial.
#pragma once

#include <string>

#include "harness/core/capacity/capacity.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_capacity_html(const capacity::Capacity& capacity);

}  // namespace streamgauge::reports
