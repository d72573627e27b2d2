// What goes through a connection: framing, order, scopes.
#include "harness/core/fault/passage.hpp"

#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Passes everything on, piece by piece: an idle cut that does not come.
constexpr std::string_view nothing = "idle-cut=1h";

TEST(Passage, AConversationComesThroughToTheByteHoweverItIsCut) {
  const std::string asked = get("/a") + "POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" +
                            "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            chunk("abc") + "0\r\n\r\n" + get("/b");
  const std::string answered =
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" +
      std::string("HTTP/1.1 204 No Content\r\n\r\n") + std::string(stream_head) + chunk("data: x") +
      "0\r\nTrailer: y\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end";
  for (std::size_t size = 1; size <= answered.size(); size += size < 8 ? 1 : 31) {
    Steps steps{nothing};
    for (std::size_t at = 0; at < asked.size(); at += size) {
      steps.up(std::string_view{asked}.substr(at, size));
    }
    for (std::size_t at = 0; at < answered.size(); at += size) {
      steps.down(std::string_view{answered}.substr(at, size));
    }
    EXPECT_EQ(steps.server(), asked) << size;
    EXPECT_EQ(steps.client(), answered) << size;
  }
}

TEST(Passage, WhatIsNotHttpComesThroughToo) {
  for (const std::string_view garbage :
       {"\x01\x02\x03", "SSH-2.0\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"}) {
    Steps steps{nothing};
    steps.up(get());
    steps.down(garbage);
    steps.passage.on_eof(Direction::down, steps.now);
    EXPECT_EQ(steps.client(), garbage);
    EXPECT_THAT(steps.events(), ElementsAre("finish client"));
  }
}

TEST(Passage, AHeadWithoutEndIsNotKeptForEver) {
  Steps steps{nothing};
  const std::string field = "X: " + std::string(1000, 'a') + "\r\n";
  std::string sent = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) sent += field;
  for (std::size_t at = 0; at < sent.size(); at += 1000) {
    steps.up(std::string_view{sent}.substr(at, 1000));
  }
  EXPECT_EQ(steps.server(), sent);
}

TEST(Passage, AnUnreachableServerIsABadGateway) {
  Steps steps{nothing};
  steps.up(get());
  steps.passage.on_unreachable(steps.now);
  EXPECT_THAT(steps.client(), testing::StartsWith("HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_THAT(steps.events(), ElementsAre("finish client"));
}

TEST(Passage, ABrokenSideBreaksTheOther) {
  Steps steps{nothing};
  steps.open();
  steps.passage.on_gone(Side::client, steps.now);
  EXPECT_THAT(steps.events(), ElementsAre("reset upstream"));
}

TEST(Passage, AScopeOfPathLetsOthersBy) {
  Steps steps{"status=503:path=/events"};
  steps.up(get("/publish"));
  EXPECT_EQ(steps.server(), get("/publish"));
  steps.down("HTTP/1.1 204 No Content\r\n\r\n");
  steps.up(get("/events?channel=a"));
  EXPECT_EQ(steps.server(), "");
  EXPECT_THAT(steps.client(), testing::HasSubstr("HTTP/1.1 503 Service Unavailable"));
}

TEST(Passage, AWindowOfTimeOpensAndCloses) {
  Steps steps{"latency=10s:from=1s:until=3s"};
  steps.open();
  EXPECT_EQ(steps.client(), stream_head);
  steps.wait(1s);
  steps.down(chunk("late"));
  EXPECT_EQ(steps.client(), "");
  steps.wait(2s);  // what is held is let go when the window closes
  EXPECT_EQ(steps.client(), chunk("late"));
  steps.down(chunk("prompt"));
  EXPECT_EQ(steps.client(), chunk("prompt"));
}

TEST(Passage, AnOffsetCountsTheBody) {
  Steps steps{"latency=1s:after_bytes=3B"};
  steps.open();
  EXPECT_EQ(steps.client(), stream_head);
  steps.down(chunk("abcdef"));
  EXPECT_EQ(steps.client(), "6\r\nabc");
  steps.wait(1s);
  EXPECT_EQ(steps.client(), "def\r\n");
}

TEST(Passage, AFaultThatIsTakenAwayLetsGoWhatItHolds) {
  Steps steps{"headers-then-stall"};
  steps.open();
  steps.down(chunk("abc"));
  EXPECT_EQ(steps.client(), stream_head);
  EXPECT_TRUE(steps.passage.remove(1, steps.now));
  EXPECT_EQ(steps.client(), chunk("abc"));
  EXPECT_TRUE(steps.passage.plain());
  steps.down(chunk("def"));
  EXPECT_EQ(steps.client(), chunk("def"));
}

TEST(Passage, AFaultMayComeInTheMiddleOfAHead) {
  Steps steps{"idle-cut=1h"};
  EXPECT_TRUE(steps.passage.remove(1, steps.now));
  steps.up("GET / HT");
  EXPECT_EQ(steps.server(), "GET / HT");
  steps.passage.add(steps.placed[0], 1, steps.now);
  steps.up("TP/1.1\r\n\r\n");
  EXPECT_EQ(steps.server(), "TP/1.1\r\n\r\n");
}

}  // namespace
}  // namespace streamgauge::fault
