#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Cache, GivesTheSecondWhatTheFirstWasSent) {
  Steps steps{"cache=60s"};
  steps.open("/events");
  steps.down(chunk("data: old\n\n"));
  (void)steps.client();
  steps.wait(5s);
  steps.up(get("/events"));
  const std::string answer = steps.client();
  EXPECT_THAT(answer, testing::HasSubstr("Age: 5\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("Connection: close\r\n\r\ndata: old\n\n"));
}

TEST(Cache, AnotherUrlIsAnotherAnswer) {
  Steps steps{"cache=60s"};
  steps.open("/a");
  (void)steps.server();
  steps.up(get("/b"));
  EXPECT_EQ(steps.server(), get("/b"));
}

}  // namespace
}  // namespace streamgauge::fault
