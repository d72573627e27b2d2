// results.tap: the Test Anything Protocol, version 14. A test point for each check and scenario,
// and one in front for each problem of the run as a whole; "not ok" exactly where JUnit is red.
// Skips and what a baseline excuses carry their directive (# SKIP, # TODO) with the reason.
// Source: https://testanything.org/tap-version-14-specification.html
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_tap(const RunResult& run);

/// A description or a directive's reason: on one line, "\" and "#" escaped.
[[nodiscard]] std::string tap_text(std::string_view raw);

}  // namespace streamgauge::reports
