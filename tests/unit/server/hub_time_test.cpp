// Heartbeats and eviction, stepped by a clock that the test turns.
#include <gtest/gtest.h>

#include <algorithm>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

// A slot of the wheel and a step of the bench's clock.
constexpr Duration late = HubBench::every / 256 + 1ms;

TEST(HubHeartbeat, comes_first_within_half_to_one_period_and_spread) {
  HubBench bench;
  for (int i = 0; i < 200; ++i) bench.connect();
  bench.advance(1001ms, true);
  Instant first = Instant::max();
  Instant last{};
  for (const auto& client : bench.clients) {
    ASSERT_EQ(client->beats.size(), 1u);
    first = std::min(first, client->beats[0]);
    last = std::max(last, client->beats[0]);
  }
  EXPECT_GE(first, t0 + 490ms);
  EXPECT_LE(last, t0 + 1s + 1ms);
  EXPECT_GE(last - first, 400ms);
}

TEST(HubHeartbeat, keeps_its_beat_exactly_also_under_traffic) {
  HubBench bench;
  Client& client = bench.connect();
  for (int i = 0; i < 300; ++i) {
    bench.publish(1);
    bench.advance(100ms, true);
  }
  ASSERT_GE(client.beats.size(), 29u);
  for (std::size_t i = 1; i < client.beats.size(); ++i) {
    EXPECT_LE(std::chrono::abs(client.beats[i] - client.beats[i - 1] - HubBench::every), late);
  }
}

TEST(HubHeartbeat, is_reset_by_traffic_when_the_contract_says_so) {
  HubBench bench;
  bench.settings.heartbeat->under_traffic = HeartbeatUnderTraffic::reset;
  Client& client = bench.connect();
  for (int i = 0; i < 50; ++i) {
    bench.publish(1);
    bench.advance(100ms, true);
  }
  EXPECT_TRUE(client.beats.empty());
  const Instant quiet = bench.at - 100ms;
  bench.advance(3s, true);
  ASSERT_EQ(client.beats.size(), 2u + (client.beats.size() > 2 ? 1u : 0u));
  EXPECT_GE(client.beats[0] - quiet, HubBench::every);
  EXPECT_LE(client.beats[0] - quiet, HubBench::every + late);
  EXPECT_LE(client.beats[1] - client.beats[0], HubBench::every + late);
}

TEST(HubHeartbeat, is_sent_once_after_a_long_stop_and_never_soon_again) {
  for (const Duration stop :
       {Duration{300ms}, Duration{900ms}, Duration{1500ms}, Duration{10s}, Duration{100s}}) {
    HubBench bench;
    Client& client = bench.connect();
    bench.advance(2s, true);
    const std::size_t before = client.beats.size();
    bench.at += stop;  // the process was stopped: no tick at all
    bench.hub.tick(bench.at);
    bench.note();
    EXPECT_LE(client.beats.size(), before + 1);
    bench.advance(4s, true);
    for (std::size_t i = std::max<std::size_t>(before, 1); i < client.beats.size(); ++i) {
      EXPECT_GE(client.beats[i] - client.beats[i - 1], HubBench::every * 3 / 4) << to_seconds(stop);
    }
  }
}

TEST(HubHeartbeat, is_skipped_while_messages_wait_and_never_piles_up) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 0;
  bench.publish(1);
  bench.advance(3s);
  EXPECT_GE(bench.counters.heartbeats_skipped.value(), 2u);
  client.outlet.room = 1000;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(client.numbers(), "1");
  EXPECT_EQ(count_of(client.outlet.got, "BEAT"), 0u);
}

TEST(HubHeartbeat, waits_at_most_once_for_a_connection_that_takes_nothing) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 0;
  bench.advance(3500ms);
  EXPECT_EQ(count_of(client.outlet.got, "BEAT"), 0u);
  client.outlet.room = 1000;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(count_of(client.outlet.got, "BEAT"), 1u);
}

