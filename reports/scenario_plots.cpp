#include "reports/scenario_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "harness/core/base/units.hpp"

namespace streamgauge::reports {
namespace {

double to_ms(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}
double to_mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

void merge(IntervalRow& row, const IntervalRow& next) {
  if (next.heartbeats > 0) {
    row.heartbeat_gap_min = row.heartbeats == 0
                                ? next.heartbeat_gap_min
                                : std::min(row.heartbeat_gap_min, next.heartbeat_gap_min);
    row.heartbeat_gap_max = std::max(row.heartbeat_gap_max, next.heartbeat_gap_max);
  }
  row.heartbeats += next.heartbeats;
  row.events += next.events;
  row.comments += next.comments;
  row.bytes += next.bytes;
  row.published += next.published;
  row.opened += next.opened;
  row.closed += next.closed;
  row.reconnects += next.reconnects;
  row.streams_open = next.streams_open;
  row.delivery.merge(next.delivery);
  row.rss_bytes = next.rss_bytes;
  row.cpu_ns += next.cpu_ns;
  row.threads = next.threads;
  row.descriptors = next.descriptors;
  row.lag_max = std::max(row.lag_max, next.lag_max);
}

/// What all of a scenario's plots over time have in common, and the way from rows to series.
class OverTime {
 public:
  OverTime(const RunResult& run, const ScenarioResult& scenario, std::string_view id)
      : run_(run), scenario_(scenario), id_(id), series_(coarser(scenario.series, plot_rows_max)) {
    for (const Mark& mark : scenario.marks) {
      std::optional<double> to;
      if (mark.end) to = since(*mark.end);
      marks_.push_back({since(mark.begin), to, to_string(mark.kind), mark.name});
    }
    for (const CheckResult& check : scenario.checks) {
      if (check.finding.verdict != Verdict::fail && check.finding.verdict != Verdict::warn)
        continue;
      for (const Evidence& e : check.finding.evidence) {
        if (e.at != Instant{}) evidence_.push_back(since(e.at));
      }
    }
  }

  [[nodiscard]] double since(Instant at) const { return to_seconds(at - run_.started); }
  [[nodiscard]] const std::vector<IntervalRow>& rows() const { return series_.rows; }
  [[nodiscard]] double interval_s() const { return to_seconds(series_.interval); }

  [[nodiscard]] Plot plot(std::string_view what, std::string title, std::string unit) const {
    Plot out;
    out.id = fmt::format("{}-{}", id_, what);
    out.title = std::move(title);
    out.y_name = unit;
    out.unit = std::move(unit);
    out.from = since(series_.started);
    out.step = interval_s();
    out.rows = series_.rows.size();
    out.marks = marks_;
    out.evidence = evidence_;
    return out;
  }

  template <class Value>  // row -> double, or optional<double>
  [[nodiscard]] PlotSeries series(std::string name, Value value,
                                  std::string_view as = "line") const {
    PlotSeries out{std::move(name), {}, {}, as};
    for (const IntervalRow& row : series_.rows) out.y.push_back(value(row));
    return out;
  }
  [[nodiscard]] bool any(bool (*holds)(const IntervalRow&)) const {
    return std::any_of(series_.rows.begin(), series_.rows.end(), holds);
  }

