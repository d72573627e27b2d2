// results.sarif: what did not pass, in the Static Analysis Results Interchange Format 2.1.0, for
// code scanning pages. A rule for each check that is named, a result for each check and scenario.
//   fail, stale, warn in a strict run -> error     warn -> warning     inconclusive, error -> note
// There is no source code to point at: a result lies in the scenario that showed it. Problems of
// the run as a whole are notifications of its invocation. What a baseline excuses is suppressed.
// Source: OASIS SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)
#pragma once

#include <string>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_sarif(const RunResult& run);

}  // namespace streamgauge::reports
