// Ports of 127.0.0.1 for targets that the harness starts.
#pragma once

#include <cstdint>
#include <utility>

#include "harness/core/base/error.hpp"

namespace streamgauge::net {

/// A TCP port that was free a moment ago on 127.0.0.1.
[[nodiscard]] Result<std::uint16_t> free_port();

/// Keeps a port for somebody who will listen on it again: the kernel gives it to nobody as a free
/// one, connecting to it is refused. To be let go right before the program starts, as not every
/// program shares a port with a socket that only holds it.
class HeldPort {
 public:
  /// Holds nothing when the port cannot be had; that is no error, only less certain.
  explicit HeldPort(std::uint16_t port);
  HeldPort(HeldPort&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  HeldPort& operator=(HeldPort&&) = delete;
  ~HeldPort();
  [[nodiscard]] bool holds() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

}  // namespace streamgauge::net