 private:
  const RunResult& run_;
  const ScenarioResult& scenario_;
  std::string_view id_;
  TimeSeries series_;
  std::vector<PlotMark> marks_;
  std::vector<double> evidence_;
};

bool holds_values(const HistogramSet& set, std::string_view name) {
  const auto at = set.find(std::string(name));
  return at != set.end() && !at->second.empty();
}

void latency_by_percentile(const ScenarioResult& s, std::string_view id, std::vector<Plot>& out) {
  Plot plot;
  plot.id = fmt::format("{}-percentiles", id);
  plot.title = "Latency by percentile, from the intended send time";
  plot.unit = plot.y_name = "ms";
  plot.x_name = "percentile";
  plot.percentiles = plot.log = true;
  for (const auto& [name, shown] : {std::pair{"delivery", "delivery"},
                                    {"first_event", "first event"},
                                    {"headers", "headers"},
                                    {"connect", "connect"}}) {
    if (!holds_values(s.histograms, name)) continue;
    const latency::Histogram& h = s.histograms.at(name);
    plot.series.push_back(percentile_series(shown, h));
    plot.summary +=
        fmt::format("{}: median {}, 99 % within {}, longest {}, of {}. ", shown,
                    format_duration(h.at_percentile(50)), format_duration(h.at_percentile(99)),
                    format_duration(h.max()), format_count(h.count()));
  }
  if (!plot.series.empty()) out.push_back(std::move(plot));
}

void delivery(const RunResult& run, const ScenarioResult& s, const OverTime& time,
              std::vector<Plot>& out) {
  if (!holds_values(s.histograms, "delivery")) return;
  Plot plot = time.plot("delivery", "Delivery latency", "ms");
  plot.log = true;
  const auto at = [](double percentile) {
    return [percentile](const IntervalRow& row) -> std::optional<double> {
      if (row.delivery.empty()) return std::nullopt;
      return to_ms(percentile < 100 ? row.delivery.at_percentile(percentile) : row.delivery.max());
    };
  };
  plot.series = {time.series("median", at(50)), time.series("99 %", at(99)),
                 time.series("longest", at(100))};
  if (run.delivery_p99 > Duration{}) {
    plot.bounds.push_back(
        {to_ms(run.delivery_p99), "stated for 99 %: " + format_duration(run.delivery_p99)});
  }
  const latency::Histogram& all = s.histograms.at("delivery");
  plot.summary = fmt::format("Over the whole scenario: median {}, 99 % within {}, longest {}.",
                             format_duration(all.at_percentile(50)),
                             format_duration(all.at_percentile(99)), format_duration(all.max()));
  out.push_back(std::move(plot));
}

void throughput(const ScenarioResult& s, const OverTime& time, std::vector<Plot>& out) {
  if (!time.any([](const IntervalRow& r) { return r.events > 0 || r.published > 0; })) return;
  Plot plot = time.plot("throughput", "Throughput", "events/s");
  const double interval = time.interval_s();
  plot.series = {
      time.series("received", [=](const IntervalRow& r) { return double(r.events) / interval; }),
      time.series("published",
                  [=](const IntervalRow& r) { return double(r.published) / interval; })};
  plot.summary = fmt::format("{} events published, {} received.", format_count(s.events_published),
                             format_count(s.events_received));
  out.push_back(std::move(plot));
}

void heartbeats(const RunResult& run, const ScenarioResult& s, const OverTime& time,
                std::vector<Plot>& out) {
  if (!holds_values(s.histograms, "heartbeat_gap")) return;
  Plot plot = time.plot("heartbeats", "Gaps between heartbeats of a stream", "ms");
  const auto gap = [](Duration IntervalRow::*which) {
    return [which](const IntervalRow& r) -> std::optional<double> {
      if (r.heartbeats == 0) return std::nullopt;
      return to_ms(r.*which);
    };
  };
  plot.series = {time.series("longest", gap(&IntervalRow::heartbeat_gap_max)),
                 time.series("shortest", gap(&IntervalRow::heartbeat_gap_min))};
  if (run.heartbeat_every > Duration{}) {
    plot.bounds.push_back(
        {to_ms(run.heartbeat_every), "stated: " + format_duration(run.heartbeat_every)});
  }
  const latency::Histogram& all = s.histograms.at("heartbeat_gap");
  plot.summary = fmt::format("{} gaps, from {} to {}.", format_count(all.count()),
                             format_duration(all.min()), format_duration(all.max()));
  out.push_back(std::move(plot));
}

PlotSeries bars(std::string name, const Bins& bins, const OverTime& time) {
  PlotSeries out{std::move(name), {}, {}, "bar"};
  for (std::size_t i = 0; i < bins.counts.size(); ++i) {
    // Between crowds there is nothing to draw, but the bins beside one show how narrow it is.
    const bool beside =
        (i > 0 && bins.counts[i - 1] > 0) || (i + 1 < bins.counts.size() && bins.counts[i + 1] > 0);
    if (bins.counts[i] == 0 && !beside) continue;
    const Duration middle = bins.width * static_cast<Duration::rep>(i) + bins.width / 2;
    out.x.push_back(time.since(bins.started + middle));
    out.y.emplace_back(bins.counts[i]);
  }
  return out;
}

void reconnects(const ScenarioResult& s, const OverTime& time, std::vector<Plot>& out) {
  if (s.attempts.counts.empty() && s.reconnects.counts.empty()) return;
  Plot plot =
      time.plot("reconnects",
                fmt::format("Clients that come back, in each {}",
                            format_duration(std::max(s.attempts.width, s.reconnects.width))),
                "clients");
  plot.series = {bars("attempts", s.attempts, time), bars("streams opened", s.reconnects, time)};
  const auto sum = [](const Bins& bins) {
    std::uint64_t n = 0;
    for (const std::uint32_t count : bins.counts) n += count;
    return n;
  };
  plot.summary = fmt::format("{} attempts, {} streams opened again.", format_count(sum(s.attempts)),
                             format_count(sum(s.reconnects)));
  out.push_back(std::move(plot));
}

void target(const ScenarioResult& s, const OverTime& time, std::vector<Plot>& out) {
  if (!s.resources.sampled) return;
  const auto sampled = [](auto value) {
    return [value](const IntervalRow& r) -> std::optional<double> {
      if (r.threads == 0) return std::nullopt;
      return value(r);
    };
  };
  Plot memory = time.plot("memory", "Memory of the target", "MiB");
  memory.series = {
      time.series("resident", sampled([](const IntervalRow& r) { return to_mib(r.rss_bytes); }))};
  memory.summary =
      fmt::format("From {} to {}, at most {}.", format_size(s.resources.rss_start_bytes),
                  format_size(s.resources.rss_end_bytes), format_size(s.resources.rss_peak_bytes));
  out.push_back(std::move(memory));
  Plot open = time.plot("descriptors", "Descriptors of the target and open streams", "open");
  open.series = {
      time.series("descriptors",
                  sampled([](const IntervalRow& r) { return double(r.descriptors); }), "step"),
      time.series(
          "streams", [](const IntervalRow& r) { return double(r.streams_open); }, "step")};
  open.summary = fmt::format("At most {} descriptors.", format_count(s.resources.descriptors_max));
  out.push_back(std::move(open));
  Plot cpu = time.plot("processor", "Processor time of the target", "% of one core");
  const double interval = time.interval_s();
  cpu.series = {time.series("used", [=](const IntervalRow& r) {
    return static_cast<double>(r.cpu_ns) / 1e9 / interval * 100;
  })};
  cpu.summary = fmt::format("{:.2f} s in all.", static_cast<double>(s.resources.cpu_ns) / 1e9);
  out.push_back(std::move(cpu));
}

void lag(const ScenarioResult& s, const OverTime& time, std::vector<Plot>& out) {
  if (!s.noise.measured) return;
  Plot plot = time.plot("lag", "How late the machine let the harness run (noise)", "ms");
  plot.series = {time.series("longest", [](const IntervalRow& r) { return to_ms(r.lag_max); })};
  plot.summary = fmt::format("99 % within {}, longest {}.", format_duration(s.noise.lag_p99),
                             format_duration(s.noise.lag_max));
  out.push_back(std::move(plot));
}

}  // namespace

TimeSeries coarser(TimeSeries series, std::size_t rows_max) {
  const std::size_t together =
      (series.rows.size() + rows_max - 1) / std::max<std::size_t>(rows_max, 1);
  if (together <= 1) return series;
  std::vector<IntervalRow> rows;
  for (std::size_t i = 0; i < series.rows.size(); ++i) {
    if (i % together == 0) {
      rows.push_back(std::move(series.rows[i]));
    } else {
      merge(rows.back(), series.rows[i]);
    }
  }
  series.rows = std::move(rows);
  series.interval *= static_cast<Duration::rep>(together);
  return series;
}

std::vector<Plot> scenario_plots(const RunResult& run, const ScenarioResult& scenario,
                                 std::string_view id) {
  std::vector<Plot> plots;
  const OverTime time(run, scenario, id);
  latency_by_percentile(scenario, id, plots);
  if (time.rows().empty()) return plots;
  delivery(run, scenario, time, plots);
  throughput(scenario, time, plots);
  heartbeats(run, scenario, time, plots);
  reconnects(scenario, time, plots);
  target(scenario, time, plots);
  lag(scenario, time, plots);
  return plots;
}

}  // namespace streamgauge::reports
