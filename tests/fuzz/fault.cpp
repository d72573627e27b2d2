// A fault that is read is one that can be written and read again; also in the forms of a file.
#include <cstdint>
#include <cstdlib>

#include "harness/core/fault/fault.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamgauge;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto specs = fault::parse_faults(text)) {
    const auto again = fault::parse_faults(fault::to_string(*specs));
    if (!again || !(*again == *specs)) std::abort();
  }
  const auto tree = yaml::parse(text, "fuzz.yaml");
  if (!tree) return 0;
  yaml::Reading reading{"fuzz.yaml"};
  (void)fault::read_faults(reading, "chaos", **tree);
  return 0;
}
