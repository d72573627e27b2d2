#include "harness/net/port.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace streamgauge::net {
namespace {

/// A socket bound to that port of 127.0.0.1 (0: any free one), or -1 with errno.
int bound_socket(std::uint16_t port, bool shared) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = shared ? 1 : 0;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return descriptor;
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

}  // namespace

Result<std::uint16_t> free_port() {
  const int descriptor = bound_socket(0, false);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const bool known = descriptor >= 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!known) {
    return target_error(fmt::format("no free TCP port on 127.0.0.1: {}", std::strerror(error)));
  }
  return ntohs(address.sin_port);
}

HeldPort::HeldPort(std::uint16_t port) : descriptor_(bound_socket(port, true)) {}

HeldPort::~HeldPort() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace streamgauge::net
