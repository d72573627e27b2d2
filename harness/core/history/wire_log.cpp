#include "harness/core/history/wire_log.hpp"

#include <algorithm>

namespace streamgauge {
namespace {

// A chunk costs memory of its own: one byte at a time must not make a log of a thousand times the
// bound.
constexpr std::size_t chunk_cost_bytes = sizeof(WireChunk);

std::size_t cost(const WireChunk& chunk) {
  return chunk.bytes.size() + chunk_cost_bytes;
}

}  // namespace

void WireLog::add(StreamId stream, Instant at, WireChunk::Kind kind, std::string_view bytes) {
  Kept& kept = streams_[stream];
  if (kept.tail.empty() && kept.lost_bytes == 0) {
    const std::size_t room =
        limits_.head_bytes_max - std::min(limits_.head_bytes_max, kept.head_bytes);
    const std::string_view first = bytes.substr(0, room - std::min(room, chunk_cost_bytes));
    if (!first.empty()) {
      kept.head.push_back({at, kind, std::string(first)});
      kept.head_bytes += cost(kept.head.back());
      bytes.remove_prefix(first.size());
    }
  }
  if (bytes.empty()) return;
  if (const std::size_t most = limits_.tail_bytes_max; bytes.size() > most) {
    kept.lost_bytes += bytes.size() - most;
    bytes.remove_prefix(bytes.size() - most);
  }
  kept.tail.push_back({at, kind, std::string(bytes)});
  kept.tail_bytes += cost(kept.tail.back());
  drop_oldest(kept);
}

void WireLog::drop_oldest(Kept& kept) const {
  // One chunk may always stay: without its newest bytes a log would be of no use.
  while (kept.tail.size() > 1 && kept.tail_bytes > limits_.tail_bytes_max) {
    const WireChunk& oldest = kept.tail.front();
    kept.tail_bytes -= cost(oldest);
    kept.lost_bytes += oldest.bytes.size();
    kept.tail.pop_front();
  }
}

WireLog::Stream WireLog::of(StreamId stream) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {};
  const Kept& kept = found->second;
  Stream out{kept.head, kept.lost_bytes};
  out.chunks.insert(out.chunks.end(), kept.tail.begin(), kept.tail.end());
  return out;
}

std::size_t WireLog::bytes_held() const {
  std::size_t bytes = 0;
  for (const auto& [stream, kept] : streams_) {
    for (const WireChunk& chunk : kept.head) bytes += cost(chunk);
    for (const WireChunk& chunk : kept.tail) bytes += cost(chunk);
  }
  return bytes;
}

}  // namespace streamgauge
