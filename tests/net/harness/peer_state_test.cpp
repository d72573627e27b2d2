// The kernel's answers about real loopback sockets.
#include "harness/net/peer_state.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace streamgauge::net {
namespace {

using boost::asio::ip::tcp;

class PeerStateTest : public ::testing::TestWithParam<const char*> {
 protected:
  PeerStateTest() {
    acceptor.open(at.protocol());
    const int size = 4096;  // inherited: what the client does not read fills up soon
    ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    acceptor.bind(at);
    acceptor.listen();
    client.open(at.protocol());
    ::setsockopt(client.native_handle(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    client.connect(acceptor.local_endpoint());
  }
  void accept() { acceptor.accept(server); }

  /// More than the client's buffer takes: whatever follows has to wait in the server's kernel side.
  void fill() {
    server.non_blocking(true);
    const std::string block(1024, 'x');
    boost::system::error_code error;
    while (!error) server.write_some(boost::asio::buffer(block), error);
  }
  std::optional<PeerState> ask() {
    return peer_state(client.local_endpoint(), client.remote_endpoint());
  }
  PeerState ask_table() {
    std::ifstream file(at.address().is_v4() ? "/proc/net/tcp" : "/proc/net/tcp6");
    std::ostringstream text;
    text << file.rdbuf();
    return peer_state_in_table(text.str(), local, remote);
  }

  boost::asio::io_context io;
  tcp::endpoint at{boost::asio::ip::make_address(GetParam()), 0};
  tcp::acceptor acceptor{io};
  tcp::socket client{io}, server{io};
  tcp::endpoint local, remote;
};

TEST_P(PeerStateTest, a_connection_that_waits_to_be_accepted_is_open) {
  EXPECT_EQ(ask(), PeerState::open);
}

TEST_P(PeerStateTest, an_accepted_connection_is_open_with_full_buffers_too) {
  accept();
  EXPECT_EQ(ask(), PeerState::open);
  fill();
  EXPECT_EQ(ask(), PeerState::open);
}

TEST_P(PeerStateTest, closed_with_data_that_nobody_takes_is_closing) {
  accept();
  fill();
  local = client.local_endpoint();
  remote = client.remote_endpoint();
  EXPECT_EQ(ask_table(), PeerState::open);
  server.close();
  EXPECT_EQ(ask(), PeerState::closing);
  EXPECT_EQ(ask_table(), PeerState::closing);
}

TEST_P(PeerStateTest, shut_down_by_the_server_is_closing) {
  accept();
  server.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(ask(), PeerState::closing);
}

TEST_P(PeerStateTest, a_half_close_by_the_client_is_not_the_server_s) {
  accept();
  client.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(ask(), PeerState::open);
}

TEST_P(PeerStateTest, after_a_reset_there_is_nothing) {
  accept();
  local = client.local_endpoint();
  remote = client.remote_endpoint();
  server.set_option(tcp::socket::linger(true, 0));
  server.close();
  EXPECT_EQ(peer_state(local, remote), PeerState::gone);
  EXPECT_EQ(ask_table(), PeerState::gone);
}

TEST_P(PeerStateTest, a_connection_that_never_was_is_gone_though_the_port_listens) {
  auto nobody = client.local_endpoint();
  nobody.port(1);
  EXPECT_EQ(peer_state(nobody, client.remote_endpoint()), PeerState::gone);
}

INSTANTIATE_TEST_SUITE_P(Loopback, PeerStateTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& tested) {
                           return std::string{tested.index == 0 ? "v4" : "v6"};
                         });

TEST(PeerState, is_not_told_of_other_machines) {
  const tcp::endpoint local{boost::asio::ip::make_address("192.0.2.1"), 1000};
  const tcp::endpoint remote{boost::asio::ip::make_address("192.0.2.2"), 80};
  EXPECT_EQ(peer_state(local, remote), std::nullopt);
}

}  // namespace
}  // namespace streamgauge::net
