// The life of streams over real sockets: resume, replacement, slowness, eviction, drain.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <random>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

std::string id_in(const std::string& answer) {
  const std::size_t at = answer.find("\"id\":\"") + 6;
  return answer.substr(at, answer.find('"', at) - at);
}

TEST(Streams, resume_after_the_last_event_id_by_header_or_query) {
  ServerBench bench;
  std::vector<std::string> ids;
  for (int n = 1; n <= 3; ++n) {
    ids.push_back(id_in(bench.ask(ServerBench::post("/publish?channel=a", fmt::format("n{}", n)))));
  }
  for (int way = 0; way < 4; ++way) {  // also: on each of the shards
    WireClient client = way % 2 == 0 ? bench.stream("/events?channel=a",
                                                    fmt::format("Last-Event-ID: {}\r\n", ids[0]))
                                     : bench.stream("/events?channel=a&last_event_id=" + ids[0]);
    const std::string got = client.read_until("data: n3\n\n\r\n");
    EXPECT_EQ(got.find("data: n1"), std::string::npos);
    EXPECT_NE(got.find("data: n2"), std::string::npos);
    EXPECT_EQ(got.find("event: reset"), std::string::npos);
  }
}

TEST(Streams, that_come_too_late_are_told_so) {
  ServerBench bench;
  bench.publish("/publish?channel=a", "n1");
  WireClient client = bench.stream("/events?channel=a", "Last-Event-ID: 1-1\r\n");
  const std::string got = client.read_until("data: n1\n\n\r\n");
  EXPECT_NE(got.find("event: reset\n"), std::string::npos);

  for (const auto& [answer, status] :
       {std::pair{TooOld::status_204, "204"}, std::pair{TooOld::status_410, "410"}}) {
    ServerOptions options = test_options();
    options.contract.replay->too_old = answer;
    ServerBench strict(options);
    const std::string got_status =
        strict.ask(ServerBench::get("/events?channel=a", "Last-Event-ID: 1-1\r\n"));
    EXPECT_EQ(got_status.substr(9, 3), status);
    EXPECT_EQ(strict.stat("streams_open"), 0u);
  }
}

TEST(Streams, with_the_same_id_the_newest_wins) {
  ServerBench bench;
  WireClient first = bench.stream("/events?channel=a&id=me");
  WireClient second = bench.stream("/events?channel=a&id=me");
  EXPECT_EQ(first.read_to_end(), "0\r\n\r\n");
  EXPECT_TRUE(first.ended());
  first.close();
  ASSERT_TRUE(bench.eventually("replaced", 1));
  WireClient third = bench.stream("/events?channel=a&id=me");
  EXPECT_EQ(second.read_to_end(), "0\r\n\r\n");
  EXPECT_TRUE(bench.eventually("streams_open", 1));
}

