// One run as a comparison sees it: from a scenario that has just been played, or from the
// result.json of an earlier one.
//
// A run is not judged by when what it measured was not the target: the generator was saturated, the
// target was not let run, or events were lost (who gets fewer events has less to do). Such a run is
// reported, with the reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/compare/metric.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge::compare {

struct Sample {
  Figures figures;
  std::string excluded{};  // empty: it can be judged by
};

[[nodiscard]] Sample sample_of(const ScenarioResult& scenario);

/// A scenario of an earlier run, and what must be alike for two runs to be compared.
struct StoredRun {
  std::string target, target_description, scenario;
  std::vector<std::string> path;
  std::vector<std::string> settings;  // --set, as typed
  std::string script;                 // YAML, as it was read; empty: the file does not hold it
  std::string machine;                // processor, cores, host: one line
  std::string streamgauge_version;
  double time_scale = 1;
  Sample sample;
};

/// Reads a result.json (reports/result.schema.json). `scenario`: which one; empty: the only one
/// that delivered events. Errors are of usage and name `file`, what is wrong, and what would do.
[[nodiscard]] Result<StoredRun> read_stored_run(std::string_view json, const std::string& file,
                                                const std::string& scenario);

/// Why two runs cannot be compared; empty: they can. The machine may differ, which is for the
/// caller to tell.
[[nodiscard]] std::string unlike(const StoredRun& one, const StoredRun& other);

}  // namespace streamgauge::compare
