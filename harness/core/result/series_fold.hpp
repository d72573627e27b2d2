// Rows of equal length over a run of unknown length, in bounded memory: when there would be more
// than `rows_max`, neighbours are merged and the interval doubles.
//
// Only one row's delivery histogram is live; the others are kept encoded (a few kB each).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge {

class SeriesFold {
 public:
  static constexpr std::size_t rows_max = 600;

  explicit SeriesFold(Instant started, Duration interval = std::chrono::seconds{1})
      : started_(started), interval_ns_(static_cast<std::uint64_t>(interval.count())) {}

  /// What is added up in a row; the row is that of `at`, or the first when `at` lies before the
  /// start. Valid until the next call.
  struct Sums {
    std::uint64_t events = 0, comments = 0, bytes = 0, published = 0;
    std::uint64_t opened = 0, closed = 0, reconnects = 0;
    std::uint64_t cpu_ns = 0;
    std::uint64_t rss_bytes = 0;  // of the last sample
    std::uint32_t threads = 0, descriptors = 0;
    bool sampled = false;
    Duration lag_max{};
    std::uint64_t heartbeats = 0;
    Duration heartbeat_gap_min{}, heartbeat_gap_max{};
    void heartbeat_after(Duration gap);
    void add(const Sums& later);
  };
  [[nodiscard]] Sums& at(Instant at) {
    const std::uint64_t since = nanoseconds_into(at);
    if (since - row_begin_ns_ >= row_length_ns_) [[unlikely]]
      move_to(since);
    return rows_[row_].sums;
  }
  void delivered(Instant when, Duration latency) {
    (void)at(when);
    live_.record(latency);
  }

  /// Deliveries of the current row and the `rows` before it.
  [[nodiscard]] latency::Histogram recent(std::size_t rows) const;

  /// Both began at the same time.
  void merge(const SeriesFold& other);
  /// With streams_open added up from the beginning, and memory figures carried over rows that have
  /// no sample.
  [[nodiscard]] TimeSeries rows() const;
  /// Heap bytes held, for the test of the bound.
  [[nodiscard]] std::size_t heap_bytes() const;

 private:
  struct Row {
    Sums sums;
    std::string delivery;  // encoded; empty: none
  };

  [[nodiscard]] std::uint64_t nanoseconds_into(Instant at) const {
    return at <= started_ ? 0
                          : static_cast<std::uint64_t>(to_ns(at)) -
                                static_cast<std::uint64_t>(to_ns(started_));
  }
  void move_to(std::uint64_t since_ns);
  void seal();
  void double_interval();

  Instant started_;
  std::uint64_t interval_ns_;
  std::vector<Row> rows_;
  latency::Histogram live_;          // of the current row, in addition to what it has encoded
  std::size_t row_ = 0;              // the current row
  std::uint64_t row_begin_ns_ = 0;   // since started_
  std::uint64_t row_length_ns_ = 0;  // 0 until there is a current row: then nothing lies in it
};

}  // namespace streamgauge
