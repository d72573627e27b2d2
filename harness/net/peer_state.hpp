// Has the far side of a loopback connection been closed by its owner?
//
// A client that has stopped reading cannot see a FIN behind data that it never takes. On one
// machine the kernel can be asked (sock_diag(7)) about the mirrored socket instead.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace streamgauge::net {

enum class PeerState : std::uint8_t {
  open,     // a socket whose owner has not closed or shut it down (or has yet to accept it)
  closing,  // closed by its owner, the kernel still tries to send (FIN_WAIT1, CLOSING, LAST_ACK)
  gone,     // no such socket any more
};

/// Asks through one netlink socket, kept: some microseconds a question. Not for sharing between
/// threads. Where the kernel has no sock_diag it reads /proc/net/tcp instead, which is slow.
class PeerStateProbe {
 public:
  PeerStateProbe();
  ~PeerStateProbe();
  PeerStateProbe(const PeerStateProbe&) = delete;
  PeerStateProbe& operator=(const PeerStateProbe&) = delete;

  /// `local` and `remote` as the client sees them. nullopt: not loopback, or the kernel cannot
  /// tell.
  [[nodiscard]] std::optional<PeerState> ask(const boost::asio::ip::tcp::endpoint& local,
                                             const boost::asio::ip::tcp::endpoint& remote);

 private:
  int netlink_ = -1;
};

/// One question, with a probe of its own.
[[nodiscard]] std::optional<PeerState> peer_state(const boost::asio::ip::tcp::endpoint& local,
                                                  const boost::asio::ip::tcp::endpoint& remote);

/// The same answer read from the text of /proc/net/tcp or tcp6, for kernels without sock_diag.
[[nodiscard]] PeerState peer_state_in_table(std::string_view table,
                                            const boost::asio::ip::tcp::endpoint& local,
                                            const boost::asio::ip::tcp::endpoint& remote);

}  // namespace streamgauge::net
