#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Status, AnswersInTheServersPlace) {
  Steps steps{"status=503:retry_after=1500ms"};
  steps.up(get());
  const std::string answer = steps.client();
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, testing::HasSubstr("\r\nRetry-After: 2\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("</html>\n"));
  EXPECT_EQ(steps.server(), "");
  EXPECT_THAT(steps.events(), ElementsAre("close"));
}

TEST(Status, AnswersWhenTheServerDoesNot) {
  Steps late{"status=504:after=30s"};
  late.up(get());
  late.wait(30s);
  EXPECT_THAT(late.client(), testing::StartsWith("HTTP/1.1 504 "));
  Steps in_time{"status=504:after=30s"};
  in_time.open();
  in_time.wait(10min);
  EXPECT_EQ(in_time.client(), stream_head);
}

}  // namespace
}  // namespace streamgauge::fault
