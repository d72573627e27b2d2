// Counts over a time of unknown length in bounded memory: bins of equal width, which doubles when
// there would be too many. Finer than a time series, for what comes in crowds: a storm's peak lasts
// some milliseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge {

struct Bins {
  Instant started{};
  Duration width{};
  std::vector<std::uint32_t> counts;  // up to the last that is not 0
  friend bool operator==(const Bins&, const Bins&) = default;
};

class BinFold {
 public:
  static constexpr std::size_t bins_max = 512;
  static constexpr Duration width_min = std::chrono::milliseconds{5};

  explicit BinFold(Instant started) : started_(started) {}
  /// What happened before the start counts as at the start.
  void add(Instant at);
  /// Both began at the same time.
  void merge(const BinFold& other);
  [[nodiscard]] Bins bins() const { return {started_, width_, counts_}; }

 private:
  void double_width();

  Instant started_;
  Duration width_ = width_min;
  std::vector<std::uint32_t> counts_;
};

}  // namespace streamgauge
