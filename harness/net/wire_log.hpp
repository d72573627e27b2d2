// The bytes of a few connections with their times, for people: one line a write or read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"

namespace streamgauge::net {

/// Used by any thread. Holds at most `bytes_max` of text.
class WireLog {
 public:
  static constexpr std::size_t bytes_max = 256u << 10;
  /// Of one write or read at most that much is shown.
  static constexpr std::size_t shown_max = 2048;

  void begin(Instant at);
  /// "+0.012 s  #2 >  HTTP/1.1 200 OK\r\n..."; `sent`: by the script.
  void bytes(Instant at, std::uint32_t connection, bool sent, std::string_view bytes);
  /// "+0.012 s  #2 -  closed by the client"
  void note(Instant at, std::uint32_t connection, std::string_view what);
  [[nodiscard]] std::string text() const;

 private:
  void line(Instant at, std::uint32_t connection, std::string_view sign, std::string_view what);

  mutable std::mutex mutex_;
  Instant began_{};
  std::string text_;
  bool full_ = false;
};

}  // namespace streamgauge::net
