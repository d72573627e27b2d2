#include "reports/capacity_plots.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/capacity_text.hpp"

namespace streamgauge::reports {
namespace {

using namespace capacity;

constexpr std::size_t curve_points = 60;
/// So far beyond what was measured a prediction is drawn: a law is no promise.
constexpr double beyond = 1.5;

double highest_load(const AxisResult& axis) {
  double most = 0;
  for (const TrialResult& trial : axis.trials) most = std::max(most, trial.trial.load);
  return most;
}

/// Trials of each outcome as points; `value` answers nothing where nothing was measured.
template <class Value>
std::vector<PlotSeries> points(const AxisResult& axis, Value value) {
  std::vector<PlotSeries> all;
  for (const Outcome outcome : {Outcome::held, Outcome::broken, Outcome::generator}) {
    PlotSeries series{std::string(word_of(outcome)), {}, {}, "point"};
    for (const TrialResult& trial : axis.trials) {
      const std::optional<double> y = value(trial.measured);
      if (trial.verdict.outcome != outcome || !y) continue;
      series.x.push_back(trial.trial.load);
      series.y.push_back(y);
    }
    if (!series.x.empty()) all.push_back(std::move(series));
  }
  return all;
}

template <class Value>
PlotSeries curve(std::string name, double from, double to, Value value) {
  PlotSeries series{std::move(name), {}};
  for (std::size_t i = 0; i <= curve_points; ++i) {
    const double x = from + (to - from) * static_cast<double>(i) / curve_points;
    series.x.push_back(x);
    series.y.push_back(value(x));
  }
  return series;
}

Plot by_load(const AxisResult& axis, std::string_view id, std::string_view what, double to) {
  Plot plot;
  plot.id = fmt::format("{}-{}", id, what);
  plot.x_name = axis.axis == Axis::streams ? "streams" : "events/s per stream";
  plot.x_unit = plot.x_name;
  plot.rows = 1;
  plot.step = to;
  return plot;
}

Plot throughput(const AxisResult& axis, std::string_view id) {
  const double measured = highest_load(axis);
  const auto fit = scalability(axis);
  const bool drawn = fit && fit->residual <= residual_max;
  Plot plot = by_load(axis, id, "throughput", drawn ? beyond * measured : 1.05 * measured);
  plot.title = "Throughput by load, and the universal scalability law";
  plot.unit = plot.y_name = "deliveries/s";
  plot.series = points(axis, [](const Measured& m) { return std::optional(m.deliveries_per_s); });
  if (drawn) {
    const auto law = [&](double load) { return fit->at(load); };
    plot.series.push_back(curve("law, fitted", fit->load_max / curve_points, fit->load_max, law));
    plot.series.push_back(
        curve("law, predicted (not measured)", fit->load_max, beyond * measured, law));
  }
  plot.summary = fmt::format("Highest load tried: {}. {}", load_text(axis.axis, measured),
                             scalability_text(axis));
  return plot;
}

Plot latency(const AxisResult& axis, const Objectives& objectives, std::string_view id) {
  Plot plot = by_load(axis, id, "latency", 1.05 * highest_load(axis));
  plot.title = "Delivery latency (p99) by load, from the intended send time";
  plot.unit = plot.y_name = "ms";
  plot.log = true;
  const auto ms = [](Duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
  plot.series = points(
      axis, [&](const Measured& m) { return m.p99 ? std::optional(ms(*m.p99)) : std::nullopt; });
  plot.bounds.push_back({ms(objectives.p99), "demanded: " + format_duration(objectives.p99)});
  plot.summary = "The bound is " + format_duration(objectives.p99) + ".";
  return plot;
}

std::optional<Plot> memory(const AxisResult& axis, const Objectives& objectives,
                           std::string_view id) {
  const auto mib = [](double bytes) { return bytes / (1024.0 * 1024.0); };
  const double to = 1.05 * highest_load(axis);
  Plot plot = by_load(axis, id, "memory", to);
  plot.title = "Peak memory of the target by load";
  plot.unit = plot.y_name = "MiB";
  plot.series = points(axis, [&](const Measured& m) {
    return m.memory_peak_bytes ? std::optional(mib(static_cast<double>(*m.memory_peak_bytes)))
                               : std::nullopt;
  });
  if (plot.series.empty()) return std::nullopt;
  if (const auto line = memory_line(axis)) {
    plot.series.push_back(
        curve("line, fitted", 0, to, [&](double load) { return mib(line->at(load)); }));
  }
  if (objectives.memory_bytes_max) {
    plot.bounds.push_back({mib(static_cast<double>(*objectives.memory_bytes_max)),
                           "allowed: " + format_size(*objectives.memory_bytes_max)});
  }
  plot.summary = memory_text(axis);
  return plot;
}

}  // namespace

std::vector<Plot> capacity_plots(const AxisResult& axis, const Objectives& objectives,
                                 std::string_view id) {
  if (axis.trials.empty()) return {};
  std::vector<Plot> plots{throughput(axis, id), latency(axis, objectives, id)};
  if (auto plot = memory(axis, objectives, id)) plots.push_back(std::move(*plot));
  return plots;
}

}  // namespace streamgauge::reports
