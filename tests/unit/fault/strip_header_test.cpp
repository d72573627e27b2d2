#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StripHeader, TakesOneFieldOut) {
  Steps steps{"strip-header=Last-Event-ID"};
  steps.up(get("/events", "last-event-id: 5\r\n folded\r\nLast-Event-Id2: 6\r\n"));
  EXPECT_EQ(steps.server(), get("/events", "Last-Event-Id2: 6\r\n"));
  EXPECT_EQ(steps.fired_times, 1);
}

TEST(StripHeader, AlsoOfAnswers) {
  Steps steps{"strip-header=Content-Type:direction=down"};
  steps.open();
  EXPECT_EQ(steps.client(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

}  // namespace
}  // namespace streamgauge::fault
