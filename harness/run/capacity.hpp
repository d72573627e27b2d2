// The search for a target's capacity: runs the trials that core/capacity asks for and keeps what
// they measured. It decides nothing: what comes next is the search's, what a trial proves the
// objectives'.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/capacity/capacity.hpp"
#include "harness/core/capacity/request.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

struct CapacityOptions {
  std::string target = "reference";
  std::string contract;              // empty: the target's own
  std::optional<std::string> path;   // --path
  std::vector<std::string> flaws;    // --flaw
  std::optional<double> time_scale;  // none: heartbeats fit into a trial, see below
  std::optional<std::uint32_t> seed;
  unsigned threads = 1;  // of the swarm
  capacity::Request request;
};

struct CapacityHooks {
  PlanHooks plan;  // progress of the trial that runs; interrupt
  std::function<void(const capacity::AxisResult&, const capacity::TrialResult&)>
      trial_done;  // may be empty
};

/// Where the target takes its time scale from us, and none was typed, the scale is such that three
/// and a half heartbeats fit into a trial: else none of its heartbeats could be judged.
/// Errors: what make_plan() refuses; limits of this machine that the request goes beyond; a target
/// that was never there. What goes wrong later is in the result, with what was measured until then.
[[nodiscard]] Result<capacity::Capacity> measure_capacity(const Home& home,
                                                          const CapacityOptions& options,
                                                          const CapacityHooks& hooks);

/// How many streams one process may hold here, its other descriptors left out.
[[nodiscard]] std::uint32_t streams_allowed();

}  // namespace streamgauge::run
