// High dynamic range histogram (Tene): counts values from 1 us to 1 h with three significant digits
// in constant memory; recording is a handful of instructions; merging is exact.
//
// Values are nanoseconds at the interface; resolution at the low end is better than one microsecond
// (the unit magnitude is the power of two below it: 512 ns), larger values keep three decimal
// digits. A value below range counts in the lowest bucket; one above range counts as `highest_ns`
// and is reported by `saturated()`.
// Bucket layout is HdrHistogram's own, so that encoded histograms are exchanged with its readers.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"

namespace streamgauge::latency {

struct HistogramConfig {
  std::int64_t lowest_ns = 1'000;
  std::int64_t highest_ns = 3'600'000'000'000;
  int significant_digits = 3;

  friend bool operator==(const HistogramConfig&, const HistogramConfig&) = default;
};

/// How values map to counts, derived from a config as HdrHistogram derives it: buckets that double
/// in width, each cut into sub-buckets of equal width; all but the first use their upper half only.
struct Layout {
  int unit_magnitude = 0;             // log2 of the width of the lowest sub-buckets
  int sub_bucket_half_magnitude = 0;  // log2 of half a bucket's sub-buckets
  std::int64_t sub_bucket_mask = 0;
  int buckets = 0;
  std::size_t counts = 0;  // length of the whole array of counts

  /// The most that any valid config needs (5 digits, 1 to 2^63): 50 MB of counts.
  static constexpr std::size_t counts_max = std::size_t{1} << 23;

  [[nodiscard]] static Result<Layout> of(const HistogramConfig& config);

  /// `value` is not negative.
  [[nodiscard]] std::size_t index_of(std::int64_t value) const {
    const int bucket = 63 - std::countl_zero(static_cast<std::uint64_t>(value | sub_bucket_mask)) -
                       unit_magnitude - sub_bucket_half_magnitude;
    const auto sub = static_cast<std::size_t>(value >> (bucket + unit_magnitude));
    return (static_cast<std::size_t>(bucket) << sub_bucket_half_magnitude) + sub;
  }
  [[nodiscard]] std::int64_t lowest_at(std::size_t index) const;
  [[nodiscard]] std::int64_t highest_at(std::size_t index) const;
};

class Histogram {
 public:
  /// Throws std::invalid_argument for a config that HdrHistogram would refuse.
  explicit Histogram(HistogramConfig config = {});

  void record(Duration value, std::uint64_t count = 1) {
    std::int64_t ns = value.count();
    if (ns > config_.highest_ns) [[unlikely]] {
      ns = config_.highest_ns;
      saturated_ += count;
    }
    add_at(layout_.index_of(ns < 0 ? 0 : ns), count);
  }

  /// Corrects for coordinated omission (wrk2): a value above `expected_interval` also records the
  /// values that the stalled sampler would have seen: value - interval, value - 2*interval, ...
  /// down to `expected_interval`. No correction when `expected_interval` is not positive.
  void record_corrected(Duration value, Duration expected_interval);

  /// Exact where the layouts are equal, which all of this project's are; otherwise throws
  /// std::invalid_argument.
  void merge(const Histogram& other);
  void reset();

  [[nodiscard]] std::uint64_t count() const { return total_; }          // of all recorded values
  [[nodiscard]] std::uint64_t saturated() const { return saturated_; }  // of values above the range
  [[nodiscard]] Duration min() const;  // 0 when empty; as HdrHistogram: bucket's bottom
  [[nodiscard]] Duration max() const;  // 0 when empty; as HdrHistogram: bucket's top
  [[nodiscard]] double mean_ns() const;
  [[nodiscard]] double stddev_ns() const;
  /// Highest equivalent value at `percentile` in [0,100]; 0 when empty. At 0: as min().
  [[nodiscard]] Duration at_percentile(double percentile) const;
  [[nodiscard]] bool empty() const { return count() == 0; }
  [[nodiscard]] const HistogramConfig& config() const { return config_; }
  /// Heap bytes held; counts are allocated with the first value, and only around the values that
  /// occur (`window_step` counts at a time).
  [[nodiscard]] std::size_t heap_bytes() const { return counts_.capacity() * sizeof(counts_[0]); }
  static constexpr std::size_t window_step = 256;

  struct Bucket {
    Duration low;   // lowest equivalent value
    Duration high;  // highest equivalent value
    std::uint64_t count;
  };
  /// Non-empty buckets in ascending order.
  void each_bucket(const std::function<void(const Bucket&)>& visit) const;

  /// Same config and same counts; `saturated` is not compared, for no encoding carries it.
  friend bool operator==(const Histogram&, const Histogram&);

 private:
  friend std::string encode(const Histogram& histogram);
  friend Result<Histogram> decode(std::string_view bytes);

  void add_at(std::size_t index, std::uint64_t count) {
    std::size_t slot = index - first_;  // wraps to a huge number below the window
    if (slot >= counts_.size()) [[unlikely]] {
      widen(index);
      slot = index - first_;
    }
    counts_[slot] += count;
    total_ += count;
  }
  /// Makes the window hold `index`.
  void widen(std::size_t index);
  [[nodiscard]] std::uint64_t count_at(std::size_t index) const {
    const std::size_t slot = index - first_;
    return slot < counts_.size() ? counts_[slot] : 0;
  }
  /// Index after the last non-empty count; 0 when empty.
  [[nodiscard]] std::size_t end_index() const;

  HistogramConfig config_;
  Layout layout_;
  std::size_t first_ = 0;              // index of counts_[0]
  std::vector<std::uint64_t> counts_;  // the window of the layout's counts that is in use
  std::uint64_t total_ = 0;
  std::uint64_t saturated_ = 0;
};

/// V2 payload (cookie 0x1c849313) without and with its zlib wrapper (0x1c849314).
[[nodiscard]] std::string encode(const Histogram& histogram);
[[nodiscard]] std::string encode_compressed(const Histogram& histogram);
/// Accepts both forms, from any writer; bounds the inflated size, never trusts a length. Refused
/// with a sentence: other versions, and histograms of floating-point values.
[[nodiscard]] Result<Histogram> decode(std::string_view bytes);

/// The percentile text that HdrHistogram's tools plot (`.hgrm`), values divided by `unit_ns`
/// (1e6: milliseconds), `ticks_per_half` (at least 1) steps per halving of the distance to 100 %.
[[nodiscard]] std::string percentile_text(const Histogram& histogram, double unit_ns = 1e6,
                                          int ticks_per_half = 5);

}  // namespace streamgauge::latency
