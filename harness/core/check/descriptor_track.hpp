// The target's open descriptors over time, thinned to a bound: at most 4096 samples, of which every
// other one is dropped when there are more.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/check/timeline.hpp"

namespace streamgauge {

class DescriptorTrack {
 public:
  static constexpr std::size_t samples_max = 4096;

  void add(Instant at, std::uint32_t descriptors) {
    if (seen_++ % stride_ != 0) return;
    if (samples_.size() == samples_max) {
      for (std::size_t i = 0; i < samples_max / 2; ++i) samples_[i] = samples_[2 * i];
      samples_.resize(samples_max / 2);
      stride_ *= 2;
    }
    samples_.push_back({at, descriptors});
  }
  void merge(const DescriptorTrack& other) {
    samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
  }

  /// Over all phases of that kind; nullopt without a sample in one.
  [[nodiscard]] std::optional<std::uint64_t> median(const Timeline& timeline,
                                                    PhaseKind kind) const {
    std::vector<std::uint32_t> values;
    for (const One& one : samples_) {
      if (timeline.kind_at(one.at) == kind) values.push_back(one.descriptors);
    }
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }
  /// The fewest within [from, to].
  [[nodiscard]] std::optional<std::uint64_t> least(Instant from, Instant to) const {
    std::optional<std::uint64_t> result;
    for (const One& one : samples_) {
      if (one.at < from || one.at > to) continue;
      result = std::min<std::uint64_t>(result.value_or(one.descriptors), one.descriptors);
    }
    return result;
  }

 private:
  struct One {
    Instant at{};
    std::uint32_t descriptors = 0;
  };
  std::vector<One> samples_;
  std::uint64_t seen_ = 0;
  std::uint64_t stride_ = 1;
};

}  // namespace streamgauge
