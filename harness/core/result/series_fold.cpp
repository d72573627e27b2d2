#include "harness/core/result/series_fold.hpp"

#include <algorithm>

namespace streamgauge {
namespace {

/// Encodings here are our own: one that does not decode is a bug.
void add_encoded(latency::Histogram& into, const std::string& encoded) {
  if (!encoded.empty()) into.merge(latency::decode(encoded).value());
}

}  // namespace

void SeriesFold::Sums::heartbeat_after(Duration gap) {
  heartbeat_gap_min = heartbeats == 0 ? gap : std::min(heartbeat_gap_min, gap);
  heartbeat_gap_max = std::max(heartbeat_gap_max, gap);
  ++heartbeats;
}

void SeriesFold::Sums::add(const Sums& later) {
  events += later.events;
  comments += later.comments;
  bytes += later.bytes;
  published += later.published;
  opened += later.opened;
  closed += later.closed;
  reconnects += later.reconnects;
  cpu_ns += later.cpu_ns;
  lag_max = std::max(lag_max, later.lag_max);
  if (later.heartbeats > 0) {
    const bool first = heartbeats == 0;
    heartbeat_gap_min =
        first ? later.heartbeat_gap_min : std::min(heartbeat_gap_min, later.heartbeat_gap_min);
    heartbeat_gap_max = std::max(heartbeat_gap_max, later.heartbeat_gap_max);
    heartbeats += later.heartbeats;
  }
  if (later.sampled) {
    sampled = true;
    rss_bytes = later.rss_bytes;
    threads = later.threads;
    descriptors = later.descriptors;
  }
}

void SeriesFold::move_to(std::uint64_t since_ns) {
  seal();
  while (since_ns / interval_ns_ >= rows_max) double_interval();
  row_ = static_cast<std::size_t>(since_ns / interval_ns_);
  if (row_ >= rows_.size()) rows_.resize(row_ + 1);
  row_begin_ns_ = row_ * interval_ns_;
  row_length_ns_ = interval_ns_;
}

void SeriesFold::seal() {
  if (live_.empty()) return;
  Row& row = rows_[row_];
  add_encoded(live_, row.delivery);  // the row was left and entered again
  row.delivery = latency::encode(live_);
  row.delivery.shrink_to_fit();
  live_.reset();
}

/// The live histogram must be sealed: row numbers change.
void SeriesFold::double_interval() {
  std::vector<Row> merged((rows_.size() + 1) / 2);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& into = merged[i / 2];
    into.sums.add(rows_[i].sums);
    if (into.delivery.empty()) {
      into.delivery = std::move(rows_[i].delivery);
    } else if (!rows_[i].delivery.empty()) {
      latency::Histogram both;
      add_encoded(both, into.delivery);
      add_encoded(both, rows_[i].delivery);
      into.delivery = latency::encode(both);
    }
  }
  rows_ = std::move(merged);
  interval_ns_ *= 2;
  row_length_ns_ = 0;  // the next call looks its row up anew
}

void SeriesFold::merge(const SeriesFold& other) {
  SeriesFold finer = other;
  finer.seal();
  seal();
  row_length_ns_ = 0;
  while (interval_ns_ < finer.interval_ns_) double_interval();
  while (finer.interval_ns_ < interval_ns_) finer.double_interval();
  if (rows_.size() < finer.rows_.size()) rows_.resize(finer.rows_.size());
  for (std::size_t i = 0; i < finer.rows_.size(); ++i) {
    rows_[i].sums.add(finer.rows_[i].sums);
    add_encoded(live_, rows_[i].delivery);
    add_encoded(live_, finer.rows_[i].delivery);
    if (!live_.empty()) rows_[i].delivery = latency::encode(live_);
    live_.reset();
  }
}

latency::Histogram SeriesFold::recent(std::size_t rows) const {
  latency::Histogram sum = live_;
  for (std::size_t i = row_ - std::min(rows, row_); i <= row_ && i < rows_.size(); ++i) {
    add_encoded(sum, rows_[i].delivery);
  }
  return sum;
}

TimeSeries SeriesFold::rows() const {
  TimeSeries series;
  series.started = started_;
  series.interval = Duration{static_cast<Duration::rep>(interval_ns_)};
  series.rows.resize(rows_.size());
  const Sums* sample = nullptr;
  std::uint64_t open = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Sums& sums = rows_[i].sums;
    IntervalRow& row = series.rows[i];
    row.events = sums.events;
    row.comments = sums.comments;
    row.bytes = sums.bytes;
    row.published = sums.published;
    row.opened = sums.opened;
    row.closed = sums.closed;
    row.reconnects = sums.reconnects;
    open += sums.opened - sums.closed;
    row.streams_open = open;
    add_encoded(row.delivery, rows_[i].delivery);
    if (i == row_ && !live_.empty()) row.delivery.merge(live_);
    if (sums.sampled) sample = &sums;
    if (sample != nullptr) {
      row.rss_bytes = sample->rss_bytes;
      row.threads = sample->threads;
      row.descriptors = sample->descriptors;
    }
    row.cpu_ns = sums.cpu_ns;
    row.lag_max = sums.lag_max;
    row.heartbeats = sums.heartbeats;
    row.heartbeat_gap_min = sums.heartbeat_gap_min;
    row.heartbeat_gap_max = sums.heartbeat_gap_max;
  }
  return series;
}

std::size_t SeriesFold::heap_bytes() const {
  std::size_t bytes = live_.heap_bytes() + rows_.capacity() * sizeof(Row);
  for (const Row& row : rows_) bytes += row.delivery.capacity();
  return bytes;
}

}  // namespace streamgauge
