// Finding line ends and malformed text: the two loops that touch every byte of a stream.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace streamgauge::sse {

struct LineScan {
  std::size_t length = 0;  // bytes before the first CR or LF; all of them when there is none
  bool ascii = true;       // no byte of these has its top bit set
};

namespace detail {

inline constexpr std::uint64_t every_low_bit = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t every_top_bit = 0x8080'8080'8080'8080;

[[nodiscard]] inline std::uint64_t load_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Marks the top bit of each zero byte. Bytes above the first zero one may be marked falsely, so
/// only the lowest mark is exact: all that a search for the first needs.
[[nodiscard]] constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - every_low_bit) & ~word & every_top_bit;
}

}  // namespace detail

/// Eight bytes a step in plain registers: several GB/s without a word of assembly or intrinsics.
[[nodiscard]] inline LineScan scan_line(std::string_view bytes) {
  const char* const begin = bytes.data();
  const std::size_t size = bytes.size();
  std::size_t at = 0;
  std::uint64_t top_bits = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + 8 <= size; at += 8) {
      const std::uint64_t word = detail::load_word(begin + at);
      const std::uint64_t ends = detail::zero_bytes(word ^ (detail::every_low_bit * '\n')) |
                                 detail::zero_bytes(word ^ (detail::every_low_bit * '\r'));
      if (ends != 0) {
        const auto before = static_cast<unsigned>(std::countr_zero(ends)) & ~7u;
        const std::uint64_t mask = (std::uint64_t{1} << before) - 1;
        top_bits |= word & mask;
        return {at + before / 8, (top_bits & detail::every_top_bit) == 0};
      }
      top_bits |= word;
    }
  }
  bool ascii = (top_bits & detail::every_top_bit) == 0;
  for (; at < size; ++at) {
    const auto byte = static_cast<unsigned char>(begin[at]);
    if (byte == '\n' || byte == '\r') break;
    ascii = ascii && byte < 0x80;
  }
  return {at, ascii};
}

/// Offset of the first byte that is not part of well-formed UTF-8 (Unicode 15, table 3-7), or
/// text.size() when all of it is.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

}  // namespace streamgauge::sse
