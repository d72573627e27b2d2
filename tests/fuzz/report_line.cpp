// What a client under test says of itself: lines of a program, callbacks, parameters, commands.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/core/client_case/report_line.hpp"

using namespace streamgauge::client_case;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto what = read_report(text)) {
    // What was understood can be said again, and means the same.
    const auto again = read_report(write_report(*what));
    if (!again || write_report(*again) != write_report(*what)) std::abort();
  }
  (void)read_capabilities(text);
  if (const auto parameters = read_parameters(text)) {
    if (!read_parameters(write_parameters(*parameters))) std::abort();
  }
  (void)read_command(text);
  return 0;
}
