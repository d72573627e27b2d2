// By how much a thread of the harness may have delayed what it measures: a beat every 5 ms says how
// late it came, and how long a socket that became readable with it waited to be read. The worst of
// each 100 ms is reported. Pure; beat and socket are the thread's.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/core/base/time.hpp"

namespace streamgauge::net {

class LagProbe {
 public:
  static constexpr Duration beat_every = std::chrono::milliseconds{5};
  static constexpr Duration report_every = std::chrono::milliseconds{100};

  explicit LagProbe(Instant now) : expected_(now + beat_every), report_at_(now + report_every) {}

  [[nodiscard]] Instant next_beat() const { return expected_; }

  /// What became readable so long ago has been read now.
  void read_after(Duration waited) { worst_ = std::max(worst_, waited); }

  /// The worst lateness since the last report, when it is time for one. Beats that a long stall
  /// swallowed are not made up for: its length is in the one that ended it.
  [[nodiscard]] std::optional<Duration> beat(Instant now) {
    worst_ = std::max(worst_, now - expected_);
    expected_ = std::max(expected_ + beat_every, now + beat_every / 5);
    if (now < report_at_) return std::nullopt;
    report_at_ = std::max(report_at_ + report_every, now + report_every / 2);
    return std::exchange(worst_, Duration{});
  }

 private:
  Instant expected_;
  Instant report_at_;
  Duration worst_{};
};

}  // namespace streamgauge::net
