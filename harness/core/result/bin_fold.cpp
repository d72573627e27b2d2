#include "harness/core/result/bin_fold.hpp"

#include <algorithm>

namespace streamgauge {

void BinFold::add(Instant at) {
  // Unsigned: times come from files, too, and their difference may not fit a Duration.
  const std::uint64_t since = at <= started_ ? 0
                                             : static_cast<std::uint64_t>(to_ns(at)) -
                                                   static_cast<std::uint64_t>(to_ns(started_));
  const auto bin = [&] { return since / static_cast<std::uint64_t>(width_.count()); };
  while (bin() >= bins_max) double_width();
  const auto index = static_cast<std::size_t>(bin());
  if (index >= counts_.size()) counts_.resize(index + 1);
  ++counts_[index];
}

void BinFold::merge(const BinFold& other) {
  BinFold finer = other;
  while (width_ < finer.width_) double_width();
  while (finer.width_ < width_) finer.double_width();
  counts_.resize(std::max(counts_.size(), finer.counts_.size()));
  for (std::size_t i = 0; i < finer.counts_.size(); ++i) counts_[i] += finer.counts_[i];
}

void BinFold::double_width() {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (i % 2 == 0) {
      counts_[i / 2] = counts_[i];
    } else {
      counts_[i / 2] += counts_[i];
    }
  }
  counts_.resize((counts_.size() + 1) / 2);
  width_ *= 2;
}

}  // namespace streamgauge
