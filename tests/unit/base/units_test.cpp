#include "harness/core/base/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace streamgauge {
namespace {

using namespace std::chrono_literals;
using namespace streamgauge::literals;

TEST(Duration, reads_what_people_write) {
  const struct {
    std::string_view text;
    Duration expected;
  } cases[] = {
      {"0", 0ns},         {"0s", 0ns},
      {"250ms", 250ms},   {"15s", 15s},
      {"1.5s", 1500ms},   {"2m", 2min},
      {"1h", 1h},         {"100us", 100us},
      {"10ns", 10ns},     {"0.5h", 30min},
      {"1.25ms", 1250us}, {"007s", 7s},
      {"0.1us", 100ns},   {"1.000000001s", 1'000'000'001ns},
      {"0.10s", 100ms},   {"2.0ns", 2ns},
      {"90m", 90min},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(parse_duration(c.text), c.expected) << c.text;
  }
}

TEST(Duration, refuses_what_is_not_wholly_understood) {
  for (const std::string_view text :
       {"",       " ",   "15",    "s",    "ms",    "15 s",          " 15s",
        "15s ",   "-1s", "+1s",   "1.s",  ".5s",   "1..5s",         "1,5s",
        "1e3s",   "15S", "15sec", "1min", "1d",    "1h30m",         "0x1s",
        "inf",    "nan", "00",    "0.0",  "1.5ns", "0.0000000001s", "0.00000000000000000001s",
        "1.2.3s", "٣s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, is_bounded_by_what_fits_63_bits) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(parse_duration("9223372036854775807ns"), Duration{max});
  EXPECT_EQ(parse_duration("9223372036854775808ns"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036.854775807s"), Duration{max});
  EXPECT_EQ(parse_duration("9223372036.854775808s"), std::nullopt);
  EXPECT_EQ(parse_duration("2562047h"), 2'562'047h);
  EXPECT_EQ(parse_duration("2562048h"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999h"), std::nullopt);
}

TEST(Size, reads_what_people_write) {
  const struct {
    std::string_view text;
    std::uint64_t expected;
  } cases[] = {
      {"0", 0},
      {"64", 64},
      {"64B", 64},
      {"64KiB", 64_KiB},
      {"1MiB", 1_MiB},
      {"2GiB", 2048_MiB},
      {"10kB", 10'000},
      {"10MB", 10'000'000},
      {"1.5MiB", 1'572'864},
      {"0.5KiB", 512},
      {"1.5kB", 1500},
      {"1.0B", 1},
      {"18446744073709551615", ~std::uint64_t{0}},
      {"17179869183GiB", ~std::uint64_t{0} - 1024 * 1_MiB + 1},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_size(c.text), c.expected) << c.text;
}

TEST(Size, refuses_what_is_not_wholly_understood) {
  for (const std::string_view text : {"",
                                      "B",
                                      "KiB",
                                      "64 KiB",
                                      "-1",
                                      "+1",
                                      "64K",
                                      "64k",
                                      "64kb",
                                      "64KB",
                                      "64kib",
                                      "1Mib",
                                      "1GB",
                                      "1TiB",
                                      "0.5",
                                      "0.5B",
                                      "0.0001KiB",
                                      "1.",
                                      ".5KiB",
                                      "1e3",
                                      "18446744073709551616",
                                      "17179869184GiB",
                                      "18446744073709551.616kB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Rate, reads_events_per_second) {
  const struct {
    std::string_view text;
    double expected;
  } cases[] = {{"10/s", 10},  {"600/m", 10}, {"0.5/s", 0.5},
               {"30/m", 0.5}, {"0/s", 0},    {"100000/s", 1e5}};
  for (const auto& c : cases) {
    ASSERT_TRUE(parse_rate(c.text)) << c.text;
    EXPECT_DOUBLE_EQ(*parse_rate(c.text), c.expected) << c.text;
  }
}

TEST(Rate, refuses_what_is_not_wholly_understood) {
  for (const std::string_view text :
       {"", "10", "/s", "10/", "10 /s", "10/ s", "-1/s", "+1/s", "1e3/s", "inf/s", "nan/s", "10/h",
        "10/sec", "10/s ", "1./s", ".5/s"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(Duration, is_printed_with_three_digits_and_the_fitting_unit) {
  const struct {
    Duration duration;
    std::string_view text;
  } cases[] = {
      {0ns, "0 s"},
      {1ns, "1 ns"},
      {999ns, "999 ns"},
      {1us, "1 us"},
      {90us, "90 us"},
      {1250us, "1.25 ms"},
      {12'345us, "12.3 ms"},
      {999'499ns, "999 us"},
      {999'500ns, "1 ms"},
      {999'600ns, "1 ms"},
      {15s, "15 s"},
      {1500ms, "1.5 s"},
      {9'994ms, "9.99 s"},
      {9'996ms, "10 s"},
      {99'960ms, "100 s"},
      {599s, "599 s"},
      {599'600ms, "9.99 m"},
      {600s, "10 m"},
      {750s, "12.5 m"},
      {59min, "59 m"},
      {3'599s, "1 h"},
      {1h, "1 h"},
      {90min, "1.5 h"},
      {1000h, "1000 h"},
      {-1250us, "-1.25 ms"},
      {Duration::max(), "2562048 h"},
      {Duration::min(), "-2562048 h"},
  };
  for (const auto& c : cases) EXPECT_EQ(format_duration(c.duration), c.text);
}

TEST(Size, is_printed_in_binary_units) {
  const struct {
    std::uint64_t bytes;
    std::string_view text;
  } cases[] = {
      {0, "0 B"},
      {1, "1 B"},
      {512, "512 B"},
      {1023, "1023 B"},
      {1024, "1 KiB"},
      {1536, "1.5 KiB"},
      {64_KiB, "64 KiB"},
      {1023_KiB, "1023 KiB"},
      {1_MiB - 1, "1 MiB"},
      {1_MiB, "1 MiB"},
      {1_MiB * 3 / 2, "1.5 MiB"},
      {1'000'000, "977 KiB"},
      {1'000'000'000, "954 MiB"},
      {2048_MiB, "2 GiB"},
      {1_MiB << 20, "1 TiB"},
      {~std::uint64_t{0}, "16777216 TiB"},
  };
  for (const auto& c : cases) EXPECT_EQ(format_size(c.bytes), c.text);
}

TEST(Count, is_grouped_by_thousands) {
  const struct {
    std::uint64_t n;
    std::string_view text;
  } cases[] = {{0, "0"},
               {999, "999"},
               {1000, "1 000"},
               {12'345'678, "12 345 678"},
               {100'000, "100 000"},
               {~std::uint64_t{0}, "18 446 744 073 709 551 615"}};
  for (const auto& c : cases) EXPECT_EQ(format_count(c.n), c.text);
}

TEST(Duration, that_was_printed_reads_back_without_its_space) {
  for (const Duration duration : {1ns * 1, Duration{250ms}, Duration{15s}, Duration{90min}}) {
    std::string text = format_duration(duration);
    text.erase(text.find(' '), 1);
    EXPECT_EQ(parse_duration(text), duration) << text;
  }
}

}  // namespace
}  // namespace streamgauge
