// What is accepted as an encoded histogram must encode to the same again.
#include <cstdlib>

#include "harness/core/latency/histogram.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace streamgauge::latency;
  const auto histogram = decode({reinterpret_cast<const char*>(data), size});
  if (histogram.has_error()) return 0;
  const auto again = decode(encode(*histogram));
  if (again.has_error() || !(*again == *histogram)) std::abort();
  (void)histogram->at_percentile(99);
  (void)percentile_text(*histogram);
  return 0;
}
