// A client and a server of plain blocking sockets on both sides of a proxy.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "harness/net/proxy/chaos_proxy.hpp"
#include "tests/net/harness/eventually.hpp"

namespace streamgauge::net {

using Steady = std::chrono::steady_clock;

/// One end of a connection; every wait ends after a generous time.
class Wire {
 public:
  explicit Wire(int descriptor) : descriptor_(descriptor) {}
  static std::unique_ptr<Wire> to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
      ::close(fd);
      return nullptr;
    }
    return std::make_unique<Wire>(fd);
  }
  ~Wire() { close(); }
  Wire(const Wire&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// Exactly so many bytes, or what came before the end.
  std::string receive(std::size_t size) {
    while (received_.size() < size && more()) continue;
    std::string out = received_.substr(0, size);
    received_.erase(0, size);
    return out;
  }
  std::string receive_head() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos && more()) continue;
    return receive(end == std::string::npos ? received_.size() : end + 4);
  }
  /// All until the far side ends; how it did is told by end().
  std::string receive_all() {
    while (more()) continue;
    return std::exchange(received_, {});
  }
  enum class End { none, fin, rst };
  [[nodiscard]] End end() const { return end_; }
  /// Nothing comes for that long.
  [[nodiscard]] bool silent(std::chrono::milliseconds during) {
    pollfd p{descriptor_, POLLIN, 0};
    return received_.empty() && ::poll(&p, 1, static_cast<int>(during.count())) == 0;
  }
  void finish() const { ::shutdown(descriptor_, SHUT_WR); }
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  bool more() {
    if (end_ != End::none) return false;
    pollfd p{descriptor_, POLLIN, 0};
    if (::poll(&p, 1, 20'000) <= 0) return false;
    char bytes[65536];
    const ssize_t n = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (n == 0) end_ = End::fin;
    if (n < 0) end_ = End::rst;
    if (n > 0) received_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }

  int descriptor_;
  End end_ = End::none;
  std::string received_;
};

/// Accepts when it is asked to.
class Listener {
 public:
  Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const raw = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(::bind(descriptor_, raw, size), 0);
    EXPECT_EQ(::listen(descriptor_, 4096), 0);
    EXPECT_EQ(::getsockname(descriptor_, raw, &size), 0);
    port_ = ntohs(at.sin_port);
  }
  ~Listener() { ::close(descriptor_); }
  Listener(const Listener&) = delete;
  std::unique_ptr<Wire> accept() const {
    pollfd p{descriptor_, POLLIN, 0};
    if (::poll(&p, 1, 20'000) <= 0) return nullptr;
    return std::make_unique<Wire>(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
  }
  [[nodiscard]] bool nobody_within(std::chrono::milliseconds during) const {
    pollfd p{descriptor_, POLLIN, 0};
    return ::poll(&p, 1, static_cast<int>(during.count())) == 0;
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

inline constexpr std::string_view request = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
inline constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
inline constexpr std::string_view event = "9\r\ndata: 1\n\n\r\n";

/// A proxy with these faults in front of a listener, and one connection through it.
class ChaosProxyTest : public testing::Test {
 protected:
  void start(std::string_view faults = {}) {
    ProxyOptions options;
    options.upstream = {{boost::asio::ip::address_v4::loopback(), listener.port()}};
    if (!faults.empty()) {
      auto specs = fault::parse_faults(faults);
      ASSERT_TRUE(specs) << specs.error().message;
      options.faults = std::move(*specs);
    }
    auto started = ChaosProxy::start(std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    proxy = std::move(*started);
  }
  /// The client has asked, the server has the request.
  void ask() {
    client = Wire::to(proxy->port());
    ASSERT_TRUE(client);
    client->send(request);
    server = listener.accept();
    ASSERT_TRUE(server);
    ASSERT_EQ(server->receive_head(), request);
    asked = Steady::now();
  }
  /// And is answered with the head of a stream, which the client has got.
  void open() {
    ask();
    server->send(head);
    ASSERT_EQ(client->receive(head.size()), head);
  }
  [[nodiscard]] std::uint64_t open_connections() { return proxy->stats().connections_open; }

  Listener listener;
  std::unique_ptr<ChaosProxy> proxy;
  std::unique_ptr<Wire> client, server;
  Steady::time_point asked;
};

}  // namespace streamgauge::net
