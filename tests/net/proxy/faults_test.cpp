// Each fault on the wire: the bytes and the times that both sides see.
#include "tests/net/proxy/wire.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(ChaosProxyTest, LatencyComesLate) {
  start("latency=150ms");
  ask();
  server->send(head);
  EXPECT_EQ(client->receive(head.size()), head);
  EXPECT_GE(Steady::now() - asked, 150ms);
}

TEST_F(ChaosProxyTest, BandwidthTakesItsTime) {
  start("bandwidth=100kB/s");
  ask();
  server->send(std::string(head) + "9c40\r\n" + std::string(40'000, 'x') + "\r\n");
  EXPECT_EQ(client->receive(40'000).size(), 40'000u);
  EXPECT_GE(Steady::now() - asked, 300ms);
}

TEST_F(ChaosProxyTest, SlicesArriveOneByOne) {
  start("slice=1B:gap=20ms:after_bytes=1B");
  open();
  server->send(event);
  EXPECT_EQ(client->receive(event.size()), event);
  EXPECT_GE(Steady::now() - asked, 100ms);
}

TEST_F(ChaosProxyTest, AHeadIsHeldUntilTheBody) {
  start("header-hold");
  ask();
  server->send(head);
  EXPECT_TRUE(client->silent(150ms));
  server->send(event);
  EXPECT_EQ(client->receive(head.size() + event.size()), std::string(head) + std::string(event));
}

TEST_F(ChaosProxyTest, BytesAreHeldUntilThereAreEnough) {
  start("hold-bytes=4KiB");
  ask();
  server->send(std::string(head) + std::string(event));
  EXPECT_TRUE(client->silent(150ms));
  for (int i = 0; i < 320; ++i) server->send(event);
  EXPECT_THAT(client->receive(4096), StartsWith("HTTP/1.1 200"));
}

TEST_F(ChaosProxyTest, AWindowGathersEvents) {
  start("hold-window=150ms");
  open();
  const auto sent = Steady::now();
  server->send(event);
  EXPECT_EQ(client->receive(event.size()), event);
  EXPECT_GE(Steady::now() - sent, 150ms);
}

TEST_F(ChaosProxyTest, ACompressorKeepsEventsInside) {
  start("compress-hold");
  client = Wire::to(proxy->port());
  client->send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  server = listener.accept();
  (void)server->receive_head();
  server->send(head);
  EXPECT_THAT(client->receive_head(), HasSubstr("Content-Encoding: gzip"));
  (void)client->silent(50ms);  // gzip's own header may come
  for (int i = 0; i < 10; ++i) server->send(event);
  server->send("0\r\n\r\n");
  server->close();
  EXPECT_THAT(client->receive_all(), testing::EndsWith("\r\n0\r\n\r\n"));
}

TEST_F(ChaosProxyTest, AStallBehindTheHeadIsSilent) {
  start("headers-then-stall=300ms");
  open();
  server->send(event);
  EXPECT_TRUE(client->silent(150ms));
  EXPECT_EQ(client->receive(event.size()), event);
}

TEST_F(ChaosProxyTest, AStallAfterEventsIsSilentAndHasNoEnd) {
  start("stall-after:events=1");
  open();
  server->send(std::string(event) + std::string(event));
  EXPECT_THAT(client->receive(3 + 9), testing::EndsWith("data: 1\n\n"));
  EXPECT_TRUE(client->silent(200ms));
  EXPECT_EQ(open_connections(), 1u);
}

TEST_F(ChaosProxyTest, AHalfOpenClientHearsNothingAndIsNotHeard) {
  start("half-open:bytes=9B:side=client");
  open();
  server->send(event);
  EXPECT_EQ(client->receive(12).size(), 12u);
  server->send(event);
  EXPECT_TRUE(client->silent(200ms));
  client->finish();  // the FIN falls on deaf ears
  EXPECT_TRUE(server->silent(200ms));
  EXPECT_EQ(open_connections(), 1u);
}

TEST_F(ChaosProxyTest, AnIdleStreamIsCut) {
  start("idle-cut=200ms");
  open();
  const auto since = Steady::now();
  EXPECT_EQ(client->receive_all(), "");
  EXPECT_EQ(client->end(), Wire::End::fin);
  EXPECT_GE(Steady::now() - since, 150ms);
  (void)server->receive_all();
  EXPECT_NE(server->end(), Wire::End::none);
}

TEST_F(ChaosProxyTest, AResetIsAResetOnBothSides) {
  start("reset:bytes=9B");
  open();
  server->send(event);
  (void)client->receive_all();
  EXPECT_EQ(client->end(), Wire::End::rst);
  (void)server->receive_all();
  EXPECT_EQ(server->end(), Wire::End::rst);
}

TEST_F(ChaosProxyTest, ATruncatedBodyLacksItsTerminalChunk) {
  start("truncate");
  open();
  server->send(std::string(event) + "0\r\n\r\n");
  EXPECT_EQ(client->receive_all(), event);
  EXPECT_EQ(client->end(), Wire::End::fin);
}

TEST_F(ChaosProxyTest, RefusesAsIfNobodyListened) {
  start("refuse");
  EXPECT_EQ(Wire::to(proxy->port()), nullptr);
  EXPECT_EQ(errno, ECONNREFUSED);
  proxy->remove_all();
  open();  // the same port
}

TEST_F(ChaosProxyTest, RefusesSomeByReset) {
  start("refuse:times=1");
  const auto refused = Wire::to(proxy->port());
  if (refused) {
    (void)refused->receive_all();
    EXPECT_EQ(refused->end(), Wire::End::rst);
  }
  open();
}

TEST_F(ChaosProxyTest, AcceptsAndStaysSilent) {
  start("accept-silent");
  client = Wire::to(proxy->port());
  client->send(request);
  EXPECT_TRUE(client->silent(200ms));
  EXPECT_TRUE(listener.nobody_within(0ms));
  client->close();
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
}

TEST_F(ChaosProxyTest, AnswersInTheServersPlace) {
  start("status=503:retry_after=3s");
  client = Wire::to(proxy->port());
  client->send(request);
  const std::string answer = client->receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 3\r\n"));
  EXPECT_EQ(client->end(), Wire::End::fin);
  EXPECT_TRUE(listener.nobody_within(0ms));
}

TEST_F(ChaosProxyTest, AnswersWhenTheServerIsLate) {
  start("status=504:after=200ms");
  ask();
  EXPECT_THAT(client->receive_all(), StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"));
  EXPECT_GE(Steady::now() - asked, 150ms);
}

TEST_F(ChaosProxyTest, AHeaderFieldDoesNotComeThrough) {
  start("strip-header=Last-Event-ID");
  client = Wire::to(proxy->port());
  client->send("GET / HTTP/1.1\r\nlast-event-id: 7\r\nHost: a\r\n\r\n");
  server = listener.accept();
  EXPECT_EQ(server->receive_head(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_F(ChaosProxyTest, TheServerIsKeptWhenTheClientHasLeft) {
  start("keep-upstream");
  open();
  client->close();
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 16; ++i) server->send(block);  // read and dropped
  EXPECT_TRUE(server->silent(100ms));
  EXPECT_EQ(open_connections(), 1u);
  server->close();
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
}

TEST_F(ChaosProxyTest, AbsorbsForAReaderThatHasStopped) {
  start("absorb=64MiB");
  open();
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 48; ++i) server->send(block);  // would block for ever without the fault
  EXPECT_GE(proxy->stats().bytes_waiting_max, 24u << 20);
  EXPECT_EQ(client->receive(48u << 20).size(), 48u << 20);
  EXPECT_EQ(proxy->stats().bytes_waiting, 0u);
}

TEST_F(ChaosProxyTest, ACacheGivesTheSecondThePastOfTheFirst) {
  start("cache");
  open();
  server->send(event);
  EXPECT_EQ(client->receive(event.size()), event);
  const auto second = Wire::to(proxy->port());
  second->send(request);
  const std::string answer = second->receive_all();
  EXPECT_THAT(answer, HasSubstr("X-Cache: HIT\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\ndata: 1\n\n"));
}

}  // namespace
}  // namespace streamgauge::net
