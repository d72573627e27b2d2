#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeaderHold, WaitsForTheFirstByteOfTheBody) {
  Steps steps{"header-hold"};
  steps.open();
  steps.wait(10min);
  EXPECT_EQ(steps.client(), "");
  steps.down(chunk("a"));
  EXPECT_EQ(steps.client(), std::string(stream_head) + chunk("a"));
}

TEST(HeaderHold, WaitsForATime) {
  Steps steps{"header-hold=2s"};
  steps.open();
  steps.down(chunk("a"));
  steps.wait(1999ms);
  EXPECT_EQ(steps.client(), "");
  steps.wait(1ms);
  EXPECT_EQ(steps.client(), std::string(stream_head) + chunk("a"));
  steps.down(chunk("b"));
  EXPECT_EQ(steps.client(), chunk("b"));
}

}  // namespace
}  // namespace streamgauge::fault
