#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "harness/core/latency/histogram.hpp"

using namespace std::chrono_literals;
using streamgauge::Duration;
using namespace streamgauge::latency;

namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string out;
  for (const int b : list) out.push_back(static_cast<char>(b));
  return out;
}

/// Header of the default config with the given payload.
std::string encoded(const std::string& payload) {
  const std::string header = encode(Histogram{}).substr(0, 40);
  const auto n = static_cast<unsigned>(payload.size());
  std::string out = header + payload;
  for (unsigned i = 0; i < 4; ++i) out[4 + i] = static_cast<char>(n >> (24 - 8 * i));
  return out;
}

std::string deflated(const std::string& raw) {
  uLongf size = compressBound(raw.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  std::string out = bytes({0x1c, 0x84, 0x93, 0x14});
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(size >> (24 - 8 * i)));
  return out + packed;
}

Histogram sample(unsigned seed, int n) {
  std::mt19937_64 random(seed);
  Histogram h;
  for (int i = 0; i < n; ++i) {
    h.record(Duration{static_cast<std::int64_t>(random() >> (20 + random() % 40))},
             1 + (random() % 5 == 0 ? random() % 100'000'000'000 : 0));
  }
  return h;
}

std::string problem(const std::string& text) {
  const auto result = decode(text);
  return result.has_error() ? result.error().message : "accepted";
}

}  // namespace

TEST(Codec, writes_header_and_counts_byte_by_byte_as_the_format_says) {
  Histogram h;
  h.record(512ns, 1);                                  // index 1: one zero before
  h.record(2048ns, 300);                               // index 4: a run of two zeros between
  EXPECT_EQ(encode(h), bytes({0x1c, 0x84, 0x93, 0x13,  // cookie
                              0,    0,    0,    5,     // payload
                              0,    0,    0,    0,     // offset
                              0,    0,    0,    3,     // digits
                              0,    0,    0,    0,    0,    0,    0x03, 0xe8,  // lowest
                              0,    0,    0x03, 0x46, 0x30, 0xb8, 0xa0, 0,     // highest
                              0x3f, 0xf0, 0,    0,    0,    0,    0,    0,     // 1.0
                              0,    2,    3,    0xd8, 4}));
}

TEST(Codec, writes_an_empty_histogram_as_one_zero) {
  EXPECT_EQ(encode(Histogram{}).substr(40), bytes({0}));
  EXPECT_EQ(decode(encode(Histogram{})).value(), Histogram{});
}

TEST(Codec, wraps_the_same_bytes_in_zlib) {
  const std::string packed = encode_compressed(sample(1, 100));
  EXPECT_EQ(packed.substr(0, 4), bytes({0x1c, 0x84, 0x93, 0x14}));
  EXPECT_EQ(packed.size(), 8u + static_cast<unsigned char>(packed[7]) +
                               256u * static_cast<unsigned char>(packed[6]));
}

TEST(Codec, gives_back_what_it_was_given) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Histogram h = sample(seed, static_cast<int>(seed * 7));
    const auto raw = decode(encode(h));
    ASSERT_TRUE(raw.has_value()) << raw.error().message;
    EXPECT_EQ(*raw, h);
    EXPECT_EQ(raw->count(), h.count());
    const auto packed = decode(encode_compressed(h));
    ASSERT_TRUE(packed.has_value()) << packed.error().message;
    EXPECT_EQ(*packed, h);
  }
}

TEST(Codec, keeps_counts_of_every_size) {
  for (int shift = 0; shift < 63; ++shift) {
    Histogram h;
    h.record(1ms, std::uint64_t{1} << shift);
    ASSERT_EQ(decode(encode(h)).value(), h) << shift;
  }
  Histogram h;
  h.record(1ms, INT64_MAX);
  EXPECT_EQ(decode(encode(h)).value(), h);
}

TEST(Codec, keeps_another_layout) {
  Histogram h({1, INT64_MAX, 2});
  h.record(Duration{INT64_MAX});
  h.record(Duration{1});
  const auto again = decode(encode_compressed(h));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, h);
  EXPECT_EQ(again->config(), h.config());
}

TEST(Codec, takes_every_word_size_in_the_cookie) {
  std::string raw = encode(sample(1, 10));
  for (const int cookie : {0x03, 0x13, 0x23, 0x83}) {
    raw[3] = static_cast<char>(cookie);
    EXPECT_TRUE(decode(raw).has_value()) << cookie;
  }
}

