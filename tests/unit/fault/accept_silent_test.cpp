#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AcceptSilent, TakesTheRequestAndSendsNothingOn) {
  Steps steps{"accept-silent"};
  steps.up(get());
  steps.wait(1h);
  EXPECT_EQ(steps.server(), "");
  EXPECT_EQ(steps.client(), "");
  EXPECT_THAT(steps.events(), IsEmpty());
}

}  // namespace
}  // namespace streamgauge::fault
