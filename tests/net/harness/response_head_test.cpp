#include "harness/net/response_head.hpp"

#include <gtest/gtest.h>

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

ResponseHead parsed(std::string fields, std::string status = "200 OK") {
  const auto head = parse_response_head("HTTP/1.1 " + status + "\r\n" + fields + "\r\n");
  EXPECT_TRUE(head) << head.error().message;
  return head ? *head : ResponseHead{};
}

TEST(HeadEnd, is_behind_the_blank_line_whatever_ends_lines) {
  EXPECT_EQ(head_end("HTTP/1.1 200 OK\r\n\r\nbody"), 19u);
  EXPECT_EQ(head_end("HTTP/1.1 200 OK\n\nbody"), 17u);
  EXPECT_EQ(head_end("HTTP/1.1 200 OK\r\n\nbody"), 18u);
  EXPECT_EQ(head_end("HTTP/1.1 200 OK\r\nA: b\r\n"), std::string_view::npos);
  EXPECT_EQ(head_end("HTTP/1.1 200 OK\r\n\r"), std::string_view::npos);
  EXPECT_EQ(head_end(""), std::string_view::npos);
}

TEST(HeadEnd, is_found_when_searched_from_three_bytes_before_a_cut) {
  const std::string head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
  for (std::size_t cut = 0; cut <= head.size(); ++cut) {
    const bool found_before = head_end(std::string_view{head}.substr(0, cut)) != std::string::npos;
    const std::size_t from = cut < 3 ? 0 : cut - 3;
    EXPECT_TRUE(found_before || head_end(head, from) == head.size()) << cut;
  }
}

TEST(MayBeHttp, decides_as_early_as_possible) {
  EXPECT_TRUE(may_be_http(""));
  EXPECT_TRUE(may_be_http("HTT"));
  EXPECT_TRUE(may_be_http("HTTP/1.0 "));
  EXPECT_FALSE(may_be_http("HTX"));
  EXPECT_FALSE(may_be_http("HTTP/2 200"));
  EXPECT_FALSE(may_be_http(std::string_view{"\0\0", 2}));
}

TEST(ResponseHead, tells_the_three_framings_apart) {
  EXPECT_EQ(parsed("").framing, Framing::until_close);
  EXPECT_EQ(parsed("Transfer-Encoding: chunked\r\n").framing, Framing::chunked);
  const auto sized = parsed("content-length: 12\r\n");
  EXPECT_EQ(sized.framing, Framing::length);
  EXPECT_EQ(sized.content_length, 12u);
  const auto empty = parsed("", "204 No Content");
  EXPECT_EQ(empty.framing, Framing::length);
  EXPECT_EQ(empty.content_length, 0u);
}

TEST(ResponseHead, reads_retry_after_in_seconds_only) {
  EXPECT_EQ(parsed("Retry-After: 7\r\n").retry_after, 7s);
  EXPECT_EQ(parsed("Retry-After: 0\r\n").retry_after, 0s);
  EXPECT_EQ(parsed("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n").retry_after, std::nullopt);
  EXPECT_EQ(parsed("Retry-After: -1\r\n").retry_after, std::nullopt);
  EXPECT_EQ(parsed("").retry_after, std::nullopt);
  EXPECT_GT(parsed("Retry-After: 99999999999999\r\n").retry_after, 24h);
}

TEST(ResponseHead, refuses_what_is_malformed) {
  for (const char* head : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    EXPECT_FALSE(parse_response_head(head)) << head;
  }
}

TEST(WhyRejected, lets_event_streams_pass) {
  for (const char* type :
       {"text/event-stream", "Text/Event-Stream; charset=UTF-8", "text/event-stream;x=y"}) {
    EXPECT_EQ(why_rejected(parsed("Content-Type: " + std::string{type} + "\r\n")), std::nullopt);
  }
  EXPECT_EQ(
      why_rejected(parsed("Content-Type: text/event-stream\r\nContent-Encoding: identity\r\n")),
      std::nullopt);
}

TEST(WhyRejected, names_status_before_type_before_encoding) {
  const std::string stream = "Content-Type: text/event-stream\r\n";
  EXPECT_EQ(why_rejected(parsed(stream, "404 Not Found")), "status 404");
  EXPECT_EQ(why_rejected(parsed("Content-Type: application/json\r\n")),
            "content type application/json");
  EXPECT_EQ(why_rejected(parsed("")), "no content type");
  EXPECT_EQ(why_rejected(parsed(stream + "Content-Encoding: br\r\n")),
            "content encoding br, which the request did not offer");
  EXPECT_EQ(why_rejected(parsed("", "301 Moved")),
            "status 301: a redirect that is not followed (Location: missing)");
}

}  // namespace
}  // namespace streamgauge::net
