#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HoldBytes, PassesWhatIsFull) {
  Steps steps{"hold-bytes=200B"};
  steps.open();
  steps.down(chunk(std::string(90, 'a')));
  EXPECT_EQ(steps.client(), "");
  steps.down(chunk(std::string(90, 'b')));
  EXPECT_EQ(steps.client().size(), stream_head.size() + 2 * 96 - 2);  // its line end is held
}

TEST(HoldBytes, ACompleteAnswerIsNotHeld) {
  Steps steps{"hold-bytes=1MiB"};
  steps.up(get());
  steps.down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(steps.client(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

}  // namespace
}  // namespace streamgauge::fault
