#include "reference-server/core/hub.hpp"

#include <gtest/gtest.h>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

TEST(Hub, sends_the_head_at_once_on_a_stream_without_events) {
  HubBench bench;
  Client& client = bench.connect();
  EXPECT_EQ(client.outlet.got, "HEAD|OPEN|");
}

TEST(Hub, gives_every_subscriber_the_same_bytes_in_the_same_order) {
  HubBench bench;
  Client& a = bench.connect();
  Client& b = bench.connect();
  bench.publish(3);
  EXPECT_EQ(a.numbers(), "1 2 3");
  EXPECT_EQ(a.outlet.got, b.outlet.got);
  EXPECT_EQ(bench.counters.delivered_events.value(), 6u);
}

TEST(Hub, keeps_channels_apart) {
  HubBench bench;
  Client& a = bench.connect();
  Client& other = bench.connect({}, bench.other);
  bench.publish(2);
  EXPECT_EQ(a.numbers(), "1 2");
  EXPECT_EQ(other.numbers(), "");
}

TEST(Hub, finishes_a_partly_written_event_without_repeating_a_byte) {
  for (std::size_t room = 0; room < 60; ++room) {
    HubBench bench;
    Client& client = bench.connect();
    client.outlet.room = room;
    bench.publish(4);
    client.outlet.room = 1000;
    bench.hub.writable(client.subscriber, bench.at);
    EXPECT_EQ(client.numbers(), "1 2 3 4") << room;
    EXPECT_EQ(bench.counters.queued_events.value(), 0u);
  }
}

TEST(Hub, does_not_try_a_blocked_connection_again_before_it_is_writable) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 0;
  bench.publish(1);
  const int writes = client.outlet.writes;
  bench.publish(3);
  EXPECT_EQ(client.outlet.writes, writes);
  EXPECT_TRUE(client.outlet.waits);
}

TEST(Hub, drops_the_oldest_for_a_slow_subscriber_and_says_how_many) {
  HubBench bench;
  bench.settings.queue.events_max = 2;
  Client& slow = bench.connect();
  Client& quick = bench.connect();
  slow.outlet.room = 0;
  bench.publish(6);
  slow.outlet.room = 10000;
  bench.hub.writable(slow.subscriber, bench.at);
  EXPECT_EQ(slow.numbers(), "lag4 5 6");
  EXPECT_EQ(quick.numbers(), "1 2 3 4 5 6");
  EXPECT_EQ(bench.counters.dropped_normal.value(), 4u);
  EXPECT_EQ(bench.counters.lag_notices.value(), 1u);
}

TEST(Hub, disconnects_when_that_is_the_answer_and_serves_the_others_on) {
  HubBench bench;
  bench.settings.queue.events_max = 1;
  bench.settings.queue.overflow = Overflow::disconnect;
  Client& slow = bench.connect();
  Client& quick = bench.connect();
  slow.outlet.room = 0;
  bench.publish(3);
  EXPECT_EQ(slow.outlet.closes, (std::vector{CloseReason::overflow}));
  EXPECT_EQ(quick.numbers(), "1 2 3");
  EXPECT_EQ(bench.hub.subscribers(), 1u);
}

TEST(Hub, survives_that_connections_die_in_the_middle_of_a_round) {
  HubBench bench;
  std::vector<Client*> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(&bench.connect());
  for (std::size_t i = 0; i < 10; i += 2) clients[i]->outlet.dead = true;
  bench.publish(2);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(clients[i]->outlet.closes.size(), i % 2 == 0 ? 1u : 0u);
    if (i % 2 == 1) {
      EXPECT_EQ(clients[i]->numbers(), "1 2");
    }
  }
  EXPECT_EQ(bench.counters.streams_open.value(), 5u);
}

// --- replay ------------------------------------------------------------------------------------

TEST(HubReplay, resumes_after_the_last_id_without_loss_or_repetition) {
  HubBench bench;
  bench.publish(5);
  Client& client = bench.connect("7-2");
  bench.publish(2);
  EXPECT_EQ(client.numbers(), "3 4 5 6 7");
  EXPECT_EQ(bench.counters.replay_hits.value(), 1u);
}

TEST(HubReplay, streams_a_replay_larger_than_the_queue_with_live_events_behind_it) {
  for (const std::size_t room : {0u, 30u, 500u, 3000u}) {
    HubBench bench;
    bench.settings.queue.events_max = 4;
    bench.settings.replay.events_max = 1000;
    bench.publish(300);
    Client& client = bench.connect("7-100", nullptr, 10 + room);
    std::string expected;
    for (int n = 101; n <= 330; ++n) expected += fmt::format("{}{}", n == 101 ? "" : " ", n);
    for (int round = 0; round < 30; ++round) {
      bench.publish(1);
      client.outlet.room = 37 * static_cast<std::size_t>(round);
      bench.hub.writable(client.subscriber, bench.at);
    }
    client.outlet.room = 1 << 20;
    bench.hub.writable(client.subscriber, bench.at);
    EXPECT_EQ(client.numbers(), expected) << room;
    EXPECT_EQ(bench.counters.dropped_normal.value(), 0u);
  }
}

