#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CompressHold, KeepsSmallEventsInside) {
  Steps steps{"compress-hold"};
  steps.up(get("/events", "Accept-Encoding: gzip\r\n"));
  steps.down(stream_head);
  EXPECT_THAT(steps.client(), testing::HasSubstr("Content-Encoding: gzip"));
  for (int i = 0; i < 10; ++i) steps.down(chunk("data: hello\n\n"));
  EXPECT_LE(steps.client().size(), 20u);  // the header of gzip at most
  steps.down("0\r\n\r\n");
  EXPECT_TRUE(steps.client().ends_with("\r\n0\r\n\r\n"));
}

TEST(CompressHold, LeavesClientsAloneThatDoNotAcceptIt) {
  Steps steps{"compress-hold"};
  steps.open();
  steps.down(chunk("a"));
  EXPECT_EQ(steps.client(), std::string(stream_head) + chunk("a"));
}

}  // namespace
}  // namespace streamgauge::fault
