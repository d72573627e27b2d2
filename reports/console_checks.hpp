// The console's table of checks.
#pragma once

#include "harness/core/result/run_result.hpp"
#include "reports/console_page.hpp"

namespace streamgauge::reports {

/// A block for each family that judged anything, then one dim line for each reason of skipping;
/// `quiet`: without what passed and what was skipped.
void put_checks(Page& page, const RunResult& run, bool quiet);

}  // namespace streamgauge::reports
