#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Latency, DelaysAllAlikeAndKeepsOrder) {
  Steps steps{"latency=50ms"};
  steps.up(get());
  EXPECT_EQ(steps.server(), get());  // downwards only
  steps.down(stream_head);
  steps.wait(10ms);
  steps.down(chunk("a"));
  steps.passage.on_eof(Direction::down, steps.now);
  steps.wait(39ms);
  EXPECT_EQ(steps.client(), "");
  steps.wait(1ms);
  EXPECT_EQ(steps.client(), stream_head);
  EXPECT_THAT(steps.events(), IsEmpty());
  steps.wait(10ms);
  EXPECT_EQ(steps.client(), chunk("a"));
  EXPECT_THAT(steps.events(), ElementsAre("finish client"));
}

TEST(Latency, JitterDoesNotOvertake) {
  Steps steps{"latency=50ms:jitter=50ms"};
  steps.open();
  std::string sent{stream_head};
  std::string got;
  for (int i = 0; i < 200; ++i) {
    sent += chunk(std::to_string(i));
    steps.down(chunk(std::to_string(i)));
    steps.wait(1ms);
    got += steps.client();
    EXPECT_TRUE(sent.starts_with(got));
  }
  steps.wait(100ms);
  EXPECT_EQ(got + steps.client(), sent);
}

TEST(Latency, WhatIsUnderWayIsBounded) {
  Steps steps{"latency=50ms:buffer=1KiB"};
  steps.open();
  EXPECT_TRUE(steps.passage.wants(Direction::down));
  steps.down(chunk(std::string(1024, 'a')));
  EXPECT_FALSE(steps.passage.wants(Direction::down));
  steps.wait(50ms);
  EXPECT_TRUE(steps.passage.wants(Direction::down));
}

}  // namespace
}  // namespace streamgauge::fault
