#include "harness/net/proxy/loop.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>

#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr int backlog = 4096;
constexpr int accepts_max = 64;  // then others have their turn
constexpr Duration pause_when_full = 50ms;

// A descriptor's tag: generation, slot, side. The listener has a slot of its own.
constexpr std::uint32_t slots_max = (1u << 24) - 1;
constexpr std::uint32_t listener_slot = slots_max;

constexpr std::uint64_t tag_of(std::uint32_t generation, std::uint32_t slot, fault::Side side) {
  return (std::uint64_t{generation} << 25) | (std::uint64_t{slot} << 1) |
         static_cast<std::uint64_t>(side);
}

/// For all connections, without a choice: then there need be no listener.
bool refuses_all(const fault::FaultSpec& spec) {
  return spec.type->before_accept && spec.scope.share >= 1 && !spec.scope.times;
}

}  // namespace

ChaosProxy::Loop::Loop(ProxyOptions options) : options_(std::move(options)), wheel_(now()) {
  shared_.upstream = options_.upstream;
  shared_.watch = [this](int descriptor, std::uint32_t slot, fault::Side side) {
    return readiness_.watch(descriptor, tag_of(slots_[slot].generation, slot, side));
  };
  shared_.again = [this](std::uint32_t slot) { again_.push_back(slot); };
  shared_.fired = [this](std::uint32_t number) {
    for (Entry& entry : entries_) entry.fault.fired += entry.number == number ? 1 : 0;
  };
}

ChaosProxy::Loop::~Loop() {
  stop();
}

int ChaosProxy::Loop::open_listener(std::uint16_t port, bool listening) {
  boost::system::error_code error;
  const tcp::endpoint at{boost::asio::ip::make_address(options_.address, error), port};
  const int fd = ::socket(at.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  (void)::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = ::bind(fd, at.data(), static_cast<socklen_t>(at.size())) == 0;
  if (bound && (!listening || ::listen(fd, backlog) == 0)) return fd;
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return -1;
}

Result<void> ChaosProxy::Loop::listen() {
  boost::system::error_code error;
  (void)boost::asio::ip::make_address(options_.address, error);
  if (error) {
    return usage_error(
        fmt::format("cannot listen on '{}': expected an IPv4 or IPv6 address", options_.address));
  }
  holder_ = open_listener(options_.port, false);
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (holder_ >= 0 && ::getsockname(holder_, bound.data(), &size) == 0) {
    port_ = bound.port();
    // Somebody else's listener shares no port: this is where it is found out.
    listener_ = open_listener(port_, true);
  }
  if (listener_ < 0) {
    return target_error(fmt::format("the proxy cannot listen on {} port {}: {}", options_.address,
                                    options_.port, std::strerror(errno)));
  }
  if (const int failed = readiness_.watch(listener_, tag_of(0, listener_slot, fault::Side::client));
      failed != 0) {
    return target_error(fmt::format("the proxy cannot listen: {}", std::strerror(failed)));
  }
  for (fault::FaultSpec& spec : options_.faults) {
    if (auto added = add(std::move(spec), {}); !added) return added.error();
  }
  mind_listener(now());
  return {};
}

void ChaosProxy::Loop::mind_listener(Instant now) {
  const bool refused = std::any_of(entries_.begin(), entries_.end(), [now](const Entry& entry) {
    const fault::Scope& scope = entry.fault.spec.scope;
    return refuses_all(entry.fault.spec) && now >= entry.since + scope.from &&
           (!scope.until || now < entry.since + *scope.until);
  });
  if (refused && listener_ >= 0) {
    ::close(listener_);
    listener_ = -1;
  } else if (!refused && listener_ < 0 && holder_ >= 0) {
    listener_ = open_listener(port_, true);
    const std::uint64_t tag = tag_of(++listener_generation_, listener_slot, fault::Side::client);
    if (listener_ >= 0 && readiness_.watch(listener_, tag) == 0) return;
    accept_again_ = now + pause_when_full;  // no descriptors: tried again
  }
}

void ChaosProxy::Loop::start() {
  running_ = true;
  thread_ = std::thread([this] { work(); });
}

void ChaosProxy::Loop::stop() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    readiness_.mark();
    thread_.join();
  }
  slots_.clear();
  open_ = 0;
  for (int* descriptor : {&listener_, &holder_}) {
    if (*descriptor >= 0) ::close(*descriptor);
    *descriptor = -1;
  }
}

void ChaosProxy::Loop::run(const std::function<void()>& order) {
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && !stopping_) {
      orders_.emplace_back([&] {
        order();
        done.set_value();
      });
    } else {
      order();
      return;
    }
  }
  readiness_.mark();
  done.get_future().wait();
}

