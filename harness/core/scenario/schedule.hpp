// A scenario's phases and actions as one list of steps in time: what the engine executes, and what
// a test or a simulation can read without a clock.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge {

namespace step {
struct BeginPhase {
  std::uint16_t index;
};
struct Act {
  Action action;
};
/// Ends the freeze that an earlier step began.
struct Thaw {};
}  // namespace step

struct Step {
  Duration at{};  // since the begin of the first phase
  std::variant<step::BeginPhase, step::Act, step::Thaw> what;
};

struct Schedule {
  std::vector<Step> steps;  // ascending in time; at equal times in the order of the file
  Duration length{};        // of all phases together
};

/// Spans are resolved against `contract`. An action placed beyond its phase's end still happens at
/// its time, but never after the last phase: a freeze is cut at the end of the timeline.
[[nodiscard]] Schedule schedule(const Scenario& scenario, const Contract& contract);

}  // namespace streamgauge
