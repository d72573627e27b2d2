// What reads as an envelope is exactly what would have been written for it, and nothing else is.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "harness/core/sse/envelope.hpp"

using namespace streamgauge::sse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<char> exact{bytes, bytes + size};  // a read past the end is seen
  const std::string_view text{exact.data(), exact.size()};
  const auto envelope = parse_envelope(text);
  if (!envelope) return 0;
  std::string written;
  append_envelope(written, *envelope);
  if (!text.starts_with(written)) std::abort();
  if (parse_envelope(written) != envelope) std::abort();
  return 0;
}
