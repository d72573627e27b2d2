// Makes one system call of the swarm's threads fail, or take its time: the n-th of those that the
// swarm makes on sockets. The test program's own definitions of these calls come before libc's, for
// OpenSSL's calls, too; calls of other threads, and all while no plan is set, pass through.
#pragma once

#include <atomic>
#include <cstdint>

namespace streamgauge::net {

struct IoFaults {
  enum class Kind : std::uint8_t { none, fail, stall };

  /// From now on the calls are counted anew, and the n-th (from 1) fails, or holds still for some
  /// milliseconds with `reached` set. 0: none.
  static void plan(Kind what, int n) {
    kind = Kind::none;
    calls = 0;
    reached = false;
    at = n;
    kind = what;
  }
  static void off() { kind = Kind::none; }

  static inline std::atomic<Kind> kind{Kind::none};
  static inline std::atomic<int> at{0};
  static inline std::atomic<int> calls{0};
  static inline std::atomic<bool> reached{false};
  static inline std::atomic<const char*> name{""};  // of the call that was hit
};

}  // namespace streamgauge::net
