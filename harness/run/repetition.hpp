// A check that judges time and failed, or could not be decided, is tried once more, alone: what the
// machine did in company it does not do twice. Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::run {

/// The checks of the scenario that judge time and failed, warned or were inconclusive.
[[nodiscard]] std::vector<std::string> checks_to_repeat(const ScenarioResult& first);

/// Puts the second verdicts in the place of the first and says what the first was. Under `strict`
/// the first ones stay, and the second are told.
void take_second_attempt(ScenarioResult& first, const ScenarioResult& second, bool strict);

}  // namespace streamgauge::run
