// How many bytes have left a local server: what its peers' kernels have acknowledged
// (sock_diag(7)).
//
// The difference between that and what clients have read is what the path between them has taken
// in. Connections that have ended are not in the kernel's list any more and do not count.
#pragma once

#include <cstdint>
#include <optional>

namespace streamgauge::net {

/// Summed over the open TCP connections whose local port is `port`; nullopt where the kernel cannot
/// tell. Costs one question and a walk over the kernel's table: some tens of microseconds.
[[nodiscard]] std::optional<std::uint64_t> bytes_sent_from(std::uint16_t port);

}  // namespace streamgauge::net
