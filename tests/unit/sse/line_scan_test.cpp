#include "harness/core/sse/line_scan.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/sse/plain_reading.hpp"

namespace streamgauge::sse {
namespace {

TEST(ScanLine, finds_the_first_end_at_every_offset_and_alignment) {
  for (std::size_t size = 0; size <= 40; ++size) {
    // On the heap and without a terminator, so that a read past the end is seen.
    const auto buffer = std::make_unique<char[]>(size + 1);
    for (std::size_t shift = 0; shift <= 1; ++shift) {
      for (std::size_t at = shift; at < size; ++at) {
        for (const char end : {'\n', '\r'}) {
          std::fill_n(buffer.get(), size, 'x');
          buffer[at] = end;
          if (at + 1 < size) buffer[at + 1] = end == '\n' ? '\r' : '\n';
          const LineScan scan = scan_line({buffer.get() + shift, size - shift});
          ASSERT_EQ(scan.length, at - shift);
          ASSERT_TRUE(scan.ascii);
        }
      }
    }
  }
}

TEST(ScanLine, takes_no_other_byte_for_an_end) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(24, static_cast<char>(byte));
    const bool end = byte == '\n' || byte == '\r';
    const LineScan scan = scan_line(text);
    EXPECT_EQ(scan.length, end ? 0u : 24u) << byte;
    EXPECT_EQ(scan.ascii, byte < 0x80) << byte;
  }
}

TEST(ScanLine, calls_a_line_ascii_by_its_own_bytes_alone) {
  for (std::size_t at = 0; at < 30; ++at) {
    std::string text(30, 'a');
    text[at] = '\x80';
    for (std::size_t end = 0; end < 30; ++end) {
      if (end == at) continue;
      std::string line = text;
      line[end] = '\n';
      EXPECT_EQ(scan_line(line).ascii, at > end) << at << ' ' << end;
    }
  }
}

TEST(Utf8, accepts_exactly_the_well_formed_sequences) {
  constexpr unsigned char interesting[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                           0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                           0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  for (const auto first : interesting) {
    for (const auto second : interesting) {
      for (const auto third : interesting) {
        for (const auto fourth : interesting) {
          std::string text{static_cast<char>(first), static_cast<char>(second),
                           static_cast<char>(third), static_cast<char>(fourth)};
          text.insert(0, "eight by");
          std::size_t expected = 0;
          while (expected < text.size()) {
            const auto bytes = plain_character_bytes(std::string_view{text}.substr(expected));
            if (bytes == 0) break;
            expected += bytes;
          }
          ASSERT_EQ(first_invalid_utf8(text), expected);
        }
      }
    }
  }
}

}  // namespace
}  // namespace streamgauge::sse
