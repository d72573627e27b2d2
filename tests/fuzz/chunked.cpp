// A chunked body reads the same however it is cut, and no piece lies outside of the bytes given.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "harness/core/http/chunked.hpp"

using namespace streamgauge::http;

namespace {

/// Body, then what was left, the status and the boundary, as one text.
std::string decoded(std::string_view text, std::size_t longest, std::mt19937& random) {
  ChunkedDecoder decoder;
  std::string body, rest;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % longest);
    const std::vector<char> piece{text.begin(), text.begin() + static_cast<long>(size)};
    std::string_view bytes{piece.data(), piece.size()};
    for (auto part = decoder.next(bytes); !part.empty(); part = decoder.next(bytes)) body += part;
    if (!bytes.empty() && decoder.status() == BodyStatus::more) std::abort();
    rest += bytes;
    text.remove_prefix(size);
  }
  return body + '|' + rest + '|' + std::to_string(static_cast<int>(decoder.status())) +
         (decoder.at_chunk_boundary() ? "b" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return 0;
  std::mt19937 random{bytes[0]};
  const std::string_view text{reinterpret_cast<const char*>(bytes) + 1, size - 1};
  if (decoded(text, 1, random) != decoded(text, 32, random)) std::abort();
  if (decoded(text, 1, random) != decoded(text, 1u << 30, random)) std::abort();
  return 0;
}
