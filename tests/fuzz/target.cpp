// Reading a target never fails but by an error with a sentence, and what it claims it has.
#include <cstdint>
#include <cstdlib>

#include "harness/core/scenario/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto target = load_target({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!target && target.error().message.empty()) std::abort();
  if (target && target->url.empty()) std::abort();
  if (target) {
    for (const Capability capability : target->capabilities) {
      if (!has(*target, capability)) std::abort();
    }
  }
  return 0;
}
