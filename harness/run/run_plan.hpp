// From a plan to a run's result: which scenarios run side by side, when to stop, what to repeat.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "harness/run/engine.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

/// What a person may be shown of one scenario; unlike Progress it may be kept.
struct Running {
  std::string scenario, phase;
  Duration elapsed{}, length{};
  std::uint64_t streams = 0, open = 0, events = 0;
  LiveFigures figures;
};

struct PlanProgress {
  std::vector<Running> running;  // in the order in which they began
  std::size_t done = 0, total = 0;
};

struct PlanHooks {
  std::function<void(const PlanProgress&)>
      progress;                                    // called by one thread at a time; may be empty
  const std::atomic<bool>* interrupted = nullptr;  // polled; ends the run in order
};

/// Runs the plan's scenarios: those that may have company side by side, each with a target of its
/// own, where the target can be started; the others, and all at a URL, one after the other. Results
/// stand in the plan's order. Nothing new begins after a scenario in which not one stream could be
/// opened, or when the target has died: the rest would only repeat it. Failing checks that judge
/// time are run again, alone, unless the plan forbids it.
[[nodiscard]] RunResult run_plan(const Home& home, const Plan& plan, const PlanHooks& hooks);

/// What is running now, for several threads that report to one place.
class ProgressBoard {
 public:
  ProgressBoard(std::size_t total, std::function<void(const PlanProgress&)> show);
  ~ProgressBoard();
  /// Hooks for a scenario that is about to run, shown as `name`; call end() when it is over.
  [[nodiscard]] Hooks hooks(const std::string& name, const std::atomic<bool>* interrupted);
  void end(const std::string& name);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::run
