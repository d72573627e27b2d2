#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HalfOpen, VanishesForOneSideAndComesBack) {
  Steps steps{"half-open=1s:side=client:for=2s"};
  steps.open();
  steps.wait(1s);
  EXPECT_THAT(steps.events(), ElementsAre("vanish client"));
  steps.wait(2s);
  EXPECT_THAT(steps.events(), ElementsAre("reappear client"));
}

}  // namespace
}  // namespace streamgauge::fault
