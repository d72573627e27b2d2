// HdrHistogram log format 1.3: tagged intervals of compressed V2 histograms as text lines.
// Interval_Max differs in unit between implementations: written in milliseconds here (as the Java
// original does), ignored when reading; compare decoded histograms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge::latency {

struct LogEntry {
  std::string tag;         // no comma, no white space; may be empty
  Duration start{};        // since the log's start time
  Duration length{};
  Histogram histogram;
};

struct Log {
  std::string comment;     // lines of "#[...]"
  Instant started{};
  std::vector<LogEntry> entries;
};

[[nodiscard]] std::string write_log(const Log& log);
/// Errors name the line.
[[nodiscard]] Result<Log> read_log(std::string_view text);

}  // namespace streamgauge::latency