TEST(Streams, can_be_revoked) {
  ServerBench bench;
  WireClient client = bench.stream("/events?channel=a&id=me");
  EXPECT_EQ(bench.ask_admin(ServerBench::post("/admin/revoke?id=you")).substr(9, 3), "404");
  EXPECT_EQ(bench.ask_admin(ServerBench::post("/admin/revoke?id=me")).substr(9, 3), "200");
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

TEST(Streams, beyond_the_limits_are_refused_and_told_when_to_come_back) {
  ServerOptions options = test_options();
  options.contract.limits.streams_total = 2;
  options.contract.limits.streams_per_user = 1;
  ServerBench bench(options);
  WireClient one = bench.stream("/events?user=ann");
  const std::string refused = bench.ask(ServerBench::get("/events?user=ann"));
  EXPECT_EQ(refused.substr(9, 3), "429");
  EXPECT_NE(refused.find("\r\nRetry-After: "), std::string::npos);
  WireClient two = bench.stream("/events?user=bob");
  EXPECT_EQ(bench.ask(ServerBench::get("/events")).substr(9, 3), "503");
  one.close();
  ASSERT_TRUE(bench.eventually("streams_open", 1));
  WireClient again = bench.stream("/events?user=ann");
}

TEST(Streams, are_given_up_when_the_peer_closes_or_resets) {
  ServerBench bench;
  WireClient closes = bench.stream("/events");
  WireClient resets = bench.stream("/events");
  closes.close();
  resets.reset();
  EXPECT_TRUE(bench.eventually("streams_open", 0));
  EXPECT_EQ(bench.stat("peer_closed"), 2u);
}

TEST(Streams, of_a_peer_that_only_listens_from_now_on_go_on_until_it_closes) {
  ServerBench bench;
  WireClient half = bench.stream("/events?channel=a");
  half.end_sending();
  EXPECT_EQ(half.read_until("\n\n\r\n"), "c\r\n:heartbeat\n\n\r\n");  // are you there?
  bench.publish("/publish?channel=a", "still here");
  EXPECT_NE(half.read_until("still here").find("data: "), std::string::npos);
  half.close();
  bench.publish("/publish?channel=a", "anybody?");
  EXPECT_TRUE(bench.eventually("streams_open", 0));
}

TEST(Streams, ignore_what_the_peer_says_on_them) {
  ServerBench bench;
  WireClient client = bench.stream("/events?channel=a");
  client.send(std::string(100'000, 'x'));
  bench.publish("/publish?channel=a", "still here");
  EXPECT_NE(client.read_until("still here").find("data: "), std::string::npos);
}

/// Sum of the gaps announced and of the events that came is what was published, in order.
TEST(Streams, that_are_slow_get_an_exact_notice_and_hold_nobody_else_up) {
  ServerOptions options = test_options();
  options.contract.queue->events_max = 8;
  options.send_buffer_bytes = 16 << 10;
  ServerBench bench(options);
  WireClient slow = bench.stream("/events?channel=a", "", 4096);
  WireClient quick = bench.stream("/events?channel=a");
  constexpr int n = 200;
  const std::string padding(8000, '.');
  for (int i = 1; i <= n; ++i) {
    bench.publish("/publish?channel=a", fmt::format("{} {}", i, padding));
    EXPECT_NE(quick.read_until(padding).find(fmt::format("data: {} ", i)), std::string::npos);
  }
  bench.publish("/publish?channel=a&class=critical&event=last", "end");
  const std::string got = slow.read_until("data: end\n");
  int next = 1;
  int notices = 0;
  for (std::size_t at = got.find("data: "); at != std::string::npos; at = got.find("data: ", at)) {
    at += 6;
    if (got.compare(at, 8, "dropped ") == 0) {
      next += std::stoi(got.substr(at + 8));
      ++notices;
    } else if (got.compare(at, 3, "end") != 0) {
      ASSERT_EQ(std::stoi(got.substr(at)), next);
      ++next;
    }
  }
  EXPECT_EQ(next, n + 1);
  EXPECT_GE(notices, 1);
}

TEST(Streams, that_take_nothing_are_evicted_with_a_reset_and_the_idle_are_not) {
  ServerOptions options = test_options();
  options.contract.eviction->stalled_after = 300ms;
  options.contract.heartbeat.reset();
  options.send_buffer_bytes = 16 << 10;
  ServerBench bench(options);
  WireClient idle = bench.stream("/events?channel=quiet");
  WireClient stalled = bench.stream("/events?channel=a", "", 4096);
  for (int i = 0; i < 30; ++i) bench.publish("/publish?channel=a", std::string(20'000, '.'));
  ASSERT_TRUE(bench.eventually("stalled", 1));
  (void)stalled.read_to_end();
  EXPECT_TRUE(stalled.was_reset());
  EXPECT_EQ(bench.stat("streams_open"), 1u);
  bench.publish("/publish?channel=quiet", "hello");
  EXPECT_NE(idle.read_until("hello").find("data: "), std::string::npos);
}

TEST(Streams, beat_without_any_event) {
  ServerOptions options = test_options();
  options.contract.heartbeat->every = 50ms;
  options.contract.heartbeat->first_within = 50ms;
  ServerBench bench(options);
  WireClient client = bench.stream("/events");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.read_until("\n\n\r\n"), "c\r\n:heartbeat\n\n\r\n");
  }
}

TEST(Streams, end_with_the_terminal_chunk_when_the_server_drains) {
  ServerOptions options = test_options();
  options.contract.drain->retry_hint = 2s;
  options.drain_delay = 300ms;
  ServerBench bench(options);
  WireClient kept = bench.connect();
  kept.send(ServerBench::get("/readyz"));
  EXPECT_EQ(kept.answer().substr(9, 3), "200");
  std::vector<WireClient> streams;
  for (int i = 0; i < 5; ++i) streams.push_back(bench.stream("/events?channel=a"));
  bench.publish("/publish?channel=a&id=last", "x");
  EXPECT_EQ(bench.ask_admin(ServerBench::post("/admin/drain")).substr(9, 3), "202");
  kept.send(ServerBench::get("/readyz") + ServerBench::get("/events"));
  EXPECT_EQ(kept.answer().substr(9, 3), "503");
  EXPECT_EQ(kept.answer().substr(9, 3), "503");
  for (WireClient& stream : streams) {
    const std::string rest = stream.read_to_end();
    EXPECT_TRUE(rest.starts_with("12\r\nid: last\ndata: x\n\n\r\n")) << rest;
    EXPECT_NE(rest.find("\r\nretry: "), std::string::npos) << rest;
    EXPECT_TRUE(rest.ends_with("\r\n0\r\n\r\n")) << rest;
    EXPECT_TRUE(stream.ended());
  }
  bench.server().wait();
  EXPECT_TRUE(bench.server().stopped());
}

TEST(Streams, that_take_nothing_do_not_keep_a_drain_beyond_its_grace) {
  ServerOptions options = test_options();
  options.contract.drain->grace = 200ms;
  options.send_buffer_bytes = 16 << 10;
  ServerBench bench(options);
  WireClient stalled = bench.stream("/events?channel=a", "", 4096);
  for (int i = 0; i < 30; ++i) bench.publish("/publish?channel=a", std::string(20'000, '.'));
  bench.server().drain();
  bench.server().wait();  // the test's own time limit is the bound
  (void)stalled.read_to_end();
  EXPECT_TRUE(stalled.was_reset());
}

TEST(StreamsFlaw, head_of_line_holds_everybody_until_the_slow_one_goes) {
  ServerOptions options = test_options();
  options.flaws.add(Flaw::head_of_line);
  options.send_buffer_bytes = 16 << 10;
  ServerBench bench(options);
  WireClient slow = bench.stream("/events?channel=a", "", 4096);
  WireClient publisher = bench.connect();
  constexpr int n = 2000;  // more than a shard that is let run late may have waiting
  std::thread publishing([&publisher] {
    for (int i = 0; i < n; ++i) {
      publisher.send(ServerBench::post("/publish?channel=a", std::string(20'000, '.')));
      (void)publisher.answer();
    }
  });
  std::uint64_t before = 0;
  for (int still = 0; still < 10;) {
    const std::uint64_t published = bench.stat("published_events_total");
    still = published == before ? still + 1 : 0;
    before = published;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_LT(before, std::uint64_t{n});
  slow.close();
  publishing.join();
  EXPECT_EQ(bench.stat("published_events_total"), std::uint64_t{n});
}

/// For the sanitizers: everything that can happen to a stream at once, and a stop in the midst.
TEST(Streams, survive_any_order_of_comings_and_goings) {
  ServerOptions options = test_options();
  options.contract.heartbeat->every = 20ms;
  options.contract.heartbeat->first_within = 20ms;
  options.contract.queue->events_max = 4;
  options.send_buffer_bytes = 8 << 10;
  ServerBench bench(options);
  std::atomic<bool> stop{false};
  std::atomic<unsigned> turn{1};  // of the publisher: clients come as fast as it gets on
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&bench, &stop, &turn, seed] {
      std::mt19937 random(seed);
      std::deque<WireClient> clients;
      for (unsigned came = 0; !stop; ++came) {
        for (unsigned now = turn; came >= now; now = turn) turn.wait(now);
        try {
          clients.push_back(bench.connect(4096));
        } catch (const std::exception&) {
          return;  // the server has stopped
        }
        clients.back().send(
            ServerBench::get(fmt::format("/events?channel=c{}&id=i{}&last_event_id={}",
                                         random() % 3, random() % 5, random() % 2 ? "x" : "")));
        if (random() % 3 == 0) clients.back().reset();
        if (clients.size() > 10) clients.pop_front();
      }
    });
  }
  threads.emplace_back([&bench, &turn] {
    WireClient publisher = bench.connect();
    for (int i = 0; i < 400; ++i) {
      publisher.send(ServerBench::post(
          fmt::format("/publish?channel=c{}&class={}", i % 3, i % 7 == 0 ? "critical" : "normal"),
          std::string(3000, '.')));
      (void)publisher.answer();
      ++turn;
      turn.notify_all();
    }
  });
  threads.back().join();
  threads.pop_back();
  EXPECT_EQ(bench.stat("published_events_total"), 400u);
  turn = ~0u;  // the stop comes in the midst of a crowd
  turn.notify_all();
  bench.server().drain();
  std::this_thread::sleep_for(20ms);
  bench.server().stop();
  bench.server().wait();
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace streamgauge::server
