#include "tests/net/harness/io_faults.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace {

using streamgauge::net::IoFaults;

bool of_the_swarm() {
  char name[16] = {};
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 &&
         std::strcmp(name, "sg-swarm") == 0;
}

/// True when this call is to fail.
bool hit(const char* name) {
  const auto kind = IoFaults::kind.load();
  if (kind == IoFaults::Kind::none || !of_the_swarm()) return false;
  if (++IoFaults::calls != IoFaults::at) return false;
  IoFaults::name = name;
  IoFaults::reached = true;
  if (kind == IoFaults::Kind::fail) return true;
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  return false;
}

template <class F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

extern "C" {

int socket(int family, int type, int protocol) {
  static const auto real = next<int(int, int, int)>("socket");
  if (hit("socket")) return errno = EMFILE, -1;
  return real(family, type, protocol);
}

int connect(int descriptor, const sockaddr* to, socklen_t size) {
  static const auto real = next<int(int, const sockaddr*, socklen_t)>("connect");
  if (hit("connect")) return errno = ENETUNREACH, -1;
  return real(descriptor, to, size);
}

int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  static const auto real = next<int(int, int, int, epoll_event*)>("epoll_ctl");
  if (is_socket(descriptor) && hit("epoll_ctl")) return errno = ENOMEM, -1;
  return real(epoll, operation, descriptor, event);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  static const auto real = next<ssize_t(int, const void*, size_t, int)>("send");
  if (hit("send")) return errno = EPIPE, -1;
  return real(descriptor, bytes, size, flags);
}

ssize_t recv(int descriptor, void* into, size_t most, int flags) {
  static const auto real = next<ssize_t(int, void*, size_t, int)>("recv");
  if (hit("recv")) return errno = ECONNRESET, -1;
  return real(descriptor, into, most, flags);
}

ssize_t read(int descriptor, void* into, size_t most) {
  static const auto real = next<ssize_t(int, void*, size_t)>("read");
  const auto kind = IoFaults::kind.load();
  if (kind != IoFaults::Kind::none && of_the_swarm() && is_socket(descriptor) && hit("read")) {
    return errno = ECONNRESET, -1;
  }
  return real(descriptor, into, most);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto real = next<ssize_t(int, const void*, size_t)>("write");
  const auto kind = IoFaults::kind.load();
  if (kind != IoFaults::Kind::none && of_the_swarm() && is_socket(descriptor) && hit("write")) {
    return errno = EPIPE, -1;
  }
  return real(descriptor, bytes, size);
}

}  // extern "C"
