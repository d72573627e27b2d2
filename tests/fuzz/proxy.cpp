// Reading a proxy never fails but by an error with a sentence; what is read is a program or faults.
#include <cstdint>
#include <cstdlib>

#include "harness/core/scenario/proxy_spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto proxy = load_proxy({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!proxy && proxy.error().message.empty()) std::abort();
  if (proxy && proxy->spawn.has_value() == !proxy->faults.empty()) std::abort();
  return 0;
}
