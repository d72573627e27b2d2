#include "harness/net/port.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "harness/net/http_probe.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

Addresses loopback(std::uint16_t port) {
  return {{boost::asio::ip::address_v4::loopback(), port}};
}

TEST(FreePort, can_be_bound) {
  for (int i = 0; i < 10; ++i) {
    const auto port = free_port().value();
    EXPECT_GT(port, 1023);
    EXPECT_TRUE(HeldPort(port).holds());
  }
}

TEST(HeldPort, refuses_connections_and_lets_a_server_listen_that_shares_it) {
  const auto port = free_port().value();
  const HeldPort held(port);
  ASSERT_TRUE(held.holds());
  const auto refused = try_connect(loopback(port), 10s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "connection refused");
  const ScriptedHttpServer server([](HttpConversation&) {}, port);  // with SO_REUSEADDR
  EXPECT_TRUE(try_connect(loopback(port), 10s));
}

TEST(HeldPort, holds_nothing_when_somebody_listens_there) {
  const ScriptedHttpServer server([](HttpConversation&) {});
  EXPECT_FALSE(HeldPort(server.port()).holds());
  EXPECT_TRUE(try_connect(server.addresses(), 10s)) << "and disturbs nobody";
}

TEST(HeldPort, lets_go_at_its_end) {
  const auto port = free_port().value();
  std::optional<HeldPort> held(std::in_place, port);
  held.reset();
  EXPECT_TRUE(HeldPort(port).holds());
}

}  // namespace
}  // namespace streamgauge::net
