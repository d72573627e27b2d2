// GET /poll over real sockets.
#include <gtest/gtest.h>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

std::string id_of(const std::string& answer) {
  const std::size_t at = answer.rfind("id: ");
  return at == std::string::npos ? "" : answer.substr(at + 4, answer.find('\n', at) - at - 4);
}

std::string since(const std::string& answer) {
  return fmt::format("Last-Event-ID: {}\r\n", id_of(answer));
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

TEST(Polls, the_first_is_answered_at_once_with_the_place_to_begin_from) {
  ServerBench bench;
  const std::string answer = bench.ask(ServerBench::get("/poll?channel=a"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(id_of(answer), "");
  EXPECT_EQ(answer.find("data:"), std::string::npos);
}

TEST(Polls, get_what_was_published_in_between_and_on_one_connection_one_after_the_other) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send(ServerBench::get("/poll?channel=a"));
  std::string answer = client.answer();
  for (int n = 1; n <= 3; ++n) {
    bench.publish("/publish?channel=a", fmt::format("n{}", n));
    bench.publish("/publish?channel=a", fmt::format("m{}", n));
    client.send(ServerBench::get("/poll?channel=a", since(answer)));
    answer = client.answer();
    EXPECT_EQ(count(answer, "data: "), 2u) << answer;
    EXPECT_LT(answer.find(fmt::format("data: n{}\n", n)), answer.find(fmt::format("data: m{}", n)));
  }
  EXPECT_EQ(bench.stat("streams_open"), 0u);
}

TEST(Polls, that_are_held_are_answered_with_the_next_message) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send(ServerBench::get("/poll?channel=a"));
  const std::string begin = client.answer();
  client.send(ServerBench::get("/poll?channel=a", since(begin)));
  ASSERT_TRUE(client.is_silent_for(50ms));
  bench.publish("/publish?channel=a", "at last");
  EXPECT_NE(client.answer().find("data: at last\n"), std::string::npos);
}

TEST(Polls, end_with_their_time_and_say_from_where_to_go_on) {
  ServerOptions options = test_options();
  options.contract.heartbeat->every = options.contract.heartbeat->first_within = 80ms;
  ServerBench bench(options);
  WireClient client = bench.connect();
  client.send(ServerBench::get("/poll?channel=a"));
  const std::string begin = client.answer();
  client.send(ServerBench::get("/poll?channel=a", since(begin)));
  const std::string empty = client.answer();
  EXPECT_EQ(empty.find("data:"), std::string::npos);
  EXPECT_EQ(id_of(empty), id_of(begin));
}

TEST(Polls, whose_client_has_gone_are_given_up) {
  ServerBench bench;
  WireClient client = bench.connect();
  client.send(ServerBench::get("/poll?channel=a"));
  const std::string begin = client.answer();
  client.send(ServerBench::get("/poll?channel=a", since(begin)));
  const auto waiting = [&](const char* value) {
    const std::string gauge = fmt::format("sse_subscribers{{transport=\"long-poll\"}} {}", value);
    for (int i = 0; i < 2000; ++i) {
      if (bench.ask(ServerBench::get("/metrics")).find(gauge) != std::string::npos) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  };
  EXPECT_TRUE(waiting("1"));
  client.close();
  EXPECT_TRUE(waiting("0"));
}

TEST(Polls, that_come_too_late_are_told_so) {
  ServerBench bench;
  bench.publish("/publish?channel=a", "n1");
  const std::string late = ServerBench::get("/poll?channel=a", "Last-Event-ID: 1-1\r\n");
  EXPECT_NE(bench.ask(late).find("event: reset\n"), std::string::npos);
  ServerOptions options = test_options();
  options.contract.replay->too_old = TooOld::status_204;
  ServerBench strict(options);
  EXPECT_EQ(strict.ask(late).substr(9, 3), "410") << "204 would mean: nothing new";
}

TEST(Polls, need_a_replay_to_go_on_from) {
  ServerOptions options = test_options();
  options.contract.replay.reset();
  ServerBench bench(options);
  EXPECT_EQ(bench.status_of("/poll?channel=a"), "404");
}

TEST(Polls, that_are_held_end_with_a_drain) {
  ServerOptions options = test_options();
  ServerBench bench(options);
  WireClient client = bench.connect();
  client.send(ServerBench::get("/poll?channel=a"));
  const std::string begin = client.answer();
  client.send(ServerBench::get("/poll?channel=a", since(begin)));
  ASSERT_TRUE(client.is_silent_for(50ms));
  bench.ask_admin(ServerBench::post("/admin/drain"));
  const std::string answer = client.answer();
  EXPECT_EQ(id_of(answer), id_of(begin)) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace streamgauge::server
