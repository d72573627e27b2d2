// How streams begin and end: priming, ends that bring a replay's rest, events for one alone.
#include <gtest/gtest.h>

#include "hub_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

struct PrimingBench : HubBench {
  PrimingBench() { settings.priming = true; }
};

std::string first_id(const Client& client) {
  const std::string& got = client.outlet.got;
  const std::size_t at = got.find("id: ");
  return at == std::string::npos ? "" : got.substr(at + 4, got.find('\n', at) - at - 4);
}

TEST(Priming, is_an_event_of_the_current_id_and_empty_data_before_any_other) {
  PrimingBench bench;
  Client& first = bench.connect();
  EXPECT_EQ(first.outlet.got, fmt::format("HEAD|OPEN|{}", priming_event("7-0")->bytes({})));
  EXPECT_NE(first.outlet.got.find("id: 7-0\ndata:\n\n"), std::string::npos);
  bench.publish(3);
  EXPECT_EQ(first_id(bench.connect()), "7-3");
}

TEST(Priming, makes_a_resume_from_the_very_start_possible) {
  PrimingBench bench;
  const std::string id = first_id(bench.connect());
  bench.publish(3);
  Client& back = bench.connect(id);
  EXPECT_EQ(count_of(back.outlet.got, "data: "), 3u);
}

TEST(Priming, of_a_resume_is_the_place_that_it_goes_on_from) {
  PrimingBench bench;
  bench.publish(5);
  EXPECT_EQ(first_id(bench.connect("7-2")), "7-2");
  EXPECT_EQ(first_id(bench.connect("7-5")), "7-5");
  bench.settings.replay.events_max = 3;
  bench.publish(5);
  EXPECT_EQ(first_id(bench.connect("7-2")), "7-7");  // too old: from the oldest kept
}

TEST(Resume, after_what_another_instance_was_told_first_repeats_none_of_it) {
  HubBench bench;
  bench.publish(2);
  Client& client = bench.connect("7-4");
  bench.publish(4);
  EXPECT_EQ(client.numbers(), "5 6");
}

TEST(Finish, with_flush_brings_the_rest_of_a_replay_before_the_last_words) {
  HubBench bench;
  bench.publish(70);  // more than goes out in one piece
  Client& client = bench.connect("7-0", nullptr, 200);
  ASSERT_TRUE(client.subscriber.replaying);
  bench.hub.finish(client.subscriber, CloseReason::finished, Event::raw("LAST|"), true, bench.at);
  client.outlet.room = 1 << 30;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_TRUE(client.numbers().ends_with("68 69 70"));
  EXPECT_TRUE(client.outlet.got.ends_with("LAST|0\r\n\r\n"));
  EXPECT_EQ(client.outlet.closes, std::vector<CloseReason>{CloseReason::finished});
}

TEST(Finish, without_flush_ends_a_replay_at_once) {
  HubBench bench;
  bench.publish(70);
  Client& client = bench.connect("7-0", nullptr, 200);
  bench.hub.finish(client.subscriber, CloseReason::replaced, nullptr, false, bench.at);
  client.outlet.room = 1 << 30;
  bench.hub.writable(client.subscriber, bench.at);
  EXPECT_EQ(client.numbers().find("70"), std::string::npos);
  EXPECT_TRUE(client.outlet.got.ends_with("\n\n\r\n0\r\n\r\n"));
}

TEST(Send, is_for_one_subscriber_and_not_kept_for_replay) {
  HubBench bench;
  Client& one = bench.connect();
  Client& other = bench.connect();
  bench.hub.send(one.subscriber, message(1), bench.at);
  EXPECT_EQ(one.numbers(), "x");
  EXPECT_EQ(other.numbers(), "");
  EXPECT_EQ(bench.connect("7-0").numbers(), "");
}

TEST(Probe, is_sent_when_nothing_else_is_under_way) {
  HubBench bench;
  Client& idle = bench.connect();
  bench.hub.probe(idle.subscriber, bench.at);
  EXPECT_EQ(count_of(idle.outlet.got, "BEAT|"), 1u);
  Client& busy = bench.connect({}, nullptr, 3);
  bench.hub.probe(busy.subscriber, bench.at);
  busy.outlet.room = 1 << 30;
  bench.hub.writable(busy.subscriber, bench.at);
  EXPECT_EQ(count_of(busy.outlet.got, "BEAT|"), 0u);
}

TEST(HubFlaw, channel_leak_sends_events_of_other_channels_too) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::channel_leak} : std::nullopt);
    Client& other = bench.connect({}, bench.other);
    bench.publish(1);
    EXPECT_EQ(other.numbers(), flawed ? "1" : "");
  }
}

TEST(HubFlaw, late_close_unregisters_leaves_the_new_stream_with_heartbeats_only) {
  HubBench bench;
  Client& client = bench.connect();
  bench.hub.mute(client.subscriber);
  bench.publish(1);
  bench.advance(HubBench::every);
  EXPECT_EQ(client.numbers(), "");
  EXPECT_EQ(count_of(client.outlet.got, "BEAT|"), 1u);
}

TEST(HubFlaw, vanished_never_noticed_takes_a_silent_peer_for_a_living_one) {
  for (const bool flawed : {false, true}) {
    HubBench bench(flawed ? std::optional{Flaw::vanished_never_noticed} : std::nullopt);
    Client& vanished = bench.connect();
    vanished.outlet.open = 1 << 20;  // acknowledges nothing, and the kernel takes all
    Client& stalled = bench.connect({}, nullptr, 20);
    stalled.outlet.open = 1 << 20;
    bench.publish(3);
    bench.advance(5s);
    EXPECT_EQ(vanished.outlet.closes.empty(), flawed);
    EXPECT_FALSE(stalled.outlet.closes.empty());  // that one it sees
  }
}

}  // namespace
}  // namespace streamgauge::server
