// What is delivered wrongly under a flaw, and rightly without it.
#include <gtest/gtest.h>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;
using Reasons = std::vector<CloseReason>;

std::string id(std::uint64_t n) {
  return to_string(EventId{7, n});
}

/// "1 2 … n" without those in `but`.
std::string row(int n, std::initializer_list<int> but = {}) {
  std::string words;
  for (int i = 1; i <= n; ++i) {
    if (std::find(but.begin(), but.end(), i) == but.end()) words += fmt::format("{} ", i);
  }
  if (!words.empty()) words.pop_back();
  return words;
}

// --- fan-out -----------------------------------------------------------------------------------

TEST(FlawedFanOut, loses_one_event_in_fifty_for_some) {
  HubBench bench(Flaw::loses_events);
  Client& first = bench.connect();
  Client& second = bench.connect();
  bench.publish(100);
  EXPECT_EQ(first.numbers(), row(100, {25}));
  EXPECT_EQ(second.numbers(), row(100, {75}));
  Client& back = bench.connect(id(20));  // the ring has it all
  EXPECT_EQ(count_of(back.outlet.got, "data: "), 80u);
}

TEST(FlawedFanOut, lets_two_neighbours_change_places) {
  HubBench bench(Flaw::reorders_events);
  Client& client = bench.connect();
  bench.publish(12);
  EXPECT_EQ(client.numbers(), "1 2 3 4 5 6 7 8 9 11 10 12");
}

TEST(FlawedFanOut, sends_the_neighbour_for_whom_no_other_comes) {
  HubBench bench(Flaw::reorders_events);
  Client& client = bench.connect();
  bench.publish(10);
  EXPECT_EQ(client.numbers(), row(9));
  EXPECT_LE(bench.hub.next_tick(), bench.at + 1s);
  bench.advance(1001ms, true);
  EXPECT_EQ(client.numbers(), row(10));
  EXPECT_FALSE(bench.hub.delays());
}

TEST(FlawedFanOut, gives_a_newcomer_nothing_twice_that_others_still_wait_for) {
  HubBench bench(Flaw::reorders_events);
  Client& old = bench.connect();
  bench.publish(10);
  Client& fresh = bench.connect(id(9));
  bench.publish(1);
  EXPECT_EQ(fresh.numbers(), "10 11");
  EXPECT_EQ(old.numbers(), "1 2 3 4 5 6 7 8 9 11 10");
}

TEST(FlawedFanOut, waits_for_the_next_poll_of_the_store) {
  HubBench bench(Flaw::polling_delay);
  Client& client = bench.connect();
  bench.advance(100ms, true);
  bench.publish(1);
  bench.advance(399ms, true);
  EXPECT_EQ(client.numbers(), "");
  bench.publish(1);
  bench.advance(1ms, true);
  EXPECT_EQ(client.numbers(), "1 2");
}

TEST(FlawedFanOut, reaches_the_last_200_ms_after_the_first) {
  HubBench bench(Flaw::slow_fan_out);
  Client& first = bench.connect();
  Client& middle = bench.connect();
  Client& last = bench.connect();
  bench.publish(1);
  EXPECT_EQ(first.numbers() + "|" + middle.numbers() + "|" + last.numbers(), "1||");
  bench.advance(100ms, true);
  EXPECT_EQ(middle.numbers() + "|" + last.numbers(), "1|");
  bench.advance(99ms, true);
  EXPECT_EQ(last.numbers(), "");
  bench.advance(1ms, true);
  EXPECT_EQ(last.numbers(), "1");
}

TEST(FlawedFanOut, keeps_the_order_for_who_moves_up_when_somebody_leaves) {
  HubBench bench(Flaw::slow_fan_out);
  Client& first = bench.connect();
  bench.connect();
  Client& last = bench.connect();
  bench.publish(1);
  bench.hub.leave(first.subscriber, CloseReason::peer_closed);  // the last takes its place
  bench.publish(1);
  bench.advance(250ms, true);
  EXPECT_EQ(last.numbers(), "1 2");
}

