// compare.json: a comparison for programs. Its shape is in compare.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/compare/comparison.hpp"

namespace streamgauge::reports {

inline constexpr std::string_view compare_schema = "streamgauge-compare/1";

/// Ends with a line feed.
[[nodiscard]] std::string write_compare_json(const compare::Comparison& comparison);

}  // namespace streamgauge::reports
