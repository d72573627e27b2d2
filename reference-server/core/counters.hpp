// What the server counts. Each shard writes its own set from its own thread; readers of other
// threads may read at any time and add the sets up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "harness/core/base/time.hpp"

namespace streamgauge::server {

/// One writer, many readers: no locked instruction on the hot path.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

enum class CloseReason : std::uint8_t {
  peer_closed,  // the peer ended or reset the connection
  stalled,      // evicted: no progress for the stated time
  overflow,     // the queue's bound was reached and the answer is to disconnect
  replaced,     // a newer stream with the same id
  revoked,      // by the admin, it or its token
  closed,       // on purpose, to come back
  finished,     // its channel is complete
  answered,     // the request that it answers is
  drained,      // the server stops
  count_,
};

/// Counts of durations up to each bound (seconds), for the Prometheus histogram.
class LatencyBuckets {
 public:
  static constexpr std::array<double, 12> bounds_s = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                      0.01,   0.025,   0.05,   0.1,   0.5,    1.0};
  void observe(Duration d) {
    const double seconds = to_seconds(d);
    std::size_t bucket = 0;
    while (bucket < bounds_s.size() && seconds > bounds_s[bucket]) ++bucket;
    counts_[bucket].add(1);
    sum_ns_.add(static_cast<std::uint64_t>(d.count() > 0 ? d.count() : 0));
  }
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
  [[nodiscard]] std::uint64_t sum_ns() const { return sum_ns_.value(); }

 private:
  std::array<Counter, bounds_s.size() + 1> counts_;
  Counter sum_ns_;
};

struct Counters {
  Counter streams_open;  // websockets among them
  Counter websockets_open;
  Counter polls_open;      // that wait for a message now
  Counter polls_answered;  // with messages, or with none when their time was over
  Counter streams_total;
  Counter delivered_events;
  Counter delivered_bytes;
  Counter heartbeats_sent;
  Counter heartbeats_skipped;
  Counter dropped_normal;
  Counter dropped_critical;
  Counter lag_notices;
  Counter replay_hits;
  Counter replay_misses;
  Counter queued_events;  // waiting now, over all subscribers
  Counter accept_failures;
  std::array<Counter, static_cast<std::size_t>(CloseReason::count_)> closed;
  LatencyBuckets publish_latency;  // from the sequencing to the end of the fan-out in this shard
};

}  // namespace streamgauge::server
