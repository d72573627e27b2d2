#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Bandwidth, LetsSoManyBytesThroughASecond) {
  Steps steps{"bandwidth=1000B/s:after_bytes=1B"};
  steps.open();
  steps.down(chunk(std::string(5000, 'a')));
  (void)steps.client();
  steps.wait(1s);
  const auto first = steps.client().size();
  EXPECT_GE(first, 900u);
  EXPECT_LE(first, 1050u);
  steps.wait(10s);
  EXPECT_EQ(first + steps.client().size(), 5001u);  // less the byte before, with the line end
}

}  // namespace
}  // namespace streamgauge::fault
