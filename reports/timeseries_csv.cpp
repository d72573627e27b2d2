#include "reports/timeseries_csv.hpp"

#include <fmt/format.h>

#include <iterator>

#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::string_view header =
    "scenario,time_s,interval_s,streams_open,opened,closed,reconnects,events,comments,"
    "received_bytes,published,delivery_count,delivery_p50_ms,delivery_p90_ms,delivery_p99_ms,"
    "delivery_p999_ms,delivery_max_ms,target_rss_bytes,target_cpu_s,target_threads,"
    "target_descriptors,scheduling_lag_max_ms\r\n";

std::string quoted_if_needed(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{cell};
  std::string out{'"'};
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

double to_ms(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

std::string delivery_cells(const latency::Histogram& h) {
  if (h.empty()) return "0,,,,,";
  return fmt::format("{},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f}", h.count(), to_ms(h.at_percentile(50)),
                     to_ms(h.at_percentile(90)), to_ms(h.at_percentile(99)),
                     to_ms(h.at_percentile(99.9)), to_ms(h.max()));
}

std::string target_cells(const IntervalRow& row, bool sampled) {
  // A process always has a thread: none means that no sample fell into the interval.
  if (!sampled || row.threads == 0) return ",,,";
  return fmt::format("{},{:.6f},{},{}", row.rss_bytes, static_cast<double>(row.cpu_ns) / 1e9,
                     row.threads, row.descriptors);
}

}  // namespace

std::string write_timeseries_csv(const RunResult& run) {
  std::string out{header};
  for (const ScenarioResult& scenario : run.scenarios) {
    const std::string name = quoted_if_needed(valid_utf8(scenario.scenario));
    const TimeSeries& series = scenario.series;
    Duration start = series.started - run.started;
    for (const IntervalRow& row : series.rows) {
      fmt::format_to(std::back_inserter(out), "{},{:.3f},{:.3f},{},{},{},{},{},{},{},{},{},{},{}",
                     name, to_seconds(start), to_seconds(series.interval), row.streams_open,
                     row.opened, row.closed, row.reconnects, row.events, row.comments, row.bytes,
                     row.published, delivery_cells(row.delivery),
                     target_cells(row, scenario.resources.sampled),
                     scenario.noise.measured ? fmt::format("{:.3f}", to_ms(row.lag_max)) : "");
      out += "\r\n";
      start += series.interval;
    }
  }
  return out;
}

}  // namespace streamgauge::reports
