#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(IdleCut, EndsWhatIsIdleAndNothingElse) {
  Steps steps{"idle-cut=5s"};
  steps.open();
  for (int i = 0; i < 5; ++i) {
    steps.wait(4999ms);
    steps.down(chunk(": beat\n\n"));
    EXPECT_THAT(steps.events(), IsEmpty());
  }
  steps.wait(5s);
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

TEST(IdleCut, AnswersWhoWasNotAnswered) {
  Steps steps{"idle-cut=5s:status=504"};
  steps.up(get());
  steps.wait(5s);
  EXPECT_THAT(steps.client(), testing::StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"));
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

}  // namespace
}  // namespace streamgauge::fault
