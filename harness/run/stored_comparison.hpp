// Two sets of earlier runs, by the results that they left behind.
#pragma once

#include <string>
#include <vector>

#include "harness/core/compare/comparison.hpp"
#include "harness/core/compare/judge.hpp"

namespace streamgauge::run {

struct StoredComparisonOptions {
  /// Each a result.json, a report's folder, or a folder of such folders. `against` is A.
  std::vector<std::string> runs, against;
  std::string scenario;    // of results that hold several
  std::uint32_t seed = 1;  // of the statistics
  compare::JudgeOptions judging;
};

/// Whether this names results rather than a target: a folder, or a file that ends in .json.
[[nodiscard]] bool names_results(const std::string& typed);

/// Errors are of usage and name the file: not there, no result, of another script than the others.
[[nodiscard]] Result<compare::Comparison> stored_comparison(const StoredComparisonOptions& options);

}  // namespace streamgauge::run
