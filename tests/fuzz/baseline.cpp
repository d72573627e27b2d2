// A baseline that is read names only checks that exist.
#include <cstdint>
#include <cstdlib>

#include "harness/core/result/baseline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto baseline = load_baseline({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!baseline) return 0;
  for (const auto* entries : {&baseline->expected_failures, &baseline->known_flaky}) {
    for (const BaselineEntry& entry : *entries) {
      if (!find_check(entry.check)) std::abort();
    }
  }
  return 0;
}
