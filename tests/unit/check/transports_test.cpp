// delivery.same-on-transports: hand-written histories of three subscribers, one a transport.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::string_view same = "delivery.same-on-transports";

struct TransportWorld : World {
  TransportWorld() {
    scenario.groups.resize(3);
    scenario.groups[1].transport = Transport::long_poll;
    scenario.groups[2].transport = Transport::websocket;
    contract.replay = ReplayTerms{};
    contract.replay->events_max = 100;
    target.poll_path = "/poll";
    target.websocket_path = "/ws";
  }
};

Story opened() {
  Story s;
  for (std::uint16_t i = 0; i < 3; ++i) s.open(i, 0ms, i);
  return s;
}

/// Stream `stream` gets 1 to `count`, but for `without`.
void deliver(Story& s, StreamId stream, std::uint64_t count, std::uint64_t without = 0) {
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    if (seq != without) s.event(stream, 1s + static_cast<int>(seq) * 10ms, seq);
  }
}

TEST(SameOnTransports, passes_when_all_are_told_the_same) {
  Story s = opened();
  for (StreamId stream = 0; stream < 3; ++stream) deliver(s, stream, 20);
  EXPECT_EQ(TransportWorld{}.judge(same, s), Verdict::pass);
}

TEST(SameOnTransports, fails_when_one_transport_misses_what_another_got) {
  for (const std::uint64_t without : {2u, 10u, 20u}) {
    Story s = opened();
    deliver(s, 0, 20);
    deliver(s, 1, 20);
    deliver(s, 2, 20, without);
    const TransportWorld w;
    EXPECT_EQ(w.judge(same, s), Verdict::fail) << without;
    EXPECT_THAT(w.finding(same, s).reason, HasSubstr("on websocket got other messages"));
    EXPECT_THAT(w.finding(same, s).evidence.at(0).what, HasSubstr("websocket: seq"));
  }
}

TEST(SameOnTransports, leaves_to_no_loss_what_nobody_got) {
  Story s = opened();
  for (StreamId stream = 0; stream < 3; ++stream) deliver(s, stream, 20, 7);
  EXPECT_EQ(TransportWorld{}.judge(same, s), Verdict::pass);
}

TEST(SameOnTransports, fails_when_one_transport_has_another_order) {
  Story s = opened();
  deliver(s, 0, 20);
  deliver(s, 2, 20);
  for (const std::uint64_t seq : {1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}) {
    s.event(1, 2s + static_cast<int>(seq) * 1ms, seq);
  }
  s.event(1, 3s, 19).event(1, 3s, 20);
  const TransportWorld w;
  EXPECT_EQ(w.judge(same, s), Verdict::fail);
  EXPECT_THAT(w.finding(same, s).reason, HasSubstr("on long-poll got"));
}

TEST(SameOnTransports, fails_when_one_transport_is_told_something_twice) {
  Story s = opened();
  for (StreamId stream = 0; stream < 3; ++stream) deliver(s, stream, 20);
  s.event(0, 3s, 20);
  const TransportWorld w;
  EXPECT_EQ(w.judge(same, s), Verdict::fail);
  EXPECT_THAT(w.finding(same, s).reason, HasSubstr("on sse got"));
}

TEST(SameOnTransports, does_not_blame_who_began_later) {
  Story s = opened();
  deliver(s, 0, 20);
  deliver(s, 2, 20);
  for (std::uint64_t seq = 5; seq <= 20; ++seq) s.event(1, 2s + static_cast<int>(seq) * 1ms, seq);
  EXPECT_EQ(TransportWorld{}.judge(same, s), Verdict::pass);
}

TEST(SameOnTransports, cannot_compare_what_is_hardly_there) {
  Story s = opened();
  deliver(s, 0, 20);
  deliver(s, 1, 9);
  deliver(s, 2, 9);
  s.close(1, 1500ms, Ending::truncated).close(2, 1500ms, Ending::truncated);
  const TransportWorld w;
  EXPECT_EQ(w.judge(same, s), Verdict::inconclusive);
  EXPECT_THAT(w.finding(same, s).reason, HasSubstr("long-poll (9), websocket (9)"));
}

TEST(SameOnTransports, is_skipped_where_there_is_one_way_only) {
  TransportWorld w;
  w.target.websocket_path.clear();
  EXPECT_EQ(w.judge(same, opened()), Verdict::skip);
}

}  // namespace
}  // namespace streamgauge
