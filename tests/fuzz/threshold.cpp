// What --fail-if accepts names a metric that can be judged, and a change above nothing.
#include <cstdint>
#include <cstdlib>

#include "harness/core/compare/metric.hpp"
#include "harness/core/compare/threshold.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto read = compare::parse_threshold({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  if (!(read->delta > 0) || !(compare::metrics().at(read->metric).delta > 0)) std::abort();
  return 0;
}