TEST(Codec, reads_the_header_that_hdr_histogram_js_writes) {
  std::string raw = encode(sample(1, 10));
  raw[11] = 1;                                          // normalizing index: means nothing here
  raw.replace(32, 8, bytes({0, 0, 0, 0, 0, 0, 0, 1}));  // the ratio as an integer
  EXPECT_EQ(decode(raw).value(), sample(1, 10));
}

TEST(Codec, says_what_is_wrong) {
  EXPECT_EQ(problem(""), "an encoded histogram has a header of 40 bytes, here are 0");
  EXPECT_EQ(problem(std::string(39, 'x')),
            "an encoded histogram has a header of 40 bytes, here are 39");
  EXPECT_EQ(problem(std::string(40, 'x')),
            "not a histogram in V2 encoding: cookie 0x78787878 instead of 0x1c849313");
  EXPECT_EQ(problem(encoded(bytes({0x80}))), "an encoded histogram ends inside a number");
  std::string changed = encoded(bytes({2}));
  changed[32] = 0x40;
  EXPECT_NE(problem(changed).find("floating-point"), std::string::npos);
  changed = encoded(bytes({2}));
  changed[15] = 6;
  EXPECT_NE(problem(changed).find("significant digits"), std::string::npos);
  changed = encoded(bytes({2}));
  changed[7] = 2;
  EXPECT_EQ(problem(changed), "an encoded histogram claims 2 bytes of counts, here are 1");
  changed = encoded(bytes({2}));
  changed[4] = 0x7f;
  EXPECT_NE(problem(changed).find("claims 2130706433 bytes"), std::string::npos);
}

TEST(Codec, refuses_runs_and_counts_beyond_the_layout) {
  // 24576 counts: -24575 zeros (49149 in ZigZag) and one count are right, one more of either is
  // not.
  const std::string run_24575 = bytes({0xfd, 0xff, 0x02});
  EXPECT_EQ(problem(encoded(run_24575 + bytes({2}))), "accepted");
  EXPECT_NE(problem(encoded(run_24575 + bytes({2, 2}))).find("more counts"), std::string::npos);
  EXPECT_NE(problem(encoded(run_24575 + bytes({0, 2}))).find("more counts"), std::string::npos);
  const std::string run_of_2_to_63(9, '\xff');
  EXPECT_NE(problem(encoded(run_of_2_to_63)).find("more counts"), std::string::npos);
}

TEST(Codec, refuses_counts_whose_sum_overflows) {
  const std::string max_count = bytes({0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  EXPECT_EQ(problem(encoded(max_count)), "accepted");
  EXPECT_NE(problem(encoded(max_count + bytes({2}))).find("add up"), std::string::npos);
}

TEST(Codec, refuses_every_cut_of_a_right_encoding) {
  const Histogram h = sample(5, 40);
  for (const std::string& whole : {encode(h), encode_compressed(h)}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      ASSERT_TRUE(decode(std::string_view(whole).substr(0, n)).has_error()) << n;
    }
    EXPECT_TRUE(decode(whole + "x").has_error());
  }
}

TEST(Codec, never_inflates_more_than_the_header_announces) {
  EXPECT_EQ(problem(deflated(encoded(bytes({2})))), "accepted");
  const std::string bomb = deflated(encoded(bytes({2})) + std::string(64u << 20, '\0'));
  EXPECT_NE(problem(bomb).find("damaged or cut"), std::string::npos);
  std::string lie = encoded(bytes({2}));
  lie[7] = 100;
  EXPECT_NE(problem(deflated(lie)).find("damaged or cut"), std::string::npos);
  std::string huge = encoded(bytes({2}));
  huge[4] = '\x7f';
  EXPECT_NE(problem(deflated(huge)).find("its layout has 24576"), std::string::npos);
}

TEST(Codec, finds_damage_inside_the_zlib_data) {
  const std::string whole = encode_compressed(sample(9, 200));
  for (std::size_t at = 10; at < whole.size(); ++at) {
    std::string packed = whole;
    packed[at] = static_cast<char>(packed[at] ^ 0x55);
    ASSERT_TRUE(decode(packed).has_error()) << at;
  }
}
