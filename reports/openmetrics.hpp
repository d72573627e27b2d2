// Metrics of a run in OpenMetrics text (1.0): metrics.txt when it is over, /metrics while it goes
// on. Source: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

inline constexpr std::string_view openmetrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Families in order, samples within their family: what the format asks for. finish() ends it.
class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  /// `type`: gauge, counter, info, summary. `unit`: empty, or what the name ends in.
  void family(std::string_view name, std::string_view type, std::string_view help,
              std::string_view unit = {});
  /// Of the last family; `suffix` as its type wants it ("_total" for a counter).
  void sample(std::string_view suffix, const Labels& labels, double value);
  void sample(std::string_view suffix, const Labels& labels, std::uint64_t value);
  [[nodiscard]] std::string finish() &&;

 private:
  void put_name(std::string_view suffix, const Labels& labels);

  std::string text_, family_;
};

/// The end of a run: verdicts, counts, latency as summaries, the target's memory and CPU, noise.
[[nodiscard]] std::string write_openmetrics(const RunResult& run);

/// A label's value in its quotes.
[[nodiscard]] std::string label_text(std::string_view raw);

}  // namespace streamgauge::reports
