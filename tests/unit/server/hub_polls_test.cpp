// Long-polls on the hub: places in the ring, answers with the id to go on from.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

/// The last id that an answer names.
std::string id_of(const std::string& body) {
  const std::size_t at = body.rfind("id: ");
  return at == std::string::npos ? "" : body.substr(at + 4, body.find('\n', at) - at - 4);
}

std::string after(HubBench& bench, const std::string& id) {
  PollPlace place = bench.hub.begin_poll(bench.channel, id, bench.at);
  return bench.hub.collect(bench.channel, place, bench.at);
}

std::string now_id(HubBench& bench) {
  const PollPlace place = bench.hub.begin_poll(bench.channel, std::nullopt, bench.at);
  return id_of(bench.hub.cursor(bench.channel, place));
}

struct WakeCounter final : Waiter {
  int woken = 0;
  void wake() override { ++woken; }
};

TEST(Polls, lose_nothing_that_is_published_between_two_of_them) {
  HubBench bench;
  const std::string begin = now_id(bench);
  EXPECT_EQ(after(bench, begin), "");
  bench.publish(3);
  const std::string first = after(bench, begin);
  EXPECT_EQ(after(bench, id_of(first)), "");
  bench.publish(2);
  const std::string second = after(bench, id_of(first));
  EXPECT_EQ(after(bench, id_of(second)), "");
  EXPECT_EQ(bench.counters.delivered_events.value(), 5u);
}

TEST(Polls, begin_with_what_comes_from_now_on) {
  HubBench bench;
  bench.publish(4);
  EXPECT_EQ(after(bench, now_id(bench)), "");
}

TEST(Polls, are_woken_by_each_message_of_their_channel_only) {
  HubBench bench;
  WakeCounter waiter;
  bench.hub.wait(bench.channel, waiter);
  EXPECT_EQ(bench.counters.polls_open.value(), 1u);
  bench.publish(2);
  EXPECT_EQ(waiter.woken, 2);
  bench.hub.wake_all();
  EXPECT_EQ(waiter.woken, 3);
  bench.hub.stop_waiting(bench.channel, waiter);
  bench.publish(1);
  EXPECT_EQ(waiter.woken, 3);
  EXPECT_EQ(bench.counters.polls_open.value(), 0u);
}

TEST(Polls, flaw_poll_gap_forgets_what_came_between) {
  HubBench bench;
  const std::string begin = now_id(bench);
  bench.settings.flaws.add(Flaw::poll_gap);
  bench.publish(3);
  EXPECT_EQ(after(bench, begin), "");
}

TEST(Polls, flaw_poll_changes_order_swaps_neighbours_and_loses_none) {
  HubBench bench;
  const std::string begin = now_id(bench);
  bench.publish(12);
  const std::string right = after(bench, begin);
  bench.settings.flaws.add(Flaw::poll_changes_order);
  const std::string wrong = after(bench, begin);
  EXPECT_EQ(wrong.size(), right.size());
  EXPECT_NE(wrong, right);
  EXPECT_EQ(id_of(wrong), id_of(right));
}

}  // namespace
}  // namespace streamgauge::server
