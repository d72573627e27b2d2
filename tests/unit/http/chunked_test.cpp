#include "harness/core/http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamgauge::http {
namespace {

struct Outcome {
  std::string body, rest;
  BodyStatus status = BodyStatus::more;
  bool at_boundary = true;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "body \"" << o.body << "\" rest \"" << o.rest << "\" status "
             << static_cast<int>(o.status) << (o.at_boundary ? " at" : " not at") << " boundary";
}

Outcome decoded(const std::vector<std::string_view>& pieces) {
  ChunkedDecoder decoder;
  Outcome outcome;
  for (std::string_view bytes : pieces) {
    for (auto piece = decoder.next(bytes); !piece.empty(); piece = decoder.next(bytes)) {
      outcome.body += piece;
    }
    outcome.rest += bytes;
  }
  outcome.status = decoder.status();
  outcome.at_boundary = decoder.at_chunk_boundary();
  return outcome;
}

/// The outcome of `text` whole, after it was found equal when cut at each offset and at all.
Outcome decoded_however_cut(std::string_view text) {
  const Outcome whole = decoded({text});
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bytes.push_back(text.substr(i, 1));
    if (text.size() < 1000) {
      EXPECT_EQ(decoded({text.substr(0, i), text.substr(i)}), whole) << "cut at " << i;
    }
  }
  EXPECT_EQ(decoded(bytes), whole);
  return whole;
}

