#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Refuse, ResetsWhatWasAccepted) {
  Steps steps{"refuse"};
  EXPECT_THAT(steps.events(), ElementsAre("reset client", "reset upstream"));
}

}  // namespace
}  // namespace streamgauge::fault
