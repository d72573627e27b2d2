#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Reset, BreaksBothSidesOff) {
  Steps steps{"reset:bytes=3B"};
  steps.open();
  steps.down(chunk("abcdef"));
  EXPECT_TRUE(steps.client().ends_with("abc"));
  EXPECT_THAT(steps.events(), ElementsAre("reset client", "reset upstream"));
}

TEST(Reset, StrikesAtTheHeadUnlessTold) {
  Steps steps{"reset:side=client"};
  steps.open();
  EXPECT_THAT(steps.events(), ElementsAre("reset client", "close"));
}

}  // namespace
}  // namespace streamgauge::fault
