// Two targets, live: the same scenario on A and B by turns, each run with a target of its own where
// it can be started.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/compare/comparison.hpp"
#include "harness/core/compare/judge.hpp"
#include "harness/core/compare/pacing.hpp"
#include "harness/run/home.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

/// One side, as typed.
struct ComparedTarget {
  std::string target;
  std::optional<std::string> path;  // none: the scenario's own
};

struct LiveComparisonOptions {
  std::array<ComparedTarget, 2> sides;
  Options common;  // scenario, contract, settings, time scale, threads: alike for both
  compare::Pacing pacing;
  std::size_t repeat = 1;  // runs of each side in a pair; a side's value is their geometric mean
  Duration cool_down = std::chrono::milliseconds{250};  // before each run but the first
  std::uint32_t seed = 1;  // of the order, of the runs and of the statistics
  bool real_time = true;
  compare::JudgeOptions judging;
};

struct LiveComparisonHooks {
  PlanHooks plan;
  /// A run is over; may set `origin`. May be empty.
  std::function<Result<void>(const RunResult&, compare::ComparedRun&)> keep;
};

/// Errors: usage (2) for what is unknown, nothing_judged (4) for a target that cannot be published
/// to. What goes wrong in a run (the target died) ends the comparison and is among its errors.
[[nodiscard]] Result<compare::Comparison> live_comparison(const Home& home,
                                                          const LiveComparisonOptions& options,
                                                          const LiveComparisonHooks& hooks);

}  // namespace streamgauge::run
