// A scenario that is read names only groups and channels that it has, and every group has a stream.
#include <cstdint>
#include <cstdlib>

#include "harness/core/scenario/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto scenario = load_scenario({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!scenario) return 0;
  for (const ClientGroup& group : scenario->groups) {
    if (scenario->channels.at(group.channel_index) != group.channel) std::abort();
  }
  Scenario resolved = *scenario;
  resolve_streams(resolved, Contract{});
  for (std::size_t i = 0; i < resolved.groups.size(); ++i) {
    const ClientGroup& group = scenario->groups[i];
    const bool absolute = group.count.base == StreamCount::Base::absolute;
    if (absolute && group.streams != group.count.plus) std::abort();
    if (resolved.groups[i].streams < 1) std::abort();
  }
  for (const Phase& phase : scenario->phases) {
    for (const TimedAction& timed : phase.actions) {
      const auto* command = std::get_if<action::Command>(&timed.action);
      if (command == nullptr) continue;
      (void)scenario->channels.at(command->channel);
      if (command->group) (void)scenario->groups.at(*command->group);
    }
  }
  if (scenario->phases.empty() || scenario->checks.empty()) std::abort();
  return 0;
}
