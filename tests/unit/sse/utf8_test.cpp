#include "harness/core/sse/utf8.hpp"

#include <gtest/gtest.h>

namespace streamgauge::sse {
namespace {

using namespace std::string_literals;

const std::string bad = "\xEF\xBF\xBD";

TEST(Utf8, WellFormedTextStaysAsItIs) {
  for (const std::string& text : {""s, "abc"s, "\0\x7F"s, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"s,
                                  "\xEF\xBB\xBF"s, "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"s}) {
    EXPECT_EQ(decode_utf8(text), text);
  }
}

TEST(Utf8, AMaximalPartOfACharacterBecomesOneReplacement) {
  EXPECT_EQ(decode_utf8("\xE2\x82"), bad);
  EXPECT_EQ(decode_utf8("a\xE2\x82z"), "a" + bad + "z");
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98z"), bad + "z");
  EXPECT_EQ(decode_utf8("\xF0\x9F\xE2\x82\xAC"), bad + "\xE2\x82\xAC");
}

TEST(Utf8, EveryOtherByteBecomesOneEach) {
  EXPECT_EQ(decode_utf8("\x80\xBF"), bad + bad);
  EXPECT_EQ(decode_utf8("\xC0\xAF"), bad + bad);
  EXPECT_EQ(decode_utf8("\xED\xA0\x80"), bad + bad + bad);
  EXPECT_EQ(decode_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(decode_utf8("\xFF"), bad);
  EXPECT_EQ(decode_utf8("\xE0\x80\x80"), bad + bad + bad);
}

}  // namespace
}  // namespace streamgauge::sse
