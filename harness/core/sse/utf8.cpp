#include "harness/core/sse/utf8.hpp"

#include <cstddef>

namespace streamgauge::sse {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What may follow a first byte: how many bytes, and between which bounds the first of them lies.
struct Follow {
  std::size_t count = 0;  // 0: no first byte of a character
  unsigned char lowest = 0x80, highest = 0xBF;
};

Follow follow(unsigned char first) {
  if (first >= 0xC2 && first <= 0xDF) return {1};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {2};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  if (first >= 0xF1 && first <= 0xF3) return {3};
  return {};
}

}  // namespace

std::string decode_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    if (first < 0x80) {
      text += bytes[at++];
      continue;
    }
    Follow next = follow(first);
    std::size_t length = 1;
    while (next.count > 0 && at + length < bytes.size()) {
      const auto byte = static_cast<unsigned char>(bytes[at + length]);
      if (byte < next.lowest || byte > next.highest) break;
      next = {next.count - 1};
      ++length;
    }
    const bool whole = next.count == 0 && length > 1;
    text += whole ? bytes.substr(at, length) : replacement;
    at += length;
  }
  return text;
}

}  // namespace streamgauge::sse
