#include "harness/core/latency/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace streamgauge::latency {

Result<Layout> Layout::of(const HistogramConfig& config) {
  if (config.significant_digits < 0 || config.significant_digits > 5) {
    return usage_error(fmt::format("a histogram keeps 0 to 5 significant digits, not {}",
                                   config.significant_digits));
  }
  if (config.lowest_ns < 1) {
    return usage_error(
        fmt::format("a histogram's lowest value must be at least 1, not {}", config.lowest_ns));
  }
  if (config.highest_ns / 2 < config.lowest_ns) {
    return usage_error(fmt::format(
        "a histogram's highest value must be at least twice its lowest: {} is not 2 x {}",
        config.highest_ns, config.lowest_ns));
  }
  // One unit of resolution must hold up to 2 * 10^digits: that many sub-buckets, as a power of two.
  unsigned single_unit_values = 2;
  for (int digit = 0; digit < config.significant_digits; ++digit) single_unit_values *= 10;
  const int sub_bucket_magnitude = static_cast<int>(std::bit_width(single_unit_values - 1));

  Layout layout;
  layout.unit_magnitude =
      static_cast<int>(std::bit_width(static_cast<std::uint64_t>(config.lowest_ns))) - 1;
  layout.sub_bucket_half_magnitude = std::max(sub_bucket_magnitude, 1) - 1;
  if (layout.unit_magnitude + layout.sub_bucket_half_magnitude > 61) {
    return usage_error(fmt::format("a histogram cannot keep {} digits from {} up in 63 bits",
                                   config.significant_digits, config.lowest_ns));
  }
  const std::int64_t sub_buckets = std::int64_t{2} << layout.sub_bucket_half_magnitude;
  layout.sub_bucket_mask = (sub_buckets - 1) << layout.unit_magnitude;
  layout.buckets = 1;
  // The top of the highest bucket is 2^63 at most, which no value reaches.
  auto beyond = static_cast<std::uint64_t>(sub_buckets) << layout.unit_magnitude;
  while (beyond <= static_cast<std::uint64_t>(config.highest_ns)) {
    beyond <<= 1;
    ++layout.buckets;
  }
  layout.counts = static_cast<std::size_t>(layout.buckets + 1)
                  << static_cast<unsigned>(layout.sub_bucket_half_magnitude);
  return layout;
}

std::int64_t Layout::lowest_at(std::size_t index) const {
  const std::size_t half = std::size_t{1} << sub_bucket_half_magnitude;
  const std::size_t bucket_above_first = index >> sub_bucket_half_magnitude;
  if (bucket_above_first == 0) return static_cast<std::int64_t>(index << unit_magnitude);
  const std::size_t sub = (index & (half - 1)) + half;
  return static_cast<std::int64_t>(
      sub << (bucket_above_first - 1 + static_cast<std::size_t>(unit_magnitude)));
}

std::int64_t Layout::highest_at(std::size_t index) const {
  const std::size_t bucket_above_first = index >> sub_bucket_half_magnitude;
  const std::size_t shift = (bucket_above_first == 0 ? 0 : bucket_above_first - 1) +
                            static_cast<std::size_t>(unit_magnitude);
  return lowest_at(index) + ((std::int64_t{1} << shift) - 1);
}

Histogram::Histogram(HistogramConfig config) : config_(config) {
  const Result<Layout> layout = Layout::of(config);
  if (layout.has_error()) throw std::invalid_argument(layout.error().message);
  layout_ = *layout;
}

void Histogram::widen(std::size_t index) {
  const std::size_t low = index / window_step * window_step;
  const std::size_t high = std::min(low + window_step, layout_.counts);
  if (counts_.empty()) {
    counts_.resize(high - low);
    first_ = low;
    return;
  }
  const std::size_t new_first = std::min(low, first_);
  const std::size_t new_end = std::max(high, first_ + counts_.size());
  std::vector<std::uint64_t> wider(new_end - new_first);
  std::copy(counts_.begin(), counts_.end(),
            wider.begin() + static_cast<std::ptrdiff_t>(first_ - new_first));
  counts_ = std::move(wider);
  first_ = new_first;
}

