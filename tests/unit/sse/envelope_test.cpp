#include "harness/core/sse/envelope.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace streamgauge::sse {
namespace {

std::string written(const Envelope& envelope, std::size_t size = 0) {
  std::string out;
  append_envelope(out, envelope, size);
  return out;
}

const Envelope sample{7, 2, 12, instant_from_ns(1'700'000'000'000'000'000), EnvelopeKind::critical};

TEST(Envelope, is_written_as_documented) {
  EXPECT_EQ(written(sample), "sg1 7 2 12 1700000000000000000 c");
  std::string out = "before ";
  append_envelope(out, sample);
  EXPECT_EQ(out, "before sg1 7 2 12 1700000000000000000 c");
}

TEST(Envelope, reads_back_what_was_written) {
  constexpr auto ns_max = std::numeric_limits<std::int64_t>::max();
  constexpr auto ns_min = std::numeric_limits<std::int64_t>::min();
  for (const auto kind : {EnvelopeKind::normal, EnvelopeKind::critical, EnvelopeKind::probe}) {
    for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{-1}, ns_max, ns_min}) {
      for (const std::uint64_t seq : {std::uint64_t{1}, ~std::uint64_t{0}}) {
        for (const std::uint32_t number : {0u, 1u, ~0u}) {
          const Envelope envelope{number, number, seq, instant_from_ns(ns), kind};
          for (const std::size_t size : {0u, 30u, 40u, 64u, 100u}) {
            ASSERT_EQ(parse_envelope(written(envelope, size)), envelope) << written(envelope, size);
          }
        }
      }
    }
  }
}

TEST(Envelope, is_padded_to_the_size_that_was_asked_for) {
  const std::size_t bare = written(sample).size();
  EXPECT_EQ(written(sample, bare - 1).size(), bare);
  EXPECT_EQ(written(sample, bare), written(sample));
  EXPECT_EQ(written(sample, bare + 1), written(sample) + " .");  // never ends with a space
  EXPECT_EQ(written(sample, bare + 2), written(sample) + " .");
  EXPECT_EQ(written(sample, bare + 5), written(sample) + " ....");
  EXPECT_EQ(written(sample, 65'536).size(), 65'536u);
}

TEST(Envelope, may_be_followed_by_anything_but_letters_and_digits) {
  for (const std::string_view tail : {"", " ", " ...", "\nid: x", "\r\n", "\"}", "{", "\xC3\xA9"}) {
    EXPECT_TRUE(parse_envelope(written(sample) + std::string{tail})) << tail;
  }
  for (const std::string_view tail : {"n", "0", "A", "z"}) {
    EXPECT_FALSE(parse_envelope(written(sample) + std::string{tail})) << tail;
  }
}

TEST(Envelope, is_not_seen_in_foreign_text) {
  for (const std::string_view text : {"",
                                      "s",
                                      "sg1",
                                      "sg1 ",
                                      "sg1 1",
                                      "sg1 1 2",
                                      "sg1 1 2 3 4",
                                      "sg1 1 2 3 4 ",
                                      "sg1 1 2 3 n",
                                      "sg2 1 2 3 4 n",
                                      " sg1 1 2 3 4 n",
                                      "SG1 1 2 3 4 n",
                                      "sg1  1 2 3 4 n",
                                      "sg1 1  2 3 4 n",
                                      "sg1 1 2 3 4  n",
                                      "sg1 +1 2 3 4 n",
                                      "sg1 -1 2 3 4 n",
                                      "sg1 1 2 -3 4 n",
                                      "sg1 0x1 2 3 4 n",
                                      "sg1 01 2 3 4 n",
                                      "sg1 1 2 03 4 n",
                                      "sg1 1 2 3 04 n",
                                      "sg1 1 2 3 -04 n",
                                      "sg1 1 2 3 -0 n",
                                      "sg1 1 2 3 - n",
                                      "sg1 1 2 0 4 n",
                                      "sg1 1 2 3 4 x",
                                      "sg1 1 2 3 4 N",
                                      "sg1 1.0 2 3 4 n",
                                      "sg1 4294967296 2 3 4 n",
                                      "sg1 1 4294967296 3 4 n",
                                      "sg1 1 2 18446744073709551616 4 n",
                                      "sg1 1 2 3 9223372036854775808 n",
                                      "sg1\t1 2 3 4 n",
                                      "data: sg1 1 2 3 4 n"}) {
    EXPECT_EQ(parse_envelope(text), std::nullopt) << text;
  }
}

TEST(Envelope, is_read_within_the_view_alone) {
  const std::string text = "sg1 1 2 3 44 n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse_envelope(std::string_view{text}.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_TRUE(parse_envelope(text));
}

}  // namespace
}  // namespace streamgauge::sse
