// Words about a comparison that several formats share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/compare/comparison.hpp"

namespace streamgauge::reports {

/// How an outcome is shown where verdicts have colours and signs.
[[nodiscard]] Verdict verdict_of(compare::Outcome outcome);

/// "clients → chaos → target"; `arrow` between the hops.
[[nodiscard]] std::string path_words(const compare::SideFacts& side, std::string_view arrow);

/// "10 pairs, 1 left out" or "6 runs of A and 7 of B, 1 left out".
[[nodiscard]] std::string runs_words(const compare::Comparison& comparison);

/// "pair 3, A: the generator was saturated ..." for each run that is not judged by.
[[nodiscard]] std::vector<std::string> left_out(const compare::Comparison& comparison);

/// "+13.1 % to +17.4 %"; a dash where there is none.
[[nodiscard]] std::string interval_words(const compare::MetricResult& result);

/// One sentence that fits the exit code.
[[nodiscard]] std::string closing_sentence(const compare::Comparison& comparison);

}  // namespace streamgauge::reports
