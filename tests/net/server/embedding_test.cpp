// A program that embeds the server: pages of its own, publishing from inside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using Bench = ServerBench;
using testing::HasSubstr;

ServerOptions embedded() {
  ServerOptions options = test_options();
  options.pages = {{"/", "text/html; charset=utf-8", [] { return std::string("<h1>Here</h1>"); }},
                   {"/metrics", "text/plain", [] { return std::string("mine 1\n"); }}};
  options.takes_publications = false;
  return options;
}

TEST(Embedding, pages_are_served_in_place_of_the_servers_own) {
  Bench bench(embedded());
  const std::string page = bench.ask(Bench::get("/"));
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n")) << page;
  EXPECT_THAT(page, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(page, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(page, HasSubstr("<h1>Here</h1>"));
  EXPECT_THAT(bench.ask(Bench::get("/metrics")), HasSubstr("mine 1\n"));
  EXPECT_EQ(bench.status_of("/healthz"), "200") << "what it has no page for stays its own";
  EXPECT_THAT(bench.ask(Bench::post("/", "x")), HasSubstr(" 405 "));
}

TEST(Embedding, the_program_publishes_and_nobody_else) {
  Bench bench(embedded());
  WireClient stream = bench.stream("/events?channel=live");
  EXPECT_THAT(bench.ask(Bench::post("/publish?channel=live", "x")), HasSubstr(" 403 "));
  ASSERT_TRUE(bench.server().publish("live", {"point", "{\"at\":1}", {}, {}, {}}));
  EXPECT_THAT(stream.read_until("{\"at\":1}"), HasSubstr("event: point\n"));
}

TEST(Embedding, what_cannot_be_encoded_is_an_error) {
  Bench bench(embedded());
  EXPECT_FALSE(bench.server().publish("live", {"a\nb", "x", {}, {}, {}}));
}

}  // namespace
}  // namespace streamgauge::server
