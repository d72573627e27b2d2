// On GitHub Actions a run says more: annotations in the log, and a summary of the step.
#pragma once

#include <cstdio>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::cli {

/// Does nothing unless GITHUB_ACTIONS is "true". `log`: where workflow commands go; the summary is
/// appended to the file that GITHUB_STEP_SUMMARY names. What cannot be written is said on stderr:
/// the verdict does not depend on it.
void tell_github(const RunResult& result, std::FILE* log);

}  // namespace streamgauge::cli