TEST(HubReplay, announces_what_the_ring_lost_while_a_slow_replay_went_on) {
  HubBench bench;
  bench.settings.replay.events_max = 100;
  bench.publish(100);
  Client& client = bench.connect("7-0", nullptr, 10);
  bench.publish(50);  // 64 of the replay wait in the queue, the ring has moved on
  client.outlet.room = 1 << 20;
  bench.hub.writable(client.subscriber, bench.at);
  const std::string got = client.numbers();
  EXPECT_TRUE(got.starts_with("1 2 3 ")) << got;
  EXPECT_TRUE(got.ends_with(" 149 150")) << got;
  EXPECT_EQ(count_of(got, "lag"), bench.counters.dropped_normal.value() > 0 ? 1u : 0u);
}

TEST(HubReplay, counts_exactly_what_a_slow_replay_missed) {
  HubBench bench;
  bench.settings.replay.events_max = 100;
  bench.publish(100);
  Client& client = bench.connect("7-0", nullptr, 10);
  bench.publish(90);  // 1..64 were taken from the ring; it now begins at 91
  client.outlet.room = 1 << 20;
  bench.hub.writable(client.subscriber, bench.at);
  const std::string got = client.numbers();
  EXPECT_NE(got.find(" 64 lag26 91 "), std::string::npos) << got;
}

TEST(HubReplay, disconnects_rather_than_lose_a_critical_message_of_a_replay) {
  HubBench bench;
  bench.settings.replay.events_max = 100;
  bench.publish(80);
  bench.publish(1, MessageClass::critical);
  Client& client = bench.connect("7-0", nullptr, 10);
  bench.publish(150);
  client.outlet.room = 1 << 20;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(client.outlet.closes, (std::vector{CloseReason::overflow}));
}

TEST(HubReplay, tells_who_comes_too_late_and_begins_at_the_oldest) {
  HubBench bench;
  bench.settings.replay.events_max = 2;
  bench.settings.too_old_event = Event::raw("RESET|");
  bench.publish(5);
  Client& late = bench.connect("7-1");
  Client& foreign = bench.connect("6-5");
  Client& in_time = bench.connect("7-3");
  EXPECT_TRUE(late.outlet.got.starts_with("HEAD|OPEN|RESET|"));
  EXPECT_EQ(late.numbers(), "4 5");
  EXPECT_TRUE(foreign.outlet.got.starts_with("HEAD|OPEN|RESET|"));
  EXPECT_EQ(in_time.numbers(), "4 5");
  EXPECT_EQ(count_of(in_time.outlet.got, "RESET"), 0u);
  EXPECT_EQ(bench.counters.replay_misses.value(), 2u);
}

// --- ending ------------------------------------------------------------------------------------

TEST(HubFinish, ends_with_the_last_event_whole_and_the_terminal_chunk) {
  for (std::size_t room = 0; room < 40; ++room) {
    HubBench bench;
    Client& client = bench.connect();
    client.outlet.room = room;
    bench.publish(2);
    bench.hub.finish(client.subscriber, CloseReason::drained, Event::raw("HINT|"), true, bench.at);
    bench.publish(1);  // comes too late
    client.outlet.room = 1000;
    bench.hub.writable(client.subscriber, bench.at);
    EXPECT_EQ(client.numbers(), "1 2");
    EXPECT_TRUE(client.outlet.got.ends_with("HINT|0\r\n\r\n")) << room;
    EXPECT_EQ(client.outlet.closes, (std::vector{CloseReason::drained}));
  }
}

TEST(HubFinish, of_a_replaced_stream_drops_what_had_not_begun) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 5;
  bench.publish(3);
  bench.hub.finish(client.subscriber, CloseReason::replaced, nullptr, false, bench.at);
  client.outlet.room = 1000;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(client.numbers(), "1");
  EXPECT_TRUE(client.outlet.got.ends_with("0\r\n\r\n"));
  EXPECT_EQ(bench.counters.queued_events.value(), 0u);
}

TEST(HubFinish, leaves_no_trace_of_a_subscriber_that_left) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.room = 3;
  bench.publish(3);
  bench.hub.leave(client.subscriber, CloseReason::peer_closed);
  bench.hub.leave(client.subscriber, CloseReason::peer_closed);
  EXPECT_EQ(bench.hub.subscribers(), 0u);
  EXPECT_EQ(bench.counters.queued_events.value(), 0u);
  bench.advance(60s);
  EXPECT_TRUE(client.outlet.closes.empty());
}

// --- flaws of delivery -------------------------------------------------------------------------

TEST(HubFlaw, late_headers_wait_for_the_first_event_or_heartbeat) {
  HubBench bench(Flaw::late_headers);
  Client& first = bench.connect();
  EXPECT_EQ(first.outlet.got, "");
  bench.publish(1);
  EXPECT_TRUE(first.outlet.got.starts_with("HEAD|OPEN|"));
  EXPECT_EQ(first.numbers(), "1");
  Client& second = bench.connect();
  bench.advance(1s);
  EXPECT_EQ(second.outlet.got, "HEAD|OPEN|5\r\nBEAT|\r\n");
}

TEST(HubFlaw, head_of_line_marks_the_channel_while_somebody_blocks) {
  HubBench bench(Flaw::head_of_line);
  Client& client = bench.connect();
  client.outlet.room = 0;
  bench.publish(1);
  EXPECT_EQ(bench.channel->blocked.load(), 1);
  client.outlet.room = 1000;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(bench.channel->blocked.load(), 0);
  client.outlet.room = 0;
  bench.publish(1);
  bench.hub.leave(client.subscriber, CloseReason::peer_closed);
  EXPECT_EQ(bench.channel->blocked.load(), 0);
}

}  // namespace
}  // namespace streamgauge::server
