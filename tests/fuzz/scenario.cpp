// A scenario that is read names only groups and channels that it has.
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
  if (scenario->phases.empty() || scenario->checks.empty()) std::abort();
  return 0;
}