void ChaosProxy::Loop::take_orders() {
  std::vector<std::function<void()>> orders;
  {
    const std::lock_guard lock(mutex_);
    orders.swap(orders_);
  }
  for (const auto& order : orders) order();
}

int ChaosProxy::Loop::wait_ms(Instant at) const {
  if (!again_.empty()) return 0;
  Instant due = std::min(wheel_.next_due().value_or(Instant::max()), accept_again_);
  for (const Entry& entry : entries_) {
    if (!refuses_all(entry.fault.spec)) continue;
    const fault::Scope& scope = entry.fault.spec.scope;
    for (const Instant edge :
         {entry.since + scope.from, scope.until ? entry.since + *scope.until : Instant::max()}) {
      if (edge > at) due = std::min(due, edge);
    }
  }
  if (due <= at) return 0;
  constexpr Duration longest = 1s;
  return static_cast<int>((std::min<Duration>(due - at, longest) + 999'999ns) / 1ms);
}

void ChaosProxy::Loop::work() {
  for (;;) {
    take_ready(wait_ms(now()));
    keep_deadlines();
    take_orders();
    bury();
    const std::lock_guard lock(mutex_);
    if (stopping_ && orders_.empty()) {
      running_ = false;
      return;
    }
  }
}

void ChaosProxy::Loop::take_ready(int wait_ms) {
  std::array<Readiness::Ready, Readiness::batch_max> ready;
  const std::size_t n = readiness_.take(ready, wait_ms);
  shared_.woken = now();
  for (const Readiness::Ready& it : std::span{ready}.first(n)) {
    if (it.tag == Readiness::mark_tag) continue;
    const auto slot = static_cast<std::uint32_t>((it.tag >> 1) & slots_max);
    const auto generation = static_cast<std::uint32_t>(it.tag >> 25);
    if (slot == listener_slot) {
      if (generation == listener_generation_) accept_waiting();
      continue;
    }
    Slot& at = slots_[slot];
    if (!at.link || at.generation != generation) continue;
    at.link->on_ready(static_cast<fault::Side>(it.tag & 1), it.hung_up, now());
    after(slot);
  }
  const auto again = std::exchange(again_, {});
  for (const std::uint32_t slot : again) {
    if (!slots_[slot].link) continue;
    slots_[slot].link->go_on(now());
    after(slot);
  }
}

void ChaosProxy::Loop::keep_deadlines() {
  const Instant at = now();
  mind_listener(at);
  if (at >= accept_again_) {
    accept_again_ = Instant::max();
    accept_waiting();
  }
  wheel_.advance(at, [&](Deadline deadline) {
    Slot& slot = slots_[deadline.slot];
    if (!slot.link || slot.generation != deadline.generation) return;
    slot.armed = Instant::max();
    if (slot.link->due() <= at) slot.link->on_time(at);
    after(deadline.slot);
  });
}

/// Keeps the link's deadline, or puts it among those that are over.
void ChaosProxy::Loop::after(std::uint32_t number) {
  Slot& slot = slots_[number];
  if (slot.link->over()) {
    over_.push_back(number);
    return;
  }
  const Instant due = slot.link->due();
  if (due >= slot.armed) return;
  slot.armed = wheel_.add(due, {number, slot.generation});
}

void ChaosProxy::Loop::bury() {
  for (const std::uint32_t number : over_) {
    Slot& slot = slots_[number];
    if (!slot.link) continue;  // it was told so twice
    slot.link.reset();
    slot.armed = Instant::max();
    ++slot.generation;
    free_.push_back(number);
    --open_;
  }
  over_.clear();
}

void ChaosProxy::Loop::accept_waiting() {
  for (int i = 0; listener_ >= 0; ++i) {
    if (i == accepts_max) {
      accept_again_ = now();
      return;
    }
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      adopt(fd);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the kernel's queue: asking again at once would spin.
      ++accept_failures_;
      accept_again_ = now() + pause_when_full;
      return;
    }
  }
}

void ChaosProxy::Loop::adopt(int descriptor) {
  StreamSocket client{descriptor};
  if (free_.empty()) {
    if (slots_.size() >= listener_slot) return;
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  Slot& slot = slots_[number];
  slot.link = std::make_unique<ProxyLink>(shared_, number, std::move(client));
  ++total_;
  ++open_;
  const Instant at = now();
  for (Entry& entry : entries_) place(entry, number, *slot.link, at);
  if (!slot.link->start(at)) {
    ++accept_failures_;
    slot.link->cut_off(true, at);
  }
  after(number);
}

}  // namespace streamgauge::net
