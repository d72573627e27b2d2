// The first part of a page: what did not pass, with everything that is known about it.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// A check that did not pass, in the order in which a reader wants them: violations, then what
/// could not be decided, then recommendations.
struct Broken {
  const ScenarioResult* scenario = nullptr;
  const CheckResult* check = nullptr;
  std::string id;  // of its card
};
/// Cards beyond these are left out; the table of all checks has them.
inline constexpr std::size_t cards_max = 60;

[[nodiscard]] std::vector<Broken> broken_checks(const RunResult& run);
/// Errors of the run, then a card for each of `broken`.
[[nodiscard]] std::string failures_html(const RunResult& run, const std::vector<Broken>& broken);

}  // namespace streamgauge::reports
