// The engine: carries one scenario through its life
//   prepare (target, swarm, publisher) -> connect -> phases -> drain -> judge
// and decides nothing about verdicts. It owns every child process and thread it starts; whatever
// happens, they are gone and a ScenarioResult exists when run_scenario returns.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/result/live_figures.hpp"
#include "harness/core/result/run_result.hpp"
#include "harness/run/outcome.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

/// What a person may be shown while a scenario runs.
struct Progress {
  std::string_view scenario, phase;
  Duration elapsed{}, length{};  // of all phases; 0 while connecting
  std::uint64_t streams = 0, open = 0, events = 0;
  LiveFigures figures;
};

struct Hooks {
  std::function<void(const Progress&)> progress;   // about ten times a second; may be empty
  const std::atomic<bool>* interrupted = nullptr;  // polled; ends the run in order
};

struct ScenarioOutcome {
  ScenarioResult result;
  RunFacts facts;             // what the result was made from, beside the records
  std::vector<Error> errors;  // target died, unreachable, ...
  bool interrupted = false;
  bool usable = true;  // at least one stream could be opened
};

[[nodiscard]] ScenarioOutcome run_scenario(const Home& home, const Plan& plan,
                                           const PlannedScenario& planned, const Hooks& hooks);

}  // namespace streamgauge::run
