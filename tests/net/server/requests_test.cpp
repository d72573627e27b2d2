// Requests and answers, byte by byte.
#include <gtest/gtest.h>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

TEST(Requests, open_a_stream_with_its_head_at_once) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send(ServerBench::get("/events?channel=a"));
  EXPECT_EQ(client.read_until("retry: 3000\n\n\r\n"),
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: text/event-stream; charset=utf-8\r\n"
            "Cache-Control: no-cache, no-transform\r\n"
            "X-Accel-Buffering: no\r\n"
            "Connection: keep-alive\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "d\r\nretry: 3000\n\n\r\n");
}

TEST(Requests, of_http_1_0_get_a_stream_without_chunks) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send("GET /events?channel=a HTTP/1.0\r\n\r\n");
  const std::string head = client.read_until("retry: 3000\n\n");
  EXPECT_TRUE(head.ends_with("Connection: close\r\n\r\nretry: 3000\n\n")) << head;
  EXPECT_EQ(head.find("chunked"), std::string::npos);
  bench.publish("/publish?channel=a&id=one", "x");
  EXPECT_EQ(client.read_until("\n\n").find("\r"), std::string::npos);
}

TEST(Requests, that_are_wrong_get_a_status_and_a_sentence) {
  struct {
    std::string request;
    const char* status;
  } const cases[] = {
      {ServerBench::get("/nosuch"), "404"},
      {ServerBench::post("/events"), "405"},
      {ServerBench::get("/publish"), "405"},
      {ServerBench::post("/publish?class=urgent", "x"), "400"},
      {ServerBench::post("/publish?event=a%0Ab", "x"), "400"},
      {ServerBench::post("/publish?event=a%0Db", "x"), "400"},
      {ServerBench::post("/publish?id=a%0Ab", "x"), "400"},
      {ServerBench::post("/publish?id=a%00b", "x"), "400"},
      {ServerBench::post("/publish?id=%zz", "x"), "400"},
      {"nonsense\r\n\r\n", "400"},
      {"POST /publish HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n", "413"},
      {ServerBench::get("/readyz", "X: " + std::string(20000, 'x') + "\r\n"), "431"},
  };
  ServerBench bench;
  for (const auto& one : cases) {
    const std::string answer = bench.ask(one.request);
    EXPECT_EQ(answer.substr(0, 12), fmt::format("HTTP/1.1 {}", one.status))
        << one.request.substr(0, 80);
    EXPECT_TRUE(answer.ends_with("\n"));
  }
  EXPECT_EQ(bench.stat("published_events_total"), 0u);
}

TEST(Requests, with_head_get_the_head_alone_and_the_connection_goes_on) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send("HEAD /events HTTP/1.1\r\nHost: t\r\n\r\n" + ServerBench::get("/healthz"));
  EXPECT_NE(client.read_until("\r\n\r\n").find("text/event-stream"), std::string::npos);
  EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain"));
  EXPECT_EQ(bench.stat("streams_open"), 0u);
}

TEST(Requests, may_be_pipelined_and_keep_their_order_for_every_subscriber) {
  ServerBench bench;
  std::vector<WireClient> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(bench.stream("/events?channel=a"));
  std::string requests;
  std::string expected;
  for (int n = 1; n <= 200; ++n) {
    requests += ServerBench::post(fmt::format("/publish?channel=a&id=n{}", n), "x");
    const std::string block = fmt::format("id: n{}\ndata: x\n\n", n);
    expected += fmt::format("{:x}\r\n{}\r\n", block.size(), block);
  }
  WireClient publisher = bench.connect();
  publisher.send(requests);
  for (int n = 1; n <= 200; ++n) {
    const std::string answer = publisher.answer();
    ASSERT_TRUE(answer.ends_with(fmt::format("{{\"id\":\"n{}\",\"subscribers\":4}}\n", n)))
        << answer;
  }
  for (WireClient& stream : streams) EXPECT_EQ(stream.read_bytes(expected.size()), expected);
}

TEST(Requests, cannot_inject_by_data) {
  ServerBench bench;
  WireClient client = bench.stream("/events?channel=a");
  bench.publish("/publish?channel=a&id=i&event=t", "one\r\ntwo\rthree\n\nevent: evil");
  EXPECT_EQ(client.read_until("evil\n\n\r\n"),
            "48\r\nevent: t\nid: i\ndata: one\ndata: two\ndata: three\ndata:\ndata: event: evil\n\n"
            "\r\n");
}

TEST(Requests, that_never_finish_their_head_are_cut_off) {
  ServerOptions options = test_options();
  options.head_within = 200ms;
  ServerBench bench(options);
  WireClient client = bench.connect();
  client.send("GET /events HTTP/1.1\r\nHost");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.ended() || client.was_reset());
}

TEST(Requests, for_a_large_body_are_told_to_go_on) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send(
      "POST /publish?channel=a HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200 OK"));
}

TEST(Requests, to_a_taken_port_fail_at_the_start_with_its_number) {
  ServerBench bench;
  ServerOptions options = test_options();
  options.port = bench.server().port();
  const auto second = Server::start(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().exit_code, ExitCode::target);
  EXPECT_NE(second.error().message.find(std::to_string(options.port)), std::string::npos);
}

TEST(Requests, for_metrics_are_answered_in_the_exposition_format) {
  ServerBench bench;
  WireClient client = bench.stream("/events?channel=a");
  bench.publish("/publish?channel=a", "x");
  (void)client.read_until("data: x");
  ASSERT_TRUE(bench.eventually("delivered_events_total", 1));
  const std::string text = bench.ask(ServerBench::get("/metrics"));
  for (const char* line :
       {"\nsse_streams_open 1\n", "\nsse_published_events_total 1\n",
        "\nsse_delivered_events_total 1\n", "# TYPE sse_publish_latency_seconds histogram\n",
        "\nsse_streams_closed_total{reason=\"stalled\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace streamgauge::server