TEST(FlawedFanOut, forgets_what_it_owes_to_who_has_left_and_pays_who_is_shown_out) {
  HubBench bench(Flaw::polling_delay);
  Client& gone = bench.connect();
  Client& shown_out = bench.connect();
  bench.publish(1);
  bench.hub.leave(gone.subscriber, CloseReason::peer_closed);
  bench.hub.finish(shown_out.subscriber, CloseReason::drained, nullptr, true, bench.at);
  EXPECT_FALSE(bench.hub.delays());
  bench.advance(1s);
  EXPECT_EQ(gone.numbers(), "");
  EXPECT_EQ(shown_out.numbers(), "1");
}

// --- replay ------------------------------------------------------------------------------------

/// What a stream gets that comes back with event 3 of 6, and then a live one.
std::string resumed(std::optional<Flaw> flaw, std::uint64_t last = 3, std::uint64_t kept = 100) {
  HubBench bench(flaw);
  bench.settings.replay.events_max = kept;
  bench.settings.too_old_event = Event::raw("data: reset\n\n");
  bench.publish(6);
  Client& client = bench.connect(id(last));
  bench.publish(1);
  return client.numbers();
}

TEST(FlawedReplay, begins_in_the_wrong_place) {
  EXPECT_EQ(resumed({}), "4 5 6 7");
  EXPECT_EQ(resumed(Flaw::replay_off_by_one), "5 6 7");
  EXPECT_EQ(resumed(Flaw::replay_duplicate), "3 4 5 6 7");
  EXPECT_EQ(resumed(Flaw::resume_ignored), "7");
}

TEST(FlawedReplay, stays_within_the_ring) {
  EXPECT_EQ(resumed(Flaw::replay_off_by_one, 6), "7");
  EXPECT_EQ(resumed(Flaw::replay_duplicate, 6), "6 7");
  EXPECT_EQ(resumed(Flaw::replay_duplicate, 3, 3), "4 5 6 7");
}

TEST(FlawedReplay, passes_over_a_gap_without_a_word) {
  EXPECT_EQ(resumed({}, 1, 3), "reset 4 5 6 7");
  EXPECT_EQ(resumed(Flaw::silent_replay_gap, 1, 3), "7");
  EXPECT_EQ(resumed(Flaw::silent_replay_gap, 4, 3), "5 6 7");
}

TEST(FlawedReplay, is_overtaken_by_live_events_and_still_whole) {
  HubBench bench(Flaw::replay_live_mixed);
  bench.publish(4);
  Client& client = bench.connect(id(1));
  bench.publish(1);
  bench.advance(252ms, true);
  bench.publish(1);
  bench.advance(100ms, true);
  EXPECT_EQ(client.numbers(), "5 2 6 3 4");
}

// --- the end -----------------------------------------------------------------------------------

TEST(FlawedEnd, cuts_the_stream_inside_an_event_and_leaves_the_terminal_chunk_out) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.got.clear();
  bench.hub.cut(client.subscriber, message(1), bench.at);
  const std::string whole{message(1)->bytes(Framing::chunked)};
  EXPECT_EQ(client.outlet.got, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(client.outlet.closes, Reasons{CloseReason::drained});
}

TEST(FlawedEnd, cuts_where_the_connection_stands_when_something_waits) {
  HubBench bench;
  Client& client = bench.connect();
  client.outlet.got.clear();
  client.outlet.room = 9;
  bench.publish(2);
  bench.hub.cut(client.subscriber, message(3), bench.at);
  EXPECT_EQ(client.outlet.got, "9\r\ndata: ");
  EXPECT_EQ(client.outlet.closes, Reasons{CloseReason::drained});
}

}  // namespace
}  // namespace streamgauge::server
