// What two targets are compared by. To add a metric: a line in metric.cpp.
//
// Every one is a number per run that grows when things get worse, so that a ratio above 1 is worse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge::compare {

/// What is measured of one run, as far as metrics ask for it.
struct Figures {
  latency::Histogram delivery;  // from the intended send time
  std::uint64_t events = 0;     // delivered to all streams together
  std::uint64_t streams = 0;
  std::optional<std::uint64_t> cpu_ns;  // of the target while it was loaded; none: not known
  std::optional<std::uint64_t> rss_peak_bytes;
};

enum class Unit : std::uint8_t { duration_ns, bytes };

struct Metric {
  std::string_view id;     // "delivery.p99"
  std::string_view title;  // "delivery p99"
  Unit unit;
  /// What makes a difference worth a word, as a share: 0.10 is 10 %. Below it a difference may be
  /// real and is still no regression. 0: one value's luck, never judged.
  double delta;
  bool by_default;  // judged when the command line names none
  /// Nothing where it was not measured, or where it is 0 and has no ratio.
  std::optional<double> (*value)(const Figures&);
};

/// In the order of reports.
[[nodiscard]] const std::vector<Metric>& metrics();

/// Its place in metrics(); also by the names people use ("delivery.p99.9"). Nothing: unknown.
[[nodiscard]] std::optional<std::size_t> find_metric(std::string_view id);

/// "1.75 ms", "12.3 kB".
[[nodiscard]] std::string format_value(Unit unit, double value);
/// A ratio as people say it: 1.152 is "+15.2 %".
[[nodiscard]] std::string format_change(double ratio);

}  // namespace streamgauge::compare
