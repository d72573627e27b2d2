#include "reports/text.hpp"

#include <gtest/gtest.h>

namespace streamgauge::reports {
namespace {

struct Utf8Case {
  std::string_view name, in, out;
};

class Utf8 : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8, invalid_bytes_become_visible_and_valid_ones_stay) {
  EXPECT_EQ(valid_utf8(GetParam().in), GetParam().out);
}

// Bounds of Unicode 15, table 3-7: first and last of each length, and what lies just outside.
INSTANTIATE_TEST_SUITE_P(
    Text, Utf8,
    testing::Values(Utf8Case{"empty", "", ""}, Utf8Case{"ascii", "a\x7f", "a\x7f"},
                    Utf8Case{"two_bytes_first", "\xC2\x80", "\xC2\x80"},
                    Utf8Case{"two_bytes_last", "\xDF\xBF", "\xDF\xBF"},
                    Utf8Case{"three_bytes_first", "\xE0\xA0\x80", "\xE0\xA0\x80"},
                    Utf8Case{"before_surrogates", "\xED\x9F\xBF", "\xED\x9F\xBF"},
                    Utf8Case{"after_surrogates", "\xEE\x80\x80", "\xEE\x80\x80"},
                    Utf8Case{"four_bytes_first", "\xF0\x90\x80\x80", "\xF0\x90\x80\x80"},
                    Utf8Case{"four_bytes_last", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
                    Utf8Case{"stray_continuation", "a\x80z", "a\\x80z"},
                    Utf8Case{"overlong_two", "\xC1\xBF", "\\xC1\\xBF"},
                    Utf8Case{"overlong_three", "\xE0\x9F\xBF", "\\xE0\\x9F\\xBF"},
                    Utf8Case{"overlong_four", "\xF0\x8F\xBF\xBF", "\\xF0\\x8F\\xBF\\xBF"},
                    Utf8Case{"surrogate", "\xED\xA0\x80", "\\xED\\xA0\\x80"},
                    Utf8Case{"beyond_unicode", "\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},
                    Utf8Case{"lead_f5", "\xF5\x80\x80\x80", "\\xF5\\x80\\x80\\x80"},
                    Utf8Case{"cut_at_end", "a\xE2\x82", "a\\xE2\\x82"},
                    Utf8Case{"cut_by_ascii", "\xE2\x82z", "\\xE2\\x82z"},
                    Utf8Case{"cut_by_a_lead", "\xE2\xC3\xA9", "\\xE2\xC3\xA9"}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST(Text, every_byte_alone_ends_up_as_valid_utf8) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string once = valid_utf8(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(valid_utf8(once), once) << byte;
  }
}

TEST(Text, code_points_survive_encoding_and_decoding) {
  for (const char32_t c :
       {U'\x00', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string encoded;
    append_utf8(encoded, c);
    std::size_t at = 0;
    const CodePoint decoded = next_code_point(encoded, at);
    EXPECT_TRUE(decoded.valid);
    EXPECT_EQ(decoded.value, c);
    EXPECT_EQ(at, encoded.size());
  }
}

TEST(Text, nothing_printable_can_steer_a_terminal) {
  EXPECT_EQ(printable("\x1b[2J"), "\\x1B[2J");
  EXPECT_EQ(printable("a\r\n\tb"), "a\\r\\n\\tb");
  EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7F");
  EXPECT_EQ(printable("\u009b31m"), "\\u{009B}31m");  // CSI as one C1 control
  EXPECT_EQ(printable("\u202eabc\u2066\u2028"), "\\u{202E}abc\\u{2066}\\u{2028}");
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("750 ms ± 25 % – é"), "750 ms ± 25 % – é");
}

TEST(Text, ascii_spells_out_the_signs_that_reports_use) {
  EXPECT_EQ(to_ascii("750 ms ± 25 %, 3 µs ≤ x → y…"), "750 ms +/- 25 %, 3 us <= x -> y...");
  EXPECT_EQ(to_ascii("日本e\u0301"), "??e");
  EXPECT_EQ(to_ascii("\xff"), "?");
}

TEST(Text, width_counts_columns_and_not_bytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("✓ ±é"), 4U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
}

TEST(Text, eliding_keeps_what_fits_and_never_exceeds_the_width) {
  EXPECT_EQ(elide("abcdef", 6, "…"), "abcdef");
  EXPECT_EQ(elide("abcdef", 5, "…"), "abcd…");
  EXPECT_EQ(elide("abc def", 5, "…"), "abc…") << "no space before the mark";
  EXPECT_EQ(elide("abcdef", 3, "..."), "...");
  EXPECT_EQ(elide("abcdef", 2, "..."), "");
  EXPECT_EQ(elide("日本語", 4, "…"), "日…") << "a wide sign is not cut in half";
  for (std::size_t width = 0; width < 12; ++width) {
    EXPECT_LE(display_width(elide("日a本b語c", width, "…")), width);
  }
}

TEST(Text, wrapping_breaks_at_spaces_and_loses_nothing) {
  EXPECT_EQ(wrap("", 10), (std::vector<std::string>{""}));
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("one two three", 6), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("日本語", 1), (std::vector<std::string>{"日", "本", "語"}))
      << "must make progress";
  EXPECT_EQ(wrap("ab", 0), (std::vector<std::string>{"a", "b"}));
}

TEST(Text, instants_are_utc_with_milliseconds) {
  EXPECT_EQ(rfc3339(instant_from_ns(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(instant_from_ns(951'782'399'999'999'999)), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(rfc3339(instant_from_ns(951'782'400'000'000'000)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(rfc3339(instant_from_ns(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Text, file_names_stay_inside_their_folder) {
  EXPECT_EQ(safe_file_name("steady-fanout_2.x"), "steady-fanout_2.x");
  EXPECT_EQ(safe_file_name("../etc/passwd"), "_.._etc_passwd");
  EXPECT_EQ(safe_file_name(""), "_");
  EXPECT_EQ(safe_file_name(".hidden"), "_.hidden");
  EXPECT_EQ(safe_file_name("a b\n"), "a_b_");
  EXPECT_EQ(safe_file_name(std::string(300, 'x')).size(), 100U);
}

}  // namespace
}  // namespace streamgauge::reports
