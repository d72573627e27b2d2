#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StallAfter, CountsEventsAndNotComments) {
  Steps steps{"stall-after:events=2"};
  steps.open();
  steps.down(chunk(": hello\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n"));
  EXPECT_TRUE(steps.client().ends_with("data: 2\n\n"));
  EXPECT_THAT(steps.events(), IsEmpty());
}

TEST(StallAfter, StallsBehindThePreamble) {
  Steps steps{"stall-after:blocks=1"};
  steps.open();
  steps.down(chunk(": connected\r\n\r\ndata: 1\r\n\r\n"));
  EXPECT_TRUE(steps.client().ends_with(": connected\r\n\r\n"));
}

TEST(StallAfter, StallsInTheMiddleOfAnEvent) {
  Steps steps{"stall-after:events=1:plus=5"};
  steps.open();
  steps.down(chunk("data: 1\n\ndata: 2\n\n"));
  EXPECT_TRUE(steps.client().ends_with("data: 1\n\ndata:"));
}

TEST(StallAfter, StallsAfterATimeAndGoesOn) {
  Steps steps{"stall-after=3s:for=2s"};
  steps.open();
  steps.wait(3s);
  (void)steps.client();
  steps.down(chunk("a"));
  steps.wait(1999ms);
  EXPECT_EQ(steps.client(), "");
  steps.wait(1ms);
  EXPECT_EQ(steps.client(), chunk("a"));
}

/// Places one more fault, as an operator does while streams run.
void place(Steps& steps, std::string_view fault) {
  const auto specs = parse_faults(fault);
  ASSERT_TRUE(specs);
  steps.passage.add({9, specs->front(), steps.now, nullptr}, 7, steps.now);
}

TEST(StallAfter, CountsFromWhereAnAnswerIsWhenItIsPlaced) {
  Steps steps{"idle-cut=1h"};
  steps.open();
  steps.down(chunk("data: 1\n\n"));
  (void)steps.client();
  place(steps, "stall-after:events=2");
  steps.down(chunk("data: 2\n\ndata: 3\n\ndata: 4\n\n"));
  EXPECT_TRUE(steps.client().ends_with("data: 3\n\n"));
  EXPECT_EQ(steps.fired_times, 1);
}

TEST(StallAfter, LeavesAnAnswerOfAnotherPathAloneWhenItIsPlaced) {
  Steps steps{"idle-cut=1h"};
  steps.open("/poll");
  place(steps, "headers-then-stall:path=/events");
  (void)steps.client();
  steps.down(chunk("data: 1\n\n"));
  EXPECT_EQ(steps.client(), chunk("data: 1\n\n"));
}

TEST(StallAfter, TakesInAnAnswerThatIsUnderWayWhenItsWindowOpens) {
  Steps steps{"headers-then-stall:from=3s"};
  steps.open();
  steps.wait(3s);
  (void)steps.client();
  steps.down(chunk("data: 1\n\n"));
  EXPECT_EQ(steps.client(), "");
}

TEST(StallAfter, ItsSenderWaitsInTheEnd) {
  Steps steps{"stall-after:bytes=1B"};
  steps.open();
  for (int i = 0; i < 5; ++i) steps.down(chunk(std::string(60'000, 'a')));
  EXPECT_FALSE(steps.passage.wants(Direction::down));
  EXPECT_TRUE(steps.passage.wants(Direction::up));
}

}  // namespace
}  // namespace streamgauge::fault
