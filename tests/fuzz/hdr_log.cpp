// What is read as a histogram log must read the same after writing it.
#include <cstdlib>

#include "harness/core/latency/log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace streamgauge::latency;
  const auto log = read_log({reinterpret_cast<const char*>(data), size});
  if (log.has_error()) return 0;
  const auto again = read_log(write_log(*log));
  if (again.has_error() || again->entries.size() != log->entries.size()) std::abort();
  return 0;
}
