#include "harness/net/stream_socket.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace streamgauge::net {
namespace {

using Endpoint = boost::asio::ip::tcp::endpoint;

std::optional<Endpoint> name_of(int descriptor, decltype(&::getsockname) ask) {
  Endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (ask(descriptor, endpoint.data(), &size) != 0) return std::nullopt;
  endpoint.resize(size);
  return endpoint;
}

}  // namespace

int StreamSocket::connect(const Endpoint& to, const Options& options) {
  close();
  descriptor_ =
      ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor_ < 0) return errno;
  if (options.receive_buffer_bytes) {
    // Before connecting: the window that the server sees at first depends on it.
    const int size = static_cast<int>(*options.receive_buffer_bytes);
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  if (options.source) {
    // The port is chosen with the destination known, so that each may be used for each.
    const int on = 1;
    (void)::setsockopt(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    Endpoint from{*options.source, 0};
    if (::bind(descriptor_, from.data(), static_cast<socklen_t>(from.size())) != 0) return errno;
  }
  const int answer = ::connect(descriptor_, to.data(), static_cast<socklen_t>(to.size()));
  if (answer == 0 || errno == EINPROGRESS || errno == EINTR) return 0;
  return errno;
}

int StreamSocket::connect_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

ssize_t StreamSocket::receive(char* into, std::size_t most) const {
  return ::recv(descriptor_, into, most, MSG_DONTWAIT);
}

ssize_t StreamSocket::send(std::string_view bytes) const {
  return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<Endpoint> StreamSocket::local() const {
  return name_of(descriptor_, &::getsockname);
}

std::optional<Endpoint> StreamSocket::remote() const {
  return name_of(descriptor_, &::getpeername);
}

void StreamSocket::end_sending() const {
  (void)::shutdown(descriptor_, SHUT_WR);
}

// A classic BPF program that accepts 0 bytes of each segment; any process may attach one to a
// socket of its own (socket(7), SO_ATTACH_FILTER).
int StreamSocket::drop_incoming() const {
  sock_filter accept_nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &accept_nothing};
  const int answer =
      ::setsockopt(descriptor_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  return answer == 0 ? 0 : errno;
}

void StreamSocket::hear_again() const {
  const int unused = 0;
  (void)::setsockopt(descriptor_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}

void StreamSocket::close(bool abort) {
  if (descriptor_ < 0) return;
  if (abort) {
    const linger at_once{1, 0};
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  (void)::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace streamgauge::net
