// A server that does what a test's script says, connection by connection: answers, stays silent,
// closes early. On 127.0.0.1, one thread a connection; everything ends with the object.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace streamgauge::net {

class HttpConversation {
 public:
  HttpConversation(int fd, std::size_t number, const bool* stopping, std::mutex* mutex,
                   std::condition_variable* wake)
      : fd_(fd), number_(number), stopping_(stopping), mutex_(mutex), wake_(wake) {}

  /// Which connection of the server this is, from 0.
  [[nodiscard]] std::size_t number() const { return number_; }

  /// A whole request, head and body; nullopt when the client has closed.
  std::optional<std::string> request() {
    while (true) {
      const auto head_end = pending_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const auto size = head_end + 4 + content_length(pending_.substr(0, head_end));
        if (pending_.size() >= size) {
          auto whole = pending_.substr(0, size);
          pending_.erase(0, size);
          return whole;
        }
      }
      std::array<char, 65536> piece;
      const auto got = ::recv(fd_, piece.data(), piece.size(), 0);
      if (got <= 0) return std::nullopt;
      pending_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

  /// Whether the client took it.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void answer(int status, std::string_view body = "", std::string_view fields = "") {
    send("HTTP/1.1 " + std::to_string(status) + " Said\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }

  /// RST instead of FIN when the script returns.
  void abort_at_close() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

  /// Stays as it is until the test is over.
  void hold() {
    std::unique_lock lock(*mutex_);
    wake_->wait(lock, [&] { return *stopping_; });
  }

 private:
  static std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0
                                   : static_cast<std::size_t>(std::atoi(head.c_str() + at + 16));
  }

  int fd_;
  std::size_t number_;
  const bool* stopping_;
  std::mutex* mutex_;
  std::condition_variable* wake_;
  std::string pending_;
};

class ScriptedHttpServer {
 public:
  using Script = std::function<void(HttpConversation&)>;

  explicit ScriptedHttpServer(Script script, std::uint16_t port = 0) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, raw, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ScriptedHttpServer(const ScriptedHttpServer&) = delete;

  ~ScriptedHttpServer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> addresses() const {
    return {{boost::asio::ip::address_v4::loopback(), port_}};
  }
  [[nodiscard]] std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

 private:
  void accept_all() {
    while (true) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        ::close(fd);
        return;
      }
      open_.push_back(fd);
      threads_.emplace_back([this, fd, number = accepted_++] {
        HttpConversation conversation(fd, number, &stopping_, &mutex_, &wake_);
        script_(conversation);
        const std::lock_guard done(mutex_);
        std::erase(open_, fd);
        ::close(fd);
      });
    }
  }

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::size_t accepted_ = 0;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 that refuses: bound, so that nobody else gets it, but not listening.
class RefusingPort {
 public:
  RefusingPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, raw, size) != 0 || ::getsockname(fd_, raw, &size) != 0) std::abort();
    port_ = ntohs(address.sin_port);
  }
  RefusingPort(const RefusingPort&) = delete;
  ~RefusingPort() { ::close(fd_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> addresses() const {
    return {{boost::asio::ip::address_v4::loopback(), port_}};
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace streamgauge::net
