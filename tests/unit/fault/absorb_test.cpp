#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Absorb, RaisesWhatMayWait) {
  Steps steps{"absorb=2MiB"};
  EXPECT_THAT(steps.events(), ElementsAre("absorb 2097152 for client"));
  EXPECT_TRUE(steps.passage.remove(1, steps.now));
  EXPECT_THAT(steps.events(), ElementsAre("absorb 0 for client"));
}

}  // namespace
}  // namespace streamgauge::fault
