// What a run showed so far, as points in time: for the terminal's line, the live page and /metrics.
// Bounded: beyond `points_max` every second point goes, and points are taken half as often.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/run_plan.hpp"

namespace streamgauge::cli {

struct LivePoint {
  Duration at{};  // since the first one
  std::size_t done = 0, total = 0;
  std::optional<Duration> left;  // of what is running now; none while it connects
  std::uint64_t streams = 0, open = 0, missing = 0;
  double received_per_s = 0, published_per_s = 0, reconnects_per_s = 0;
  std::optional<Duration> p50, p99, max;  // of deliveries of the last second
  std::uint64_t rss_bytes = 0;            // 0: not sampled
  std::vector<run::Running> running;
};

class LiveHistory {
 public:
  static constexpr Duration every_min = std::chrono::milliseconds{500};
  static constexpr std::size_t points_max = 600;

  /// Whether it made a new point of it.
  bool take(const run::PlanProgress& progress, Instant now);
  /// Null before the first.
  [[nodiscard]] const LivePoint* latest() const { return points_.empty() ? nullptr : &latest_; }

  /// An array of points_json objects.
  [[nodiscard]] std::string history_json() const;
  /// OpenMetrics.
  [[nodiscard]] std::string metrics() const;

 private:
  struct Sums {
    std::uint64_t events = 0, published = 0, reconnects = 0;
  };

  Instant started_{}, last_{};
  Duration every_ = every_min;
  std::map<std::string, Sums> before_;  // of each running scenario
  Sums total_;                          // of all, for counters that never fall
  LivePoint latest_;
  std::vector<std::string> points_;  // as JSON
};

[[nodiscard]] std::string point_json(const LivePoint& point);

}  // namespace streamgauge::cli
