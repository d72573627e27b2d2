// A result that is read for a comparison may be anybody's file: whatever it says, its figures can
// be asked for.
#include <cstdint>
#include <cstdlib>

#include "harness/core/compare/sample.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto run =
      compare::read_stored_run({reinterpret_cast<const char*>(data), size}, "fuzz.json", {});
  if (!run) return 0;
  for (const compare::Metric& metric : compare::metrics()) {
    const auto value = metric.value(run->sample.figures);
    if (value && !(*value > 0)) std::abort();
  }
  return 0;
}
