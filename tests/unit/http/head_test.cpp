#include "harness/core/http/head.hpp"

#include <gtest/gtest.h>

namespace streamgauge::http {
namespace {

constexpr std::string_view head =
    "HTTP/1.1 200 OK: fine\r\n"
    "Content-Type: text/event-stream\r\n"
    "CACHE-CONTROL:no-cache ,\t No-Transform\r\n"
    "Empty:\r\n"
    "X-Spaced:  \t a b \t\r\n"
    "Cache-Control: private, max-age=0\r\n"
    "Bad : never\r\n"
    "no colon here\r\n"
    "Quoted: a=\"x, hidden\", shown\r\n"
    "\r\n"
    "Body: not a field\r\n";

TEST(Head, finds_fields_whatever_their_case) {
  EXPECT_EQ(field(head, "content-type"), "text/event-stream");
  EXPECT_EQ(field(head, "Cache-Control"), "no-cache ,\t No-Transform");
  EXPECT_EQ(field(head, "EMPTY"), "");
  EXPECT_EQ(field(head, "x-spaced"), "a b");
}

TEST(Head, finds_no_field_that_is_not_there) {
  for (const std::string_view name :
       {"content", "Content-Type2", "Bad", "body", "HTTP/1.1 200 OK", "no colon here", ""}) {
    EXPECT_EQ(field(head, name), std::nullopt) << name;
  }
  EXPECT_EQ(field("", "a"), std::nullopt);
  EXPECT_EQ(field("HTTP/1.1 200 OK", "a"), std::nullopt);
}

TEST(Head, reads_bare_lf_and_an_unfinished_head) {
  EXPECT_EQ(field("HTTP/1.1 200 OK\nA: 1\nB: 2\n\nC: 3\n", "b"), "2");
  EXPECT_EQ(field("HTTP/1.1 200 OK\nA: 1\nB: 2\n\nC: 3\n", "c"), std::nullopt);
  EXPECT_EQ(field("HTTP/1.1 200 OK\r\nA: 1", "a"), "1");
}

TEST(Head, compares_tokens_as_list_elements_over_all_lines) {
  for (const std::string_view token :
       {"no-cache", "no-transform", "NO-TRANSFORM", "private", "max-age=0"}) {
    EXPECT_TRUE(has_token(head, "cache-control", token)) << token;
  }
  for (const std::string_view token : {"no", "cache", "max-age", "max-age=00", "no-store"}) {
    EXPECT_FALSE(has_token(head, "cache-control", token)) << token;
  }
  EXPECT_FALSE(has_token(head, "absent", "no-cache"));
  EXPECT_TRUE(has_token(head, "quoted", "shown"));
  EXPECT_FALSE(has_token(head, "quoted", "hidden\""));
}

struct MediaCase {
  std::string_view value, essence;
  std::optional<std::string> charset;
};

TEST(MediaType, is_read_with_its_charset) {
  const MediaCase cases[] = {
      {"text/event-stream", "text/event-stream", {}},
      {"Text/Event-Stream;Charset=UTF-8", "text/event-stream", "utf-8"},
      {"text/event-stream ; charset=utf-8", "text/event-stream", "utf-8"},
      {" text/event-stream;\tcharset=\"Utf-8\" ", "text/event-stream", "utf-8"},
      {"text/event-stream;", "text/event-stream", {}},
      {"text/event-stream; charset", "text/event-stream", {}},
      {"text/event-stream; charset=", "text/event-stream", {}},
      {"text/event-stream; charset=\"\"", "text/event-stream", {}},
      {"text/event-stream; a=\"; charset=no\"; charset=yes", "text/event-stream", "yes"},
      {"text/event-stream; charset=\"a\\\"b\"", "text/event-stream", "a\"b"},
      {"text/event-stream; charset=one; charset=two", "text/event-stream", "one"},
      {"text/event-stream; xcharset=no", "text/event-stream", {}},
      {"text/html; charset=iso-8859-1", "text/html", "iso-8859-1"},
      {"application/vnd.a+json", "application/vnd.a+json", {}},
  };
  for (const MediaCase& c : cases) {
    const auto type = parse_media_type(c.value);
    ASSERT_TRUE(type) << c.value;
    EXPECT_EQ(type->essence, c.essence) << c.value;
    EXPECT_EQ(type->charset, c.charset) << c.value;
  }
}

TEST(MediaType, needs_a_type_and_a_subtype) {
  for (const std::string_view value :
       {"", " ", "text", "text/", "/event-stream", "text/event stream", "text / event-stream",
        "text/a/b", "text/event-stream, text/html", ";charset=utf-8", "text/\xC3\xA9"}) {
    EXPECT_FALSE(parse_media_type(value)) << value;
  }
}

}  // namespace
}  // namespace streamgauge::http
