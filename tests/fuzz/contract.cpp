// A contract that is read is one that can be written and read again.
#include <cstdint>
#include <cstdlib>

#include "harness/core/contract/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const auto contract = load_contract({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!contract) return 0;
  const auto again = load_contract(write_contract(*contract), "fuzz.yaml");
  if (!again || !(*again == *contract)) std::abort();
  return 0;
}
