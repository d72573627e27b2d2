// Has the far side of a loopback connection been closed by its owner?
//
// A client that has stopped reading cannot see a FIN behind data that it never takes. On one
// machine the kernel can be asked (sock_diag, inet_diag(7)) about the mirrored socket instead.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>

namespace streamgauge::net {

enum class PeerState : std::uint8_t {
  open,     // an established socket with an owner
  closing,  // closed by its owner, the kernel still tries to send (FIN_WAIT1, CLOSING, LAST_ACK)
  gone,     // no such socket any more
};

/// `local` and `remote` as the client sees them. nullopt: not loopback, or the kernel cannot tell.
[[nodiscard]] std::optional<PeerState> peer_state(const boost::asio::ip::tcp::endpoint& local,
                                                  const boost::asio::ip::tcp::endpoint& remote);

}  // namespace streamgauge::net
