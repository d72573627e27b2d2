// From what was typed to what will be run: every name resolved, every file read, every check id
// known, before anything is started. All usage errors come from here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/check/check.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

/// The options that commands share, as typed.
struct Options {
  std::string target = "reference";
  std::string contract;                // empty: the target's own
  std::vector<std::string> scenarios;  // empty: the gate's list
  std::vector<std::string> families;   // --only
  std::vector<std::string> checks;     // --check
  std::vector<std::string> flaws;      // --flaw
  std::vector<std::string> settings;   // --set, scenario values
  std::optional<double> time_scale;
  std::optional<std::uint32_t> seed;
  std::string report_dir;  // empty: out/<command>/<time>
  unsigned threads = 1;    // of the swarm
  bool strict = false;
};

struct PlannedScenario {
  Scenario scenario;
  std::vector<std::string> checks;  // exact ids, never empty
};

struct Plan {
  TargetSpec target;
  Contract contract;  // scaled
  std::vector<PlannedScenario> scenarios;
  double time_scale = 1.0;
  std::uint32_t seed = 1;
  std::vector<std::string> flaws;
  std::vector<std::string> notes;  // what was left out and why, for the report
  unsigned threads = 1;
};

/// The scenarios that `gate` runs, in this order.
[[nodiscard]] const std::vector<std::string>& gate_scenarios();

/// Errors: usage (2) for anything unknown, with near matches; nothing_judged (4) when the selection
/// leaves no check.
[[nodiscard]] Result<Plan> make_plan(const Home& home, const Options& options);

/// The checks of the table that `patterns` (ids or "family.*") name. An unknown one is an error.
[[nodiscard]] Result<std::vector<std::string>> expand_checks(
    const std::vector<std::string>& patterns);

}  // namespace streamgauge::run
