// The search for a target's capacity: runs the trials that core/capacity asks for and keeps what
// they measured. It decides nothing: what comes next is the search's, what a trial proves the
// objectives'.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/capacity/capacity.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

struct CapacityOptions {
  std::string target = "reference";
  std::string contract;             // empty: the target's own
  std::optional<std::string> path;  // --path
  std::vector<std::string> flaws;   // --flaw
  std::vector<capacity::Axis> axes{capacity::Axis::streams, capacity::Axis::rate};
  std::optional<double> time_scale;  // none: heartbeats fit into a trial, see below
  std::optional<std::uint32_t> seed;
  std::optional<Duration> p99;              // none: the contract's, else 250 ms
  std::optional<std::uint64_t> memory_max;  // bytes
  bool heartbeats = true;
  double rate = 10;              // fixed while streams are raised
  std::uint32_t streams = 1000;  // fixed while the rate is raised
  std::optional<double> need_streams, need_rate;
  std::optional<double> start_streams, start_rate;
  std::optional<std::uint32_t> streams_max;  // none: as many as descriptors allow
  std::optional<double> rate_max;
  std::uint32_t size_bytes = 256;
  Duration hold = std::chrono::seconds{4};
  Duration cool_down = std::chrono::milliseconds{500};
  unsigned repeats = 3;
  double resolution = 0.05;
  double agreement = 0.15;
  unsigned threads = 1;
};

struct CapacityHooks {
  PlanHooks plan;  // progress of the trial that runs; interrupt
  std::function<void(const capacity::AxisResult&, const capacity::TrialResult&)>
      trial_done;  // may be empty
};

/// Where the target takes its time scale from us, and none was typed, the scale is such that three
/// and a half heartbeats fit into a trial: else none of its heartbeats could be judged.
/// Errors: what make_plan() refuses; limits of this machine that the options go beyond.
[[nodiscard]] Result<capacity::Capacity> measure_capacity(const Home& home,
                                                          const CapacityOptions& options,
                                                          const CapacityHooks& hooks);

/// How many streams one process may hold here, its other descriptors left out.
[[nodiscard]] std::uint32_t streams_allowed();

}  // namespace streamgauge::run
