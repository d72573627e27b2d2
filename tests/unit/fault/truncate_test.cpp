#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Truncate, LeavesTheTerminalChunkOut) {
  Steps steps{"truncate"};
  steps.open();
  steps.down(chunk("abc") + "0\r\n\r\n");
  EXPECT_EQ(steps.client(), std::string(stream_head) + chunk("abc"));
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

TEST(Truncate, CutsWithinTheBody) {
  Steps steps{"truncate:events=1"};
  steps.open();
  steps.down(chunk("data: 1\n\ndata: 2\n\n"));
  EXPECT_TRUE(steps.client().ends_with("data: 1\n\n"));
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

}  // namespace
}  // namespace streamgauge::fault
