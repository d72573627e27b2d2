// One trial of a search for capacity: the scenario `capacity` with one load, on a target of its
// own.
#pragma once

#include <string>

#include "harness/core/capacity/objectives.hpp"
#include "harness/run/engine.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

struct CapacityLoad {
  std::uint32_t streams = 500;
  double rate = 10;  // events per second and stream
  std::uint32_t size_bytes = 256;
  Duration hold = std::chrono::seconds{4};
};

/// The scenario that a trial plays; its phase that is measured.
inline constexpr std::string_view capacity_scenario = "capacity";
inline constexpr std::string_view load_phase = "load";

/// Connects come no faster than this, so that a trial measures the load and not its arrival.
inline constexpr double connects_per_s = 4000;

/// The settings (as `--set` takes them) that make the scenario play this load.
[[nodiscard]] std::vector<std::string> settings_of(const CapacityLoad& load);

/// What the run of a trial says of the load. Pure.
[[nodiscard]] capacity::Measured measured(const CapacityLoad& load, const ScenarioOutcome& outcome,
                                          unsigned processors);

}  // namespace streamgauge::run
