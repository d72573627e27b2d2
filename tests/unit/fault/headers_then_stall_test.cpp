#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeadersThenStall, PassesTheHeadAndNoByteMore) {
  Steps steps{"headers-then-stall=5s"};
  steps.open();
  steps.down(chunk("a"));
  steps.wait(4999ms);
  EXPECT_EQ(steps.client(), stream_head);
  EXPECT_THAT(steps.events(), IsEmpty());
  steps.wait(1ms);
  EXPECT_EQ(steps.client(), chunk("a"));
}

}  // namespace
}  // namespace streamgauge::fault