void Histogram::record_corrected(Duration value, Duration expected_interval) {
  record(value);
  if (expected_interval <= Duration{0}) return;
  // A value beyond the range is clamped first, or a wild clock could demand billions of steps.
  Duration missing = std::min(value, Duration{config_.highest_ns}) - expected_interval;
  for (; missing >= expected_interval; missing -= expected_interval) record(missing);
}

void Histogram::merge(const Histogram& other) {
  if (config_ != other.config_) {
    throw std::invalid_argument("histograms of different range or precision do not merge");
  }
  // In two steps also when `other` is this one: its window holds every index already.
  for (std::size_t slot = 0; slot < other.counts_.size(); ++slot) {
    if (const std::uint64_t n = other.counts_[slot]; n != 0) add_at(other.first_ + slot, n);
  }
  saturated_ += other.saturated_;
}

void Histogram::reset() {
  std::fill(counts_.begin(), counts_.end(), 0);
  total_ = 0;
  saturated_ = 0;
}

std::size_t Histogram::end_index() const {
  for (std::size_t slot = counts_.size(); slot > 0; --slot) {
    if (counts_[slot - 1] != 0) return first_ + slot;
  }
  return 0;
}

Duration Histogram::min() const {
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    if (counts_[slot] != 0) return Duration{layout_.lowest_at(first_ + slot)};
  }
  return Duration{0};
}

Duration Histogram::max() const {
  const std::size_t end = end_index();
  return Duration{end == 0 ? 0 : layout_.highest_at(end - 1)};
}

namespace {

/// The middle of a bucket stands for its values, as in HdrHistogram's own mean.
double middle_ns(const Histogram::Bucket& bucket) {
  return static_cast<double>(bucket.low.count() + (bucket.high - bucket.low).count() / 2 +
                             (bucket.high > bucket.low ? 1 : 0));
}

}  // namespace

double Histogram::mean_ns() const {
  if (total_ == 0) return 0;
  double sum = 0;
  each_bucket([&](const Bucket& b) { sum += middle_ns(b) * static_cast<double>(b.count); });
  return sum / static_cast<double>(total_);
}

double Histogram::stddev_ns() const {
  if (total_ == 0) return 0;
  const double mean = mean_ns();
  double sum = 0;
  each_bucket([&](const Bucket& b) {
    const double deviation = middle_ns(b) - mean;
    sum += deviation * deviation * static_cast<double>(b.count);
  });
  return std::sqrt(sum / static_cast<double>(total_));
}

Duration Histogram::at_percentile(double percentile) const {
  if (total_ == 0) return Duration{0};
  if (!(percentile > 0)) return min();
  // One step below the wish, or 50 % of 3 * 2 could round up to a fourth value.
  const double wanted =
      std::min(std::nextafter(percentile, -std::numeric_limits<double>::infinity()), 100.0);
  const double rank = std::ceil(wanted * static_cast<double>(total_) / 100.0);
  std::uint64_t seen = 0;
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    seen += counts_[slot];
    if (counts_[slot] != 0 && static_cast<double>(seen) >= rank) {
      return Duration{layout_.highest_at(first_ + slot)};
    }
  }
  return max();
}

void Histogram::each_bucket(const std::function<void(const Bucket&)>& visit) const {
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    if (counts_[slot] == 0) continue;
    const std::size_t index = first_ + slot;
    visit({Duration{layout_.lowest_at(index)}, Duration{layout_.highest_at(index)}, counts_[slot]});
  }
}

bool operator==(const Histogram& a, const Histogram& b) {
  if (a.config_ != b.config_ || a.total_ != b.total_) return false;
  const std::size_t end = a.end_index();
  if (end != b.end_index()) return false;
  // Equal totals up to the same end: what lies below the other's window must be zero as well.
  for (std::size_t index = std::min(a.first_, b.first_); index < end; ++index) {
    if (a.count_at(index) != b.count_at(index)) return false;
  }
  return true;
}

}  // namespace streamgauge::latency
