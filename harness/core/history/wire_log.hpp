// The last bytes of each stream with their times, in bounded memory: what a failing check's
// evidence can be looked up in.
//
// One instance per thread of the swarm, for its streams. A stream's log keeps the first bytes
// (`head_bytes_max`: request, response head, first blocks) for good, and of the rest the newest
// `tail_bytes_max`. Memory: at most head, tail and 32 bytes a chunk for each stream; an empty log
// costs nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/history/record.hpp"

namespace streamgauge {

/// What passed at once, or what became of the connection (`bytes` is a sentence then).
struct WireChunk {
  enum class Kind : std::uint8_t { opened, sent, received, closed };
  Instant at{};
  Kind kind = Kind::received;
  std::string bytes;
  friend bool operator==(const WireChunk&, const WireChunk&) = default;
};

class WireLog {
 public:
  struct Limits {
    std::size_t head_bytes_max = 2u << 10;
    std::size_t tail_bytes_max = 16u << 10;
  };

  WireLog() = default;
  explicit WireLog(Limits limits) : limits_(limits) {}

  void add(StreamId stream, Instant at, WireChunk::Kind kind, std::string_view bytes);

  /// Of one stream, in the order in which it was added; empty for one that was never heard of.
  struct Stream {
    std::vector<WireChunk> chunks;
    std::uint64_t lost_bytes = 0;  // between the head and the oldest chunk of the tail
  };
  [[nodiscard]] Stream of(StreamId stream) const;
  /// Bytes of content held, for the test of the bound.
  [[nodiscard]] std::size_t bytes_held() const;

 private:
  struct Kept {
    std::vector<WireChunk> head;
    std::deque<WireChunk> tail;
    std::size_t head_bytes = 0, tail_bytes = 0;
    std::uint64_t lost_bytes = 0;
  };
  void drop_oldest(Kept& kept) const;

  Limits limits_;
  std::unordered_map<StreamId, Kept> streams_;
};

}  // namespace streamgauge
