#include "harness/core/sse/line_scan.hpp"

namespace streamgauge::sse {

namespace {

struct Lead {
  std::size_t continuations = 0;    // 0: the byte cannot begin a character
  unsigned char second_min = 0x80;  // narrower than 80..BF after E0, ED, F0 and F4: neither
  unsigned char second_max = 0xBF;  // overlong forms, surrogates nor what lies past U+10FFFF
};

[[nodiscard]] constexpr Lead lead_of(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  return {};
}

[[nodiscard]] bool well_formed(Lead lead, std::string_view rest) {
  if (lead.continuations == 0 || rest.size() < lead.continuations) return false;
  const auto second = static_cast<unsigned char>(rest[0]);
  if (second < lead.second_min || second > lead.second_max) return false;
  for (std::size_t i = 1; i < lead.continuations; ++i) {
    if ((static_cast<unsigned char>(rest[i]) & 0xC0) != 0x80) return false;
  }
  return true;
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at + 8 <= text.size() &&
           (detail::load_word(text.data() + at) & detail::every_top_bit) == 0) {
      at += 8;
    }
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      ++at;
      continue;
    }
    const Lead lead = lead_of(byte);
    if (!well_formed(lead, text.substr(at + 1))) return at;
    at += 1 + lead.continuations;
  }
  return at;
}

}  // namespace streamgauge::sse
