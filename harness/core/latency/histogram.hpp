// High dynamic range histogram (Tene): counts values from 1 us to 1 h with three significant digits
// in constant memory; recording is a handful of instructions; merging is exact.
//
// Values are nanoseconds at the interface; resolution at the low end is one microsecond (the unit
// magnitude), larger values keep three decimal digits. A value below range counts in the lowest
// bucket; one above range counts in the highest and is reported by `saturated()`.
// Bucket layout is HdrHistogram's own, so that encoded histograms are exchanged with its readers.
#pragma once

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

class Histogram {
 public:
  /// Throws std::invalid_argument for a config that HdrHistogram would refuse.
  explicit Histogram(HistogramConfig config = {});

  void record(Duration value, std::uint64_t count = 1);

  /// Corrects for coordinated omission (wrk2): a value above `expected_interval` also records the
  /// values that the stalled sampler would have seen: value - interval, value - 2*interval, ...
  void record_corrected(Duration value, Duration expected_interval);

  /// Exact where the layouts are equal, which all of this project's are; otherwise throws
  /// std::invalid_argument.
  void merge(const Histogram& other);
  void reset();

  [[nodiscard]] std::uint64_t count() const;      // of all recorded values
  [[nodiscard]] std::uint64_t saturated() const;  // of values above the range
  [[nodiscard]] Duration min() const;             // 0 when empty
  [[nodiscard]] Duration max() const;             // 0 when empty; as HdrHistogram: bucket's top
  [[nodiscard]] double mean_ns() const;
  [[nodiscard]] double stddev_ns() const;
  /// Highest equivalent value at `percentile` in [0,100]; 0 when empty.
  [[nodiscard]] Duration at_percentile(double percentile) const;
  [[nodiscard]] bool empty() const { return count() == 0; }
  [[nodiscard]] const HistogramConfig& config() const;
  /// Heap bytes held; counts are allocated with the first value.
  [[nodiscard]] std::size_t heap_bytes() const;

  struct Bucket {
    Duration low;   // lowest equivalent value
    Duration high;  // highest equivalent value
    std::uint64_t count;
  };
  /// Non-empty buckets in ascending order.
  void each_bucket(const std::function<void(const Bucket&)>& visit) const;

  friend bool operator==(const Histogram&, const Histogram&);

  // The implementer adds private members (and friends for the codec beside this file).
};

/// V2 payload (cookie 0x1c849313) without and with its zlib wrapper (0x1c849314).
[[nodiscard]] std::string encode(const Histogram& histogram);
[[nodiscard]] std::string encode_compressed(const Histogram& histogram);
/// Accepts both forms; bounds the inflated size, never trusts a length.
[[nodiscard]] Result<Histogram> decode(std::string_view bytes);

/// The percentile text that HdrHistogram's tools plot (`.hgrm`), values divided by `unit_ns`
/// (1e6: milliseconds), `ticks_per_half` steps per halving of the distance to 100 %.
[[nodiscard]] std::string percentile_text(const Histogram& histogram, double unit_ns = 1e6,
                                          int ticks_per_half = 5);

}  // namespace streamgauge::latency
