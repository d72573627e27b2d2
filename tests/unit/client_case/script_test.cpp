#include "harness/core/client_case/script.hpp"

namespace streamgauge::client_case {
namespace {

using namespace std::chrono_literals;

std::string written(const Reply& reply) {
  std::string all;
  for (const Step& step : reply.steps) {
    if (const auto* write = std::get_if<step::Write>(&step)) all += write->bytes;
  }
  return all;
}

TEST(ClientScript, AStreamIsChunkedAndEndsInOrder) {
  const Reply reply = Answer().send("data: a\n\n").end();
  const std::string all = written(reply);
  EXPECT_THAT(all, testing::StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"));
  EXPECT_THAT(all, testing::EndsWith("\r\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n"));
  EXPECT_TRUE(std::holds_alternative<step::Finish>(reply.steps.back()));
}

TEST(ClientScript, ACutLacksTheTerminalChunkAndAHeldOneHasNoEnd) {
  EXPECT_THAT(written(Answer().send("a").cut()), testing::EndsWith("\r\n\r\n1\r\na\r\n"));
  EXPECT_TRUE(std::holds_alternative<step::Write>(Answer().send("a").hold().steps.back()));
  EXPECT_TRUE(std::holds_alternative<step::Abort>(Answer().send("a").reset().steps.back()));
}

TEST(ClientScript, BytewiseIsAChunkAndAPauseForEach) {
  const Reply reply = Answer().bytewise("ab", 5ms).hold();
  ASSERT_EQ(reply.steps.size(), 5u);  // head, byte, pause, byte, pause
  EXPECT_EQ(std::get<step::Write>(reply.steps[1]).bytes, "1\r\na\r\n");
  EXPECT_EQ(std::get<step::Wait>(reply.steps[2]).length, 5ms);
}

TEST(ClientScript, CodingsOtherThanChunkedSendBytesAsTheyAre) {
  const std::string length = written(Answer().announce(5).send("ab").cut());
  EXPECT_THAT(length, testing::HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(length, testing::EndsWith("\r\n\r\nab"));
  const std::string open = written(Answer().coding(Answer::Coding::until_close).send("ab").cut());
  EXPECT_THAT(open, testing::Not(testing::HasSubstr("Transfer-Encoding")));
}

TEST(ClientScript, ARedirectMayLackItsLocationAndA204ItsBody) {
  EXPECT_THAT(written(redirect(302, "/moved")), testing::HasSubstr("Location: /moved\r\n"));
  EXPECT_THAT(written(redirect(302, std::nullopt)), testing::Not(testing::HasSubstr("Location")));
  const std::string nothing = written(refusal(204));
  EXPECT_THAT(nothing, testing::EndsWith("\r\n\r\n"));
  EXPECT_THAT(nothing, testing::Not(testing::HasSubstr("Content-")));
}

}  // namespace
}  // namespace streamgauge::client_case
