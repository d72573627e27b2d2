// The bytes behind a verdict: what passed on the streams that its evidence names, around that time.
#pragma once

#include <string>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// A figure for each of the first streams of the evidence; a sentence when no bytes were kept;
/// empty when no evidence names a stream. `id`: begins the ids of the figures.
[[nodiscard]] std::string wire_html(const RunResult& run, const ScenarioResult& scenario,
                                    const CheckResult& check);

}  // namespace streamgauge::reports
