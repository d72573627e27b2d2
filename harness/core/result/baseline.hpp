// What is known to fail, so that a gate can be taken up before everything is mended, and stays
// honest afterwards: an expected failure that passes is stale, and fails the run like a violation.
//
//   expected_failures:
//     - {check: eviction.within, scenario: slow-consumer, reason: "issue 12"}
//   known_flaky:
//     - {check: delivery.latency, reason: "shared machine"}
//
// `scenario` may be left out: the entry is about the check in every scenario.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge {

struct BaselineEntry {
  std::string check, scenario, reason;  // scenario and reason may be empty
  std::string where;                    // "baseline.yaml:3", for messages
  friend bool operator==(const BaselineEntry&, const BaselineEntry&) = default;
};

struct Baseline {
  std::string file;
  std::vector<BaselineEntry> expected_failures, known_flaky;
  friend bool operator==(const Baseline&, const Baseline&) = default;
};

/// Errors name file:line:column, the key, what was found and what is accepted; a check that does
/// not exist is one. `file` is used in messages only.
/// `also`: ids beside those of the checks.
[[nodiscard]] Result<Baseline> load_baseline(std::string_view yaml, std::string file,
                                             const std::vector<std::string>& also = {});

/// Gives the run's verdicts their standing. An entry of expected failures is stale when something
/// that it names passed and nothing failed; skipped and undecided checks say nothing about it.
void apply_baseline(const Baseline& baseline, RunResult& run);

}  // namespace streamgauge
