#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Slice, CutsAnywhere) {
  Steps steps{"slice=2B"};
  steps.open();
  (void)steps.client();
  steps.down(chunk("abcde"));
  EXPECT_EQ(steps.client(), "5\r|\n|ab|cd|e|\r\n|");
}

TEST(Slice, CutsInsideOfCharactersAndLineEndsOnly) {
  Steps steps{"slice:where=both"};
  steps.up(get());
  steps.down("HTTP/1.1 200 OK\r\n\r\n");
  (void)steps.client();
  steps.down("data: \xc3\xa9\xe2\x82\xac\r\n\r\n");
  EXPECT_EQ(steps.client(), "data: \xc3|\xa9\xe2|\x82|\xac\r|\n\r|\n|");
}

TEST(Slice, PausesBetween) {
  Steps steps{"slice=1B:gap=10ms"};
  steps.up(get());
  steps.down("HTTP/1.1 200 OK\r\n\r\n");
  steps.wait(10ms);
  (void)steps.client();
  steps.down("abc");
  EXPECT_EQ(steps.client(), "a|");
  steps.wait(10ms);
  EXPECT_EQ(steps.client(), "b|");
  steps.wait(10ms);
  EXPECT_EQ(steps.client(), "c|");
}

}  // namespace
}  // namespace streamgauge::fault
