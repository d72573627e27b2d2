#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HoldWindow, GathersWhatComesWithin) {
  Steps steps{"hold-window=205ms"};
  steps.open();
  EXPECT_EQ(steps.client(), stream_head);
  steps.down(chunk("a"));
  steps.wait(100ms);
  steps.down(chunk("b"));
  steps.wait(104ms);
  EXPECT_EQ(steps.client(), "");
  steps.wait(1ms);
  EXPECT_EQ(steps.client(), chunk("a") + chunk("b"));
}

}  // namespace
}  // namespace streamgauge::fault
