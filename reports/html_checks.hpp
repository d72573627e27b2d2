// The table of all checks: by family, sortable, with a form that filters it.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "reports/html_failures.hpp"

namespace streamgauge::reports {

/// Rows of what is among `broken` lead to its card.
[[nodiscard]] std::string checks_html(const RunResult& run, const std::vector<Broken>& broken);

}  // namespace streamgauge::reports
