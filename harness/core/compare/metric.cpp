#include "harness/core/compare/metric.hpp"

#include <fmt/format.h>

#include <cmath>

#include "harness/core/base/units.hpp"

namespace streamgauge::compare {
namespace {

template <int per_mille>
std::optional<double> delivery_at(const Figures& figures) {
  const auto value = figures.delivery.at_percentile(per_mille / 10.0).count();
  return value > 0 ? std::optional(static_cast<double>(value)) : std::nullopt;
}

std::optional<double> delivery_max(const Figures& figures) {
  const auto value = figures.delivery.max().count();
  return value > 0 ? std::optional(static_cast<double>(value)) : std::nullopt;
}

std::optional<double> share(const std::optional<std::uint64_t>& sum, std::uint64_t among) {
  if (!sum || *sum == 0 || among == 0) return std::nullopt;
  return static_cast<double>(*sum) / static_cast<double>(among);
}

std::optional<double> cpu_per_event(const Figures& figures) {
  return share(figures.cpu_ns, figures.events);
}

std::optional<double> memory_per_stream(const Figures& figures) {
  return share(figures.rss_peak_bytes, figures.streams);
}

}  // namespace

const std::vector<Metric>& metrics() {
  // The deltas follow what ten short pairs can resolve: the median is the steadiest figure of a
  // run, the tail hangs on a handful of pauses, and beyond p99 a run of seconds says little.
  static const std::vector<Metric> table{
      {"delivery.p50", "delivery p50", Unit::duration_ns, 0.05, true, delivery_at<500>},
      {"delivery.p90", "delivery p90", Unit::duration_ns, 0.10, true, delivery_at<900>},
      {"delivery.p99", "delivery p99", Unit::duration_ns, 0.20, true, delivery_at<990>},
      {"delivery.p999", "delivery p99.9", Unit::duration_ns, 0.50, false, delivery_at<999>},
      {"delivery.max", "delivery max", Unit::duration_ns, 0, false, delivery_max},
      {"cpu.per_event", "CPU per event", Unit::duration_ns, 0.10, true, cpu_per_event},
      {"memory.per_stream", "memory per stream", Unit::bytes, 0.10, true, memory_per_stream},
  };
  return table;
}

std::optional<std::size_t> find_metric(std::string_view id) {
  if (id == "delivery.p99.9") id = "delivery.p999";
  for (std::size_t i = 0; i < metrics().size(); ++i) {
    if (metrics()[i].id == id) return i;
  }
  return std::nullopt;
}

std::string format_value(Unit unit, double value) {
  const auto rounded = std::llround(value);
  if (unit == Unit::bytes) return format_size(static_cast<std::uint64_t>(rounded));
  return format_duration(Duration{rounded});
}

std::string format_change(double ratio) {
  const double percent = (ratio - 1) * 100;
  if (!std::isfinite(percent)) return percent > 0 ? "any" : "none";
  if (std::abs(percent) < 0.05) return "0.0 %";
  return fmt::format("{:+.{}f} %", percent, std::abs(percent) < 99.95 ? 1 : 0);
}

}  // namespace streamgauge::compare
