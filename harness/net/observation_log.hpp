// What is seen while a case runs, from the script's thread and from the client's, in one order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "harness/core/client_case/observation.hpp"

namespace streamgauge::net {

/// Used by any thread. Bounded: past `entries_max` entries or `bytes_max` bytes of text the client
/// is said to be Gone, once, and nothing more is kept.
class ObservationLog {
 public:
  static constexpr std::size_t entries_max = 100'000;
  static constexpr std::size_t bytes_max = 64u << 20;
  static constexpr std::size_t comment_bytes_max = 4096;  // the rest of a comment is dropped

  void add(client_case::Seen what);
  /// Nothing is added from here on.
  void close();

  /// Waits until `test` is satisfied, at most until `deadline`. It is asked at most every 3 ms, by
  /// the caller's thread; true when it was satisfied.
  bool wait(const std::function<bool(const std::vector<client_case::Observation>&)>& test,
            Instant deadline);
  [[nodiscard]] std::vector<client_case::Observation> entries() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<client_case::Observation> entries_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace streamgauge::net
