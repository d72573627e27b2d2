// An adversarial server for tests: each connection, in the order of accepting, runs a script on a
// thread of its own. Plain POSIX calls, so that it shares nothing with what it tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace streamgauge::net {

class ServedConnection {
 public:
  ServedConnection(int descriptor, int number) : descriptor_(descriptor), number_(number) {}
  ~ServedConnection() { close(); }
  ServedConnection(const ServedConnection&) = delete;

  [[nodiscard]] int number() const { return number_; }  // from 1
  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// The request up to its blank line; what came of it when the client closed first.
  std::string read_request() {
    std::string text;
    char byte = 0;
    while (text.find("\r\n\r\n") == std::string::npos && ::recv(descriptor_, &byte, 1, 0) == 1) {
      text += byte;
    }
    return text;
  }
  /// False when the client has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Returns when the client has closed (true: with an RST), or after a generous time.
  bool wait_until_closed() {
    char sink[4096];
    for (;;) {
      pollfd p{descriptor_, POLLIN, 0};
      if (::poll(&p, 1, 20'000) <= 0) return false;
      const ssize_t n = ::recv(descriptor_, sink, sizeof sink, 0);
      if (n == 0) return false;
      if (n < 0) return errno == ECONNRESET;
    }
  }
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
  int number_;
};

class AdversarialServer {
 public:
  using Script = std::function<void(ServedConnection&)>;

  explicit AdversarialServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 512) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no listener for the test");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  /// The swarm must have stopped: scripts that wait for their client end with it.
  ~AdversarialServer() {
    over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const {
    return {boost::asio::ip::address_v4::loopback(), port_};
  }
  [[nodiscard]] int accepted() const { return accepted_; }

 private:
  void accept_all() {
    while (!over_) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      const int number = ++accepted_;
      threads_.emplace_back([this, descriptor, number] {
        ServedConnection connection{descriptor, number};
        script_(connection);
      });
    }
  }

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_{false};
  std::atomic<int> accepted_{0};
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

inline std::string stream_head(std::string_view more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + std::string{more} + "\r\n";
}
inline std::string chunk(std::string_view data) {
  char size[20];
  const int n = std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return std::string(size, static_cast<std::size_t>(n)) + std::string{data} + "\r\n";
}

}  // namespace streamgauge::net