TEST(HubHeartbeatFlaw, bursts_after_a_busy_spell) {
  HubBench bench(Flaw::heartbeat_burst);
  Client& client = bench.connect();
  for (int i = 0; i < 40; ++i) {
    bench.publish(1);
    bench.advance(100ms, true);
  }
  EXPECT_TRUE(client.beats.empty());
  bench.advance(2s, true);
  EXPECT_GE(std::count(client.beats.begin(), client.beats.end(), client.beats.front()), 3);
}

TEST(HubHeartbeatFlaw, bursts_after_a_stop) {
  HubBench bench(Flaw::heartbeat_burst);
  Client& client = bench.connect();
  bench.at += 5s;
  bench.hub.tick(bench.at);
  bench.note();
  EXPECT_GE(client.beats.size(), 4u);
}

TEST(HubHeartbeatFlaw, is_missing_on_an_empty_stream_until_the_first_event) {
  HubBench bench(Flaw::heartbeat_on_empty_missing);
  Client& client = bench.connect();
  bench.advance(5s, true);
  EXPECT_TRUE(client.beats.empty());
  bench.publish(1);
  bench.advance(2s, true);
  EXPECT_FALSE(client.beats.empty());
}

// --- eviction ----------------------------------------------------------------------------------

TEST(HubEviction, comes_when_the_peer_acknowledged_nothing_for_the_stated_time) {
  HubBench bench;
  Client& client = bench.connect();
  bench.advance(10s);  // healthy: everything acknowledged
  bench.publish(1);
  client.outlet.room = 0;  // heartbeats do not leave any more
  client.outlet.open = 10;
  const Instant since = bench.at;
  bench.advance(4s);
  EXPECT_TRUE(client.outlet.closes.empty()) << "not early";
  while (client.outlet.closes.empty() && bench.at < since + 6s) bench.advance(1ms);
  ASSERT_EQ(client.outlet.closes, (std::vector{CloseReason::stalled}));
  EXPECT_LE(bench.at - since, 4s + 2 * *bench.hub.sweep_interval() + 1ms);
  EXPECT_EQ(bench.hub.subscribers(), 0u);
}

TEST(HubEviction, spares_the_slow_one_that_still_makes_progress) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 0;
  bench.publish(50);
  client.outlet.open = client.subscriber.bytes_written;
  for (int i = 0; i < 20; ++i) {
    bench.advance(3500ms);
    client.outlet.room = 1;  // one byte in three and a half seconds
    bench.hub.writable(client.subscriber, bench.at);
    client.outlet.open = 1;
  }
  EXPECT_TRUE(client.outlet.closes.empty());
}

TEST(HubEviction, spares_the_idle_one_with_nothing_outstanding) {
  HubBench bench;
  bench.settings.heartbeat.reset();
  HubSettings quiet = bench.settings;
  Hub hub(quiet, bench.counters, 1, t0);
  Subscriber subscriber;
  FakeOutlet outlet;
  StreamStart start;
  start.head = Event::raw("HEAD|");
  hub.subscribe(bench.channel, subscriber, outlet, std::move(start), t0);
  for (Instant at = t0; at < t0 + 60s; at += 200ms) hub.sweep(at);
  EXPECT_TRUE(outlet.closes.empty());
  hub.leave(subscriber, CloseReason::peer_closed);
}

TEST(HubEviction, is_not_put_off_by_attempts_or_heartbeats) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 0;
  client.outlet.open = 3;
  for (int i = 0; i < 50; ++i) {
    bench.publish(1);
    bench.advance(100ms);
  }
  EXPECT_EQ(client.outlet.closes, (std::vector{CloseReason::stalled}));
}

TEST(HubEvictionFlaw, never_comes_when_attempts_are_taken_for_progress) {
  HubBench bench(Flaw::liveness_by_attempt);
  Client& client = bench.connect();
  client.outlet.room = 0;
  client.outlet.open = 3;
  for (int i = 0; i < 300; ++i) {
    bench.publish(1);
    bench.advance(100ms);
  }
  EXPECT_TRUE(client.outlet.closes.empty());
  bench.advance(20s);  // heartbeats alone keep it too
  EXPECT_TRUE(client.outlet.closes.empty());
}

}  // namespace
}  // namespace streamgauge::server
