#include "harness/core/latency/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

#include "harness/core/latency/base64.hpp"

namespace streamgauge::latency {
namespace {

constexpr std::string_view version_prefix = "Histogram log format version ";
constexpr std::string_view start_prefix = "StartTime: ";
constexpr std::string_view base_prefix = "BaseTime: ";
constexpr std::string_view tag_prefix = "Tag=";

/// Seconds with three decimals, rounded half up, without a detour through binary fractions.
std::string seconds_text(Duration d) {
  const auto ms =
      (std::max(d, Duration{0}) + std::chrono::microseconds{500}) / std::chrono::milliseconds{1};
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

/// "2026-11-20T16:13:44Z": the format leaves the wording of this part to the writer.
std::string utc_text(Instant at) {
  using namespace std::chrono;
  const auto since_epoch = floor<seconds>(at.time_since_epoch());
  const sys_seconds when{since_epoch};
  const sys_days day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss time{when - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string safe_tag(std::string_view tag) {
  std::string out(tag);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ',' || byte <= ' ' || byte == 0x7f) c = '_';
  }
  return out;
}

/// Calls `visit` with each line without its end, until it returns false.
template <class Visit>
void each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!visit(line)) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// A number of seconds at the start of `text`; nullopt also when it is negative or so large (2096)
/// that the sum of two could not be kept in nanoseconds.
/// `whole`: nothing may follow it.
std::optional<Duration> parse_seconds(std::string_view text, bool whole) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || (whole && end != text.data() + text.size())) return std::nullopt;
  if (!(value >= 0 && value <= 4e9)) return std::nullopt;
  // By way of milliseconds where they are meant: seconds of this century in a double are exact to
  // about 200 ns only, and equal texts must give equal times.
  const double ms = value * 1e3;
  if (std::abs(ms - std::round(ms)) < 1e-3) {
    return std::chrono::milliseconds{std::llround(ms)};
  }
  return Duration{std::llround(value * 1e9)};
}

/// Reads a log line by line; `problem` is set by the line that ends it.
class LogReader {
 public:
  Result<Log> read(std::string_view text) {
    each_line(text, [this](std::string_view line) {
      ++line_number_;
      if (line.empty() || line.starts_with('"')) return true;  // the legend
      line.starts_with('#') ? comment(line) : interval(line);
      return problem_.empty();
    });
    if (problem_.empty() && line_number_ == 0) {
      problem_ = "the text is empty, not even a version line is there";
    }
    if (!problem_.empty()) {
      return usage_error(fmt::format("histogram log, line {}: {}", line_number_, problem_));
    }
    log_.started = Instant{start_.value_or(Duration{0})};
    return std::move(log_);
  }

 private:
  void comment(std::string_view line) {
    if (!line.starts_with("#[") || !line.ends_with(']')) return;
    const std::string_view content = line.substr(2, line.size() - 3);
    if (content.starts_with(version_prefix)) {
      const std::string_view version = content.substr(version_prefix.size());
      if (!version.starts_with("1.")) {
        problem_ = fmt::format("log format version {} is not 1.x", version.substr(0, 16));
      }
    } else if (content.starts_with(start_prefix)) {
      start_ = time_comment(content.substr(start_prefix.size()), "start time");
    } else if (content.starts_with(base_prefix)) {
      base_ = time_comment(content.substr(base_prefix.size()), "base time");
    } else {
      if (!log_.comment.empty()) log_.comment += '\n';
      log_.comment += content;
    }
  }

  std::optional<Duration> time_comment(std::string_view text, std::string_view what) {
    const std::optional<Duration> time = parse_seconds(text, false);
    if (!time) problem_ = fmt::format("the {} is not a number of seconds", what);
    return time;
  }

  void interval(std::string_view line) {
    LogEntry entry;
    if (line.starts_with(tag_prefix)) {
      const std::size_t comma = std::min(line.find(','), line.size());
      entry.tag = line.substr(tag_prefix.size(), comma - tag_prefix.size());
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    std::string_view fields[4];
    std::size_t count = 0;
    for (; count < 4; ++count) {
      const std::size_t comma = count == 3 ? line.size() : line.find(',');
      if (comma == std::string_view::npos) break;
      fields[count] = line.substr(0, comma);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    if (count < 4) {
      problem_ = "an interval needs four fields: start, length, maximum, histogram";
      return;
    }
    const std::optional<Duration> stamp = parse_seconds(fields[0], true);
    const std::optional<Duration> length = parse_seconds(fields[1], true);
    if (!stamp || !length) {
      problem_ = "start and length of an interval must be numbers of seconds, from 0";
      return;
    }
    entry.start = since_start(*stamp);
    entry.length = *length;
    histogram(fields[3], std::move(entry));
  }

  /// Without a base time, stamps far from the start time must be relative to it (as in the
  /// original: more than a year before it), and others absolute.
  Duration since_start(Duration stamp) {
    const Duration start = start_.value_or(Duration{0});
    if (!base_) base_ = stamp < start - std::chrono::hours{24 * 365} ? start : Duration{0};
    if (!start_) start_ = stamp + *base_;
    return *base_ + stamp - *start_;
  }

  void histogram(std::string_view base64, LogEntry entry) {
    const std::optional<std::string> bytes = base64_decode(base64);
    if (!bytes) {
      problem_ = "the histogram is not base64";
      return;
    }
    Result<Histogram> decoded = decode(*bytes);
    if (decoded.has_error()) {
      problem_ = decoded.error().message;
      return;
    }
    heap_bytes_ += decoded->heap_bytes() + sizeof(LogEntry);
    if (heap_bytes_ > log_heap_bytes_max) {
      problem_ =
          fmt::format("the histograms up to here need more than {} MiB", log_heap_bytes_max >> 20);
      return;
    }
    entry.histogram = std::move(*decoded);
    log_.entries.push_back(std::move(entry));
  }

  Log log_;
  std::optional<Duration> start_, base_;
  std::size_t line_number_ = 0;
  std::size_t heap_bytes_ = 0;
  std::string problem_;
};

}  // namespace

std::string write_log(const Log& log) {
  std::string out = fmt::format("#[{}1.3]\n", version_prefix);
  each_line(log.comment, [&](std::string_view line) {
    fmt::format_to(std::back_inserter(out), "#[{}]\n", line);
    return true;
  });
  const std::string started = seconds_text(log.started.time_since_epoch());
  fmt::format_to(std::back_inserter(out), "#[{}{} (seconds since epoch), {}]\n", start_prefix,
                 started, utc_text(log.started));
  // Said outright, so that no reader must guess whether the stamps below are absolute.
  fmt::format_to(std::back_inserter(out), "#[{}{} (seconds since epoch)]\n", base_prefix, started);
  out +=
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n";
  for (const LogEntry& entry : log.entries) {
    if (!entry.tag.empty()) out += fmt::format("{}{},", tag_prefix, safe_tag(entry.tag));
    const double max_ms = static_cast<double>(entry.histogram.max().count()) / 1e6;
    fmt::format_to(std::back_inserter(out), "{},{},{:.3f},{}\n", seconds_text(entry.start),
                   seconds_text(entry.length), max_ms,
                   base64_encode(encode_compressed(entry.histogram)));
  }
  return out;
}

Result<Log> read_log(std::string_view text) {
  return LogReader{}.read(text);
}

}  // namespace streamgauge::latency
