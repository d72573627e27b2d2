// What goes wrong while streams are held under a flaw, and does not without it.
#include <gtest/gtest.h>

#include <algorithm>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

constexpr auto critical = MessageClass::critical;
using Reasons = std::vector<CloseReason>;

HubSettings settings_of(std::optional<Flaw> flaw) {
  return hub_settings(default_contract(), flaw ? with(*flaw) : Flaws{}, 7).value();
}

/// Takes `room` bytes more and says so.
void go_on(HubBench& bench, Client& client, std::size_t room = 1 << 30) {
  client.outlet.room = room;
  if (std::exchange(client.outlet.waits, false)) bench.hub.writable(client.subscriber, bench.at);
}

// --- bounds ------------------------------------------------------------------------------------

TEST(FlawedBounds, keep_a_quarter) {
  EXPECT_EQ(settings_of({}).queue.events_max, 256u);
  EXPECT_EQ(settings_of(Flaw::small_queue).queue.events_max, 64u);
  EXPECT_EQ(settings_of(Flaw::small_queue).queue.bytes_max, 256_KiB);
  Contract contract = default_contract();
  contract.queue->events_max = 1;
  EXPECT_EQ(hub_settings(contract, with(Flaw::small_queue), 7)->queue.events_max, 1u);
}

TEST(FlawedBounds, say_nothing_of_a_gap_or_forget_who_is_critical) {
  EXPECT_EQ(settings_of({}).queue.lag_event, "lag");
  EXPECT_EQ(settings_of(Flaw::silent_drop).queue.lag_event, "");
  EXPECT_TRUE(settings_of({}).queue.critical_kept);
  EXPECT_FALSE(settings_of(Flaw::critical_dropped).queue.critical_kept);
}

TEST(FlawedBounds, of_time_are_doubled_or_cut_to_a_third) {
  EXPECT_EQ(settings_of(Flaw::heartbeat_slow).heartbeat->every, 30s);
  EXPECT_EQ(settings_of(Flaw::heartbeat_slow).heartbeat->first_within, 15s);
  EXPECT_EQ(settings_of(Flaw::evicts_early).stalled_after, Duration{30s});
}

// --- queues ------------------------------------------------------------------------------------

/// What a reader finds that did not read while events 1 to n came.
std::string found_after(std::optional<Flaw> flaw, int n) {
  HubBench bench(flaw);
  bench.settings.queue.events_max = 3;
  if (flaw) bench.settings.queue.flaws = with(*flaw);
  Client& client = bench.connect();
  client.outlet.got.clear();
  client.outlet.room = 0;
  bench.publish(n);
  go_on(bench, client);
  return client.numbers();
}

TEST(FlawedQueue, counts_the_last_message_dropped_and_forgets_those_before_it) {
  EXPECT_EQ(found_after({}, 8), "lag5 6 7 8");
  EXPECT_EQ(found_after(Flaw::wrong_lag_count, 8), "lag1 6 7 8");
}

TEST(FlawedQueue, miscounts_gaps_at_its_end_too) {
  for (const auto flaw : {std::optional<Flaw>{}, std::optional{Flaw::wrong_lag_count}}) {
    QueueBounds bounds{2, QueueBounds::unlimited, Overflow::drop_newest, true, "lag"};
    if (flaw) bounds.flaws = with(*flaw);
    SubscriberQueue queue;
    for (std::uint64_t n = 1; n <= 6; ++n) (void)queue.push(message(n), bounds);
    std::array<std::string_view, 4> pieces;
    ASSERT_EQ(queue.gather(pieces, Framing::plain, bounds), 3u);
    EXPECT_EQ(count_of(pieces[2], flaw ? "dropped 1 events" : "dropped 4 events"), 1u);
  }
}

TEST(FlawedWriter, cuts_the_stream_inside_the_event_that_did_not_fit) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::truncates_on_full} : std::nullopt);
    Client& client = bench.connect();
    Client& other = bench.connect();
    client.outlet.got.clear();
    client.outlet.room = 9;
    bench.publish(2);
    EXPECT_EQ(client.outlet.got, "9\r\ndata: ");
    EXPECT_EQ(client.outlet.closes, flawed ? Reasons{CloseReason::overflow} : Reasons{});
    EXPECT_EQ(other.numbers(), "1 2");
  }
}

TEST(FlawedWriter, waits_for_ever_though_the_reader_goes_on) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::drain_wait_hangs} : std::nullopt);
    Client& client = bench.connect();
    client.outlet.got.clear();
    client.outlet.room = 9;
    bench.publish(2);
    go_on(bench, client);
    bench.publish(1);
    EXPECT_EQ(client.numbers(), flawed ? "" : "1 2 3");
    bench.advance(10s);  // it has acknowledged what it got: nobody throws it out
    EXPECT_EQ(client.outlet.closes, Reasons{});
  }
}

TEST(FlawedWriter, sends_the_head_of_the_queue_once_more_after_each_wait) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::duplicate_after_drain} : std::nullopt);
    Client& client = bench.connect();
    client.outlet.got.clear();
    client.outlet.room = 9;
    bench.publish(2);
    go_on(bench, client);
    bench.publish(1);
    EXPECT_EQ(client.numbers(), flawed ? "1 1 2 3" : "1 2 3");
    EXPECT_EQ(bench.counters.queued_events.value(), 0u);
  }
}

