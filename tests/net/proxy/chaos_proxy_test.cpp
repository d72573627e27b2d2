// The proxy without faults: what goes through, how it ends, what is counted.
#include <gmock/gmock.h>

#include <thread>

#include "tests/net/proxy/wire.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(ChaosProxyTest, PassesBytesOnBothWaysAtOnce) {
  start();
  open();
  server->send(event);
  EXPECT_EQ(client->receive(event.size()), event);
  client->send(request);  // keep-alive: a second one
  EXPECT_EQ(server->receive_head(), request);
  const ProxyStats stats = proxy->stats();
  EXPECT_EQ(stats.bytes_up, 2 * request.size());
  EXPECT_EQ(stats.bytes_down, head.size() + event.size());
  EXPECT_EQ(stats.connections_total, 1u);
  EXPECT_GE(stats.added.count(), 3u);
}

TEST_F(ChaosProxyTest, AnEndOfTheServerReachesTheClient) {
  start();
  open();
  server->send("0\r\n\r\n");
  server->close();
  EXPECT_EQ(client->receive_all(), "0\r\n\r\n");
  EXPECT_EQ(client->end(), Wire::End::fin);
  client->close();
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
}

TEST_F(ChaosProxyTest, AnAbortOfEitherSideReachesTheOther) {
  start();
  open();
  client->reset();
  (void)server->receive_all();
  EXPECT_EQ(server->end(), Wire::End::rst);
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
  open();
  server->reset();
  (void)client->receive_all();
  EXPECT_EQ(client->end(), Wire::End::rst);
}

TEST_F(ChaosProxyTest, AClientThatClosesIsSeenByTheServer) {
  start();
  open();
  client->close();
  EXPECT_EQ(server->receive_all(), "");
  EXPECT_EQ(server->end(), Wire::End::fin);
  server->close();
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
}

TEST_F(ChaosProxyTest, AServerThatIsNotThereIsABadGateway) {
  start();
  ProxyOptions options;
  {
    const Listener nobody;
    options.upstream = {{boost::asio::ip::address_v4::loopback(), nobody.port()}};
  }
  auto other = ChaosProxy::start(std::move(options));
  ASSERT_TRUE(other) << other.error().message;
  const auto asks = Wire::to((*other)->port());
  ASSERT_TRUE(asks);
  asks->send(request);
  EXPECT_THAT(asks->receive_all(), HasSubstr("HTTP/1.1 502 Bad Gateway"));
  EXPECT_EQ((*other)->stats().upstream_failures, 1u);
}

TEST_F(ChaosProxyTest, AReaderThatStopsMakesTheServerWait) {
  start();
  open();
  const std::string block(1 << 16, 'x');
  std::size_t taken = 0;
  for (;;) {  // until nobody takes any more
    pollfd p{server->descriptor(), POLLOUT, 0};
    if (::poll(&p, 1, 300) <= 0) break;
    const ssize_t n =
        ::send(server->descriptor(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) taken += static_cast<std::size_t>(n);
    ASSERT_LT(taken, std::size_t{1} << 30);
  }
  EXPECT_LE(proxy->stats().bytes_waiting_max, (256u << 10) + (64u << 10));
  EXPECT_EQ(client->receive(taken).size(), taken);
}

TEST_F(ChaosProxyTest, ManyMegabytesComeThroughInConstantMemory) {
  start();
  open();
  constexpr std::size_t total = 64u << 20;
  std::thread sender([&] {
    const std::string block(1 << 16, 'x');
    for (std::size_t sent = 0; sent < total; sent += block.size()) server->send(block);
  });
  std::size_t got = 0;
  while (got < total) {
    const std::size_t part = client->receive(1 << 20).size();
    if (part == 0) break;
    got += part;
  }
  sender.join();
  EXPECT_EQ(got, total);
  EXPECT_LE(proxy->stats().bytes_waiting_max, (256u << 10) + (64u << 10));
}

TEST_F(ChaosProxyTest, FaultsComeAndGoWhileItRuns) {
  start();
  open();
  const auto id = proxy->add(*fault::parse_fault("headers-then-stall"), "mine");
  ASSERT_TRUE(id);
  EXPECT_FALSE(proxy->add(*fault::parse_fault("reset"), "mine"));
  const auto first = std::move(client);
  const auto first_server = std::move(server);
  open();
  server->send(event);
  EXPECT_TRUE(client->silent(100ms));
  first_server->send(event);  // its head had passed before: an answer under way is struck, too
  EXPECT_TRUE(first->silent(100ms));
  ASSERT_TRUE(proxy->remove("mine"));
  EXPECT_EQ(client->receive(event.size()), event);
  EXPECT_EQ(first->receive(event.size()), event);
  EXPECT_FALSE(proxy->remove("mine"));
  EXPECT_FALSE(proxy->change("mine", *fault::parse_fault("reset")));
}

TEST_F(ChaosProxyTest, AShareIsAShareOfTheConnections) {
  start("status=503:share=0.25");
  int refused = 0;
  for (int i = 0; i < 16; ++i) {
    const auto wire = Wire::to(proxy->port());
    ASSERT_TRUE(wire);
    wire->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    // Who is let through is not accepted by anybody yet: silence.
    refused += wire->silent(50ms) ? 0 : 1;
  }
  EXPECT_GE(refused, 3);
  EXPECT_LE(refused, 5);
}

TEST_F(ChaosProxyTest, AllAreCutByOrder) {
  start();
  open();
  proxy->cut_all(true);
  (void)client->receive_all();
  EXPECT_EQ(client->end(), Wire::End::rst);
  EXPECT_TRUE(eventually([&] { return open_connections() == 0; }));
}

TEST_F(ChaosProxyTest, APortThatIsTakenIsNamed) {
  ProxyOptions options;
  options.port = listener.port();
  options.upstream = {{boost::asio::ip::address_v4::loopback(), 1}};
  const auto started = ChaosProxy::start(std::move(options));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().exit_code, ExitCode::target);
  EXPECT_THAT(started.error().message, HasSubstr(std::to_string(listener.port())));
}

}  // namespace
}  // namespace streamgauge::net
