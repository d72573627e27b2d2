// HdrHistogram log format 1.3: tagged intervals of compressed V2 histograms as text lines.
// Interval_Max differs in unit between implementations: written in milliseconds here (as the Java
// original does), ignored when reading; compare decoded histograms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge::latency {

/// Times are kept to the millisecond, as the format's other writers do.
struct LogEntry {
  std::string tag;   // no comma, no white space ('_' is written instead); may be empty
  Duration start{};  // since the log's start time; not negative
  Duration length{};
  Histogram histogram;
};

struct Log {
  std::string comment;  // lines written as "#[...]" each; without those of version and times
  Instant started{};
  std::vector<LogEntry> entries;
};

[[nodiscard]] std::string write_log(const Log& log);
/// Errors name the line. Reads what other writers write too: without base time, with absolute time
/// stamps, with "\r\n". Stops with an error before it holds more than `log_heap_bytes_max`.
inline constexpr std::size_t log_heap_bytes_max = std::size_t{1} << 30;
[[nodiscard]] Result<Log> read_log(std::string_view text);

}  // namespace streamgauge::latency
