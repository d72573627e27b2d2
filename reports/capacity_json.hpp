// What a search for capacity ended in, for programs: capacity.json, in the shape of
// capacity.schema.json. Times in nanoseconds (`_ns`), what was not measured is null, and whatever
// was not measured but follows from a fit stands in an object with "predicted": true.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/capacity/capacity.hpp"

namespace streamgauge::reports {

inline constexpr std::string_view capacity_schema = "streamgauge-capacity/1";

[[nodiscard]] std::string write_capacity_json(const capacity::Capacity& capacity);

}  // namespace streamgauge::reports
