#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KeepUpstream, DoesNotTellTheServer) {
  Steps steps{"keep-upstream=10s"};
  steps.open();
  steps.passage.on_eof(Direction::up, steps.now);
  EXPECT_THAT(steps.events(), ElementsAre("keep upstream"));
  steps.wait(10s);
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

TEST(KeepUpstream, NeitherOfAReset) {
  Steps steps{"keep-upstream"};
  steps.open();
  steps.passage.on_gone(Side::client, steps.now);
  EXPECT_THAT(steps.events(), ElementsAre("keep upstream"));
}

}  // namespace
}  // namespace streamgauge::fault
