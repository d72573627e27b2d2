// A client's TCP socket: a descriptor and the few calls that a simulated client makes on it.
//
// Not Asio's: that one keeps a block per socket in its reactor, and asking it to wait for
// readability costs a system call per event received, which at 100 000 events/s is a third of what
// the swarm does. Readiness comes from harness/net/readiness.hpp. Never blocks, never throws.
#pragma once

#include <sys/types.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace streamgauge::net {

class StreamSocket {
 public:
  struct Options {
    std::optional<std::uint64_t> receive_buffer_bytes;
    std::optional<boost::asio::ip::address> source;
  };

  StreamSocket() = default;
  /// Takes over a connected one.
  explicit StreamSocket(int descriptor) : descriptor_(descriptor) {}
  ~StreamSocket() { close(); }
  StreamSocket(StreamSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  StreamSocket& operator=(StreamSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  /// Opens and begins to connect; whether it succeeded is asked once the socket is writable.
  /// Returns an errno value, 0 when the connection is under way (or made).
  [[nodiscard]] int connect(const boost::asio::ip::tcp::endpoint& to, const Options& options);
  /// How connecting ended: an errno value, 0 when connected.
  [[nodiscard]] int connect_error() const;

  /// As recv(2) and send(2): bytes, or -1 with errno.
  [[nodiscard]] ssize_t receive(char* into, std::size_t most) const;
  [[nodiscard]] ssize_t send(std::string_view bytes) const;

  /// nullopt when the kernel does not know (any more).
  [[nodiscard]] std::optional<boost::asio::ip::tcp::endpoint> local() const;
  [[nodiscard]] std::optional<boost::asio::ip::tcp::endpoint> remote() const;

  /// Ends what is sent (FIN); what is received goes on.
  void end_sending() const;
  /// From here on every segment that arrives is dropped before TCP sees it: no data, no FIN, and
  /// nothing is acknowledged. Undone by hear_again(). Returns an errno value, 0 when it worked.
  [[nodiscard]] int drop_incoming() const;
  void hear_again() const;

  /// Idempotent. `abort`: an RST instead of a FIN.
  void close(bool abort = false);
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

}  // namespace streamgauge::net