TEST(FlawedWriter, has_nothing_to_repeat_when_the_head_of_the_queue_is_no_message) {
  SubscriberQueue queue;
  EXPECT_FALSE(queue.repeat_front());
  queue.push_control(Event::raw("HEAD|"));
  EXPECT_FALSE(queue.repeat_front());
}

// --- heartbeats --------------------------------------------------------------------------------

std::size_t beats_under_traffic(std::optional<Flaw> flaw) {
  HubBench bench(flaw);
  Client& client = bench.connect();
  for (int i = 0; i < 50; ++i) {
    bench.publish(1);
    bench.advance(100ms, true);
  }
  return client.beats.size();
}

TEST(FlawedHeartbeat, is_put_off_by_every_event) {
  EXPECT_GE(beats_under_traffic({}), 4u);
  EXPECT_EQ(beats_under_traffic(Flaw::heartbeat_starved), 0u);
}

TEST(FlawedHeartbeat, is_put_off_by_nothing_on_a_quiet_stream) {
  HubBench bench(Flaw::heartbeat_starved);
  Client& client = bench.connect();
  bench.advance(5s, true);
  EXPECT_GE(client.beats.size(), 4u);
}

TEST(FlawedHeartbeat, comes_first_after_three_periods_then_on_the_beat) {
  HubBench bench(Flaw::first_heartbeat_late);
  Client& client = bench.connect();
  bench.advance(6s, true);
  ASSERT_GE(client.beats.size(), 2u);
  EXPECT_GE(client.beats[0] - t0, 3s);
  EXPECT_LE(client.beats[0] - t0, 3600ms);
  EXPECT_NEAR(to_seconds(client.beats[1] - client.beats[0]), 1.0, 0.01);
}

std::string after_heartbeats_on_a_full_queue(std::optional<Flaw> flaw) {
  HubBench bench(flaw);
  bench.settings.queue.events_max = 3;
  Client& client = bench.connect();
  bench.advance(1100ms);
  client.outlet.got.clear();
  client.outlet.room = 9;
  bench.publish(1);  // has begun to leave
  bench.publish(2, critical);
  bench.advance(1s);
  go_on(bench, client);
  return client.numbers();
}

TEST(FlawedHeartbeat, takes_the_place_of_the_oldest_message_also_of_a_critical_one) {
  EXPECT_EQ(after_heartbeats_on_a_full_queue({}), "1 2 3");
  EXPECT_EQ(after_heartbeats_on_a_full_queue(Flaw::heartbeat_displaces_message), "1 lag1 3");
}

TEST(FlawedHeartbeat, displaces_nothing_where_there_is_room) {
  HubBench bench(Flaw::heartbeat_displaces_message);
  Client& client = bench.connect();
  client.outlet.got.clear();
  client.outlet.room = 9;
  bench.publish(3);
  bench.advance(2s);
  go_on(bench, client);
  EXPECT_EQ(count_of(client.outlet.got, "data: "), 3u);
  EXPECT_GE(count_of(client.outlet.got, "BEAT|"), 1u);
}

// --- eviction ----------------------------------------------------------------------------------

TEST(FlawedEviction, never_comes_when_heartbeats_are_taken_for_progress) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::heartbeat_as_progress} : std::nullopt);
    Client& client = bench.connect();
    client.outlet.room = 0;
    client.outlet.open = 3;
    bench.publish(1);
    bench.advance(20s);
    EXPECT_EQ(client.outlet.closes, flawed ? Reasons{} : Reasons{CloseReason::stalled});
  }
}

/// Takes a byte each 100 ms, and always has something left to take.
Reasons end_of_a_slow_reader(std::optional<Flaw> flaw) {
  HubBench bench(flaw);
  Client& client = bench.connect();
  bench.publish(50);
  client.outlet.open = 500;
  for (int i = 0; i < 80; ++i) {
    --client.outlet.open;
    bench.advance(100ms);
    client.outlet.open = std::max<std::uint64_t>(client.outlet.open, 1);
  }
  return client.outlet.closes;
}

TEST(FlawedEviction, takes_the_slow_for_the_stopped) {
  EXPECT_EQ(end_of_a_slow_reader({}), Reasons{});
  EXPECT_EQ(end_of_a_slow_reader(Flaw::evicts_slow_reader), Reasons{CloseReason::stalled});
}

TEST(FlawedEviction, leaves_the_stream_registered) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::evicted_slot_kept} : std::nullopt);
    Client& client = bench.connect();
    Client& other = bench.connect();
    client.outlet.room = 0;
    client.outlet.open = 3;
    bench.publish(1);
    bench.advance(5s);
    ASSERT_EQ(client.outlet.closes, Reasons{CloseReason::stalled});
    bench.hub.leave(other.subscriber, CloseReason::peer_closed);
    EXPECT_EQ(bench.counters.streams_open.value(), flawed ? 1u : 0u);
  }
}

}  // namespace
}  // namespace streamgauge::server
