// A blocking client made of plain sockets, so that the bytes on the wire are what is tested.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace streamgauge::server {

class WireClient {
 public:
  /// Far above what anything here needs: reached only when something is wrong.
  static constexpr std::chrono::seconds patience{20};

  explicit WireClient(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  WireClient(WireClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), got_(std::move(other.got_)) {}
  ~WireClient() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Everything up to and with `mark` is taken out and returned; what was read so far when the
  /// connection ends or patience does.
  std::string read_until(std::string_view mark) {
    while (true) {
      const std::size_t at = got_.find(mark);
      if (at != std::string::npos) {
        std::string text = got_.substr(0, at + mark.size());
        got_.erase(0, text.size());
        return text;
      }
      if (!read_some()) return std::exchange(got_, {});
    }
  }
  std::string read_bytes(std::size_t n) {
    while (got_.size() < n && read_some()) {
    }
    std::string text = got_.substr(0, n);
    got_.erase(0, n);
    return text;
  }
  std::string read_to_end() {
    while (read_some()) {
    }
    return std::exchange(got_, {});
  }
  [[nodiscard]] bool was_reset() const { return reset_; }
  [[nodiscard]] bool ended() const { return ended_; }

  /// Whether nothing comes, not even the end, for that long.
  [[nodiscard]] bool is_silent_for(std::chrono::milliseconds wait) {
    pollfd waiting{fd_, POLLIN, 0};
    return got_.empty() && ::poll(&waiting, 1, static_cast<int>(wait.count())) == 0;
  }

  /// One answer with a Content-Length.
  std::string answer() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    return head + read_bytes(std::stoul(head.substr(at + 16)));
  }

 private:
  bool read_some() {
    pollfd waiting{fd_, POLLIN, 0};
    const auto at_most = std::chrono::milliseconds{patience}.count();
    if (::poll(&waiting, 1, static_cast<int>(at_most)) <= 0) return false;
    char buffer[16384];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0) reset_ = true;
    if (got == 0) ended_ = true;
    if (got <= 0) return false;
    got_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string got_;
  bool reset_ = false;
  bool ended_ = false;
};

}  // namespace streamgauge::server
