#include "harness/core/scenario/schedule.hpp"

#include <algorithm>

namespace streamgauge {

Schedule schedule(const Scenario& scenario, const Contract& contract) {
  Schedule result;
  for (std::uint16_t index = 0; index < scenario.phases.size(); ++index) {
    const Phase& phase = scenario.phases[index];
    const Duration begin = result.length;
    result.length += resolve(phase.length, contract);
    result.steps.push_back({begin, step::BeginPhase{index}});
    for (const TimedAction& timed : phase.actions) {
      const Duration at = begin + resolve(timed.at, contract);
      result.steps.push_back({at, step::Act{timed.action}});
      if (const auto* freeze = std::get_if<action::Freeze>(&timed.action)) {
        result.steps.push_back({at + resolve(freeze->length, contract), step::Thaw{}});
      }
    }
  }
  for (Step& step : result.steps) step.at = std::min(step.at, result.length);
  std::stable_sort(result.steps.begin(), result.steps.end(),
                   [](const Step& a, const Step& b) { return a.at < b.at; });
  return result;
}

}  // namespace streamgauge
