// Which of a thread's sockets have something to read: one epoll(7) instance, edge-triggered, so
// that a socket costs one registration in its life and none per event.
//
// Edge-triggered means: whoever is told must read until nothing is left, or remember to go on. A
// read that returns less than it asked for has emptied the socket, unless the peer has hung up too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamgauge::net {

class Readiness {
 public:
  struct Ready {
    std::uint64_t tag = 0;
    bool hung_up = false;  // end of input or an error is waiting behind what can be read
  };
  /// The tag of mark(): no socket may have it.
  static constexpr std::uint64_t mark_tag = ~std::uint64_t{0};
  /// So many at once, so that timers get their turn in between.
  static constexpr std::size_t batch_max = 256;

  /// Throws std::system_error when the process has no descriptors left.
  Readiness();
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  /// To be told when it is readable, writable for the first time (connected), or hung up. Closing
  /// the descriptor ends it. Returns an errno value, 0 when it worked.
  [[nodiscard]] int watch(int descriptor, std::uint64_t tag);
  /// Takes a place at the end of what is ready: when mark_tag is returned, all that was readable
  /// before has been.
  void mark();
  /// The next ones, in the order in which they became ready. Waits at most so many milliseconds for
  /// the first of them: 0 not at all, -1 without end.
  [[nodiscard]] std::size_t take(std::span<Ready, batch_max> into, int wait_ms = 0);
  /// Readable while take() would return something. Kept by this object.
  [[nodiscard]] int descriptor() const { return epoll_; }

 private:
  int epoll_ = -1;
  int mark_ = -1;
};

}  // namespace streamgauge::net
