#include "harness/net/readiness.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace streamgauge::net {

Readiness::Readiness()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), mark_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  const int error = epoll_ < 0 || mark_ < 0 ? errno : watch(mark_, mark_tag);
  if (error == 0) return;
  if (epoll_ >= 0) ::close(epoll_);
  if (mark_ >= 0) ::close(mark_);
  throw std::system_error(error, std::system_category(), "epoll");
}

Readiness::~Readiness() {
  ::close(mark_);
  ::close(epoll_);
}

int Readiness::watch(int descriptor, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  if (tag != mark_tag) event.events |= EPOLLOUT;
  event.data.u64 = tag;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

// Each write is an edge of its own; that it is never read only lets a 64-bit counter grow.
void Readiness::mark() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(mark_, &one, sizeof one);
}

std::size_t Readiness::take(std::span<Ready, batch_max> into, int wait_ms) {
  std::array<epoll_event, batch_max> events;
  const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n > 0 ? n : 0); ++i) {
    into[i] = {events[i].data.u64, (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0};
  }
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

}  // namespace streamgauge::net
