// Accepts connections in batches and deals them out to the shards in turn.
//
// One listening socket and not SO_REUSEPORT: the kernel spreads by hash, so with few shards and
// many streams some shard carries markedly more than its share; in turn they carry the same.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "harness/core/base/error.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

class Acceptor {
 public:
  /// Lives on that shard's thread once started.
  Acceptor(Context& context, Shard& home, Role role);

  /// Before the threads start. Errors: not an address (usage), taken port (target).
  [[nodiscard]] Result<void> listen(const std::string& address, std::uint16_t port);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void start();
  void close();  // on the home shard's thread, or when no thread runs

 private:
  void await();
  void accept_waiting();

  Context& context_;
  Shard& home_;
  const Role role_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::size_t next_ = 0;
};

}  // namespace streamgauge::server
