#include "reference-server/net/acceptor.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <utility>

#include "reference-server/net/context.hpp"

namespace streamgauge::server {
namespace {

constexpr int backlog = 4096;
constexpr int batch = 64;  // then others have their turn
constexpr auto pause_when_full = std::chrono::milliseconds{50};

}  // namespace

Acceptor::Acceptor(Context& context, Shard& home, Role role)
    : context_(context), home_(home), role_(role), acceptor_(home.io()), pause_(home.io()) {}

Result<void> Acceptor::listen(const std::string& address, std::uint16_t port) {
  boost::system::error_code error;
  const auto parsed = net::ip::make_address(address, error);
  if (error) {
    return usage_error(
        fmt::format("--address is \"{}\"; accepted: an IPv4 or IPv6 address", address));
  }
  const tcp::endpoint endpoint(parsed, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(backlog, error);
  if (!error) acceptor_.native_non_blocking(true, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) {
    return target_error(
        fmt::format("cannot listen on {} port {}: {}", address, port, error.message()));
  }
  return {};
}

void Acceptor::start() {
  await();
}

void Acceptor::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Acceptor::await() {
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_waiting();
  });
}

void Acceptor::accept_waiting() {
  for (int i = 0; i < batch; ++i) {
    const int descriptor =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      const int on = 1;
      (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      Shard& shard = *context_.shards[next_++ % context_.shards.size()];
      shard.post(Command::adopt(descriptor, role_));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the kernel's queue: asking again at once would spin.
      home_.counters().accept_failures.add(1);
      pause_.expires_after(pause_when_full);
      pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error) accept_waiting();
      });
      return;
    }
  }
  await();
}

}  // namespace streamgauge::server