TEST(Chunked, decodes_bodies_that_end) {
  const struct {
    std::string_view text, body, rest;
  } cases[] = {
      {"0\r\n\r\n", "", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nHTTP/1.1", "hello world", "HTTP/1.1"},
      {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""},
      {"0005\r\nhello\r\n00000\r\n\r\n", "hello", ""},
      {"5;ext\r\nhello\r\n0;last\r\n\r\n", "hello", ""},
      {"5 ; a = \"q;x\"\t\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"1\r\nx\r\n0\r\nA: b\r\nLong-Trailer:\tc\r\n\r\nrest", "x", "rest"},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
      {"3\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n", "0\r\n", "0\r\n\r\n"},
      {"5\r\nhello\r\n0\r\n\r\n\n", "hello", "\n"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(decoded_however_cut(c.text),
              (Outcome{std::string{c.body}, std::string{c.rest}, BodyStatus::complete, true}))
        << c.text;
  }
}

TEST(Chunked, tells_where_a_body_was_cut) {
  const struct {
    std::string_view text, body;
    bool at_boundary;
  } cases[] = {
      {"", "", true},
      {"5", "", false},
      {"5\r", "", false},
      {"5\r\n", "", false},
      {"5\r\nhel", "hel", false},
      {"5\r\nhello", "hello", false},
      {"5\r\nhello\r", "hello", false},
      {"5\r\nhello\r\n", "hello", true},
      {"5\r\nhello\r\n0", "hello", false},
      {"5\r\nhello\r\n0\r\n", "hello", false},
      {"5\r\nhello\r\n0\r\n\r", "hello", false},
      {"5\r\nhello\r\n0\r\nA: b\r\n", "hello", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(decoded_however_cut(c.text),
              (Outcome{std::string{c.body}, "", BodyStatus::more, c.at_boundary}))
        << c.text;
  }
}

TEST(Chunked, sees_malformed_framing_and_leaves_it) {
  const struct {
    std::string_view text, body, rest;
  } cases[] = {
      {"\r\n", "", "\r\n"},  // no size
      {"x\r\n", "", "x\r\n"},
      {" 5\r\nhello\r\n", "", " 5\r\nhello\r\n"},
      {"-5\r\n", "", "-5\r\n"},
      {"0x5\r\nhello", "", "x5\r\nhello"},
      {";ext\r\n", "", ";ext\r\n"},
      {"5 \r\nhello", "", "\r\nhello"},  // white space must lead to an extension
      {"5 5\r\nhello", "", "5\r\nhello"},
      {"5\nhello", "", "\nhello"},  // bare LF
      {"5;a\nhello", "", "\nhello"},
      {"5\rhello", "", "hello"},  // bare CR
      {"5;a\rb\r\n", "", "b\r\n"},
      {"5;a\x7F\r\n", "", "\x7F\r\n"},
      {std::string_view{"5;\0\r\n", 5}, "", std::string_view{"\0\r\n", 3}},
      {"5\r\nhello0\r\n\r\n", "hello", "0\r\n\r\n"},  // no CRLF after the data
      {"5\r\nhello\n0\r\n\r\n", "hello", "\n0\r\n\r\n"},
      {"5\r\nhello\r0\r\n\r\n", "hello", "0\r\n\r\n"},
      {"5\r\nhello!\r\n", "hello", "!\r\n"},
      {"5\r\nhello\r\n\r\n", "hello", "\r\n"},
      {"0\r\n\n", "", "\n"},
      {"0\r\nA: b\n\r\n", "", "\n\r\n"},
      {"0\r\nA: b\rC\r\n", "", "C\r\n"},
      {"0\r\n\rx", "", "x"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(decoded_however_cut(c.text),
              (Outcome{std::string{c.body}, std::string{c.rest}, BodyStatus::malformed, false}))
        << c.text;
  }
}

TEST(Chunked, bounds_the_size_at_two_to_the_62nd) {
  EXPECT_EQ(decoded_however_cut("3fffffffffffffff\r\nx").status, BodyStatus::more);
  EXPECT_EQ(decoded_however_cut("4000000000000000\r\nx").body, "x");
  EXPECT_EQ(decoded_however_cut("4000000000000001\r\nx").status, BodyStatus::malformed);
  EXPECT_EQ(decoded_however_cut("ffffffffffffffff\r\nx").status, BodyStatus::malformed);
  // 2^64 + 5: would be 5 if the sum wrapped.
  EXPECT_EQ(decoded_however_cut("10000000000000005\r\nhello").status, BodyStatus::malformed);
  EXPECT_EQ(decoded_however_cut("00000000000000000000005\r\nhello").body, "hello");
}

TEST(Chunked, bounds_size_and_trailer_lines_at_4_kib) {
  for (const std::size_t size : {4095u, 4096u, 4097u}) {
    const auto expected = size <= 4096 ? BodyStatus::complete : BodyStatus::malformed;
    const std::string zeros(size, '0');
    EXPECT_EQ(decoded_however_cut(zeros + "\r\n\r\n").status, expected) << size;
    const std::string extension = "0;" + std::string(size - 2, 'e');
    EXPECT_EQ(decoded_however_cut(extension + "\r\n\r\n").status, expected) << size;
    const std::string trailer = "A:" + std::string(size - 2, 't');
    EXPECT_EQ(decoded_however_cut("0\r\n" + trailer + "\r\n" + trailer + "\r\n\r\n").status,
              expected)
        << size;
    const std::string second = "1" + extension.substr(1) + "\r\nx\r\n1" + extension.substr(1);
    EXPECT_EQ(decoded_however_cut(second + "\r\nx\r\n0\r\n\r\n").status, expected) << size;
  }
}

TEST(Chunked, hands_out_views_and_never_copies) {
  ChunkedDecoder decoder;
  const std::string text = "5\r\nhello\r\n0\r\n\r\n";
  std::string_view bytes = text;
  EXPECT_EQ(decoder.next(bytes).data(), text.data() + 3);
  EXPECT_TRUE(decoder.next(bytes).empty());
  EXPECT_EQ(decoder.status(), BodyStatus::complete);
  EXPECT_LE(sizeof(ChunkedDecoder), 16u);
}

TEST(Chunked, stays_over_once_it_is_over) {
  ChunkedDecoder decoder;
  std::string_view bytes = "0\r\n\r\n5\r\nhello";
  EXPECT_TRUE(decoder.next(bytes).empty());
  EXPECT_TRUE(decoder.next(bytes).empty());
  EXPECT_EQ(bytes, "5\r\nhello");
  EXPECT_EQ(decoder.status(), BodyStatus::complete);
}

}  // namespace
}  // namespace streamgauge::http
