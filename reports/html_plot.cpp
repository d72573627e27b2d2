#include "reports/html_plot.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "reports/html_text.hpp"

namespace streamgauge::reports {
namespace {

// Five digits are more than a pixel shows.
std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.5g}", value) : "null";
}
/// Times need the millisecond also after an hour.
std::string time_number(double value) {
  return fmt::format("{}", std::round(value * 1e4) / 1e4);
}

template <class Range, class Put>
std::string array(const Range& range, Put put) {
  std::string out = "[";
  for (const auto& item : range) out += (out.size() > 1 ? "," : "") + put(item);
  return out += "]";
}

std::string series_json(const PlotSeries& series) {
  std::string out = fmt::format("{{\"name\":{},\"as\":\"{}\",\"y\":{}", json_in_html(series.name),
                                series.as, array(series.y, [](const std::optional<double>& y) {
                                  return y ? number(*y) : std::string("null");
                                }));
  if (!series.x.empty()) out += ",\"x\":" + array(series.x, number);
  return out += "}";
}

std::string mark_json(const PlotMark& mark) {
  return fmt::format("{{\"at\":{},{}\"kind\":\"{}\",\"name\":{}}}", time_number(mark.at),
                     mark.to ? fmt::format("\"to\":{},", time_number(*mark.to)) : std::string(),
                     mark.kind, json_in_html(mark.name));
}

/// The largest value that bounds and series share, so that a bound is in view.
std::string y_max(const Plot& plot) {
  double most = 0;
  for (const PlotBound& bound : plot.bounds) most = std::max(most, bound.y * 1.15);
  return most > 0 ? number(most) : "null";
}

double length_of(const Plot& plot) {
  std::size_t n = plot.rows;
  if (n > 0) return static_cast<double>(n) * plot.step;
  for (const PlotSeries& series : plot.series) n = std::max(n, series.y.size());
  return static_cast<double>(n) * plot.step;
}

std::string plot_json(const Plot& plot) {
  std::string out = fmt::format(
      "{{\"unit\":{},\"xName\":{},\"yName\":{},\"log\":{},\"percentiles\":{},\"from\":{},"
      "\"step\":{}",
      json_in_html(plot.unit), json_in_html(plot.x_name), json_in_html(plot.y_name), plot.log,
      plot.percentiles, time_number(plot.from), number(plot.step));
  if (!plot.x_unit.empty()) out += ",\"xUnit\":" + json_in_html(plot.x_unit);
  if (!plot.percentiles) {
    out += fmt::format(",\"xMin\":{},\"xMax\":{}", time_number(plot.from),
                       time_number(plot.from + length_of(plot)));
  }
  if (!plot.bounds.empty()) out += ",\"yMax\":" + y_max(plot);
  out += ",\"series\":" + array(plot.series, series_json);
  out +=
      ",\"bounds\":" + array(plot.bounds, [](const PlotBound& bound) {
        return fmt::format("{{\"y\":{},\"name\":{}}}", number(bound.y), json_in_html(bound.name));
      });
  out += ",\"marks\":" + array(plot.marks, mark_json);
  out += ",\"evidence\":" + array(plot.evidence, [](double at) {
           return fmt::format("{{\"at\":{}}}", time_number(at));
         });
  return out += "}";
}

}  // namespace

std::string plots_json(const std::vector<Plot>& plots) {
  std::string out = "{";
  for (const Plot& plot : plots) {
    out +=
        fmt::format("{}{}:{}", out.size() > 1 ? ",\n" : "", json_in_html(plot.id), plot_json(plot));
  }
  return out += "}";
}

std::string plot_figure(const Plot& plot) {
  return fmt::format(
      "<figure class=\"plot\"><figcaption>{0}</figcaption><div class=\"box\">"
      "<canvas data-plot=\"{1}\" role=\"img\" aria-label=\"{2}\"></canvas></div>"
      "<details data-table=\"{1}\"><summary>Values as a table</summary></details></figure>\n",
      html(plot.title), html(plot.id), html(plot.summary));
}

PlotSeries percentile_series(std::string_view name, const latency::Histogram& h) {
  PlotSeries out{std::string(name), {}};
  const auto count = static_cast<double>(h.count());
  const auto put = [&](double x, Duration value) {
    out.x.push_back(x);
    out.y.push_back(std::chrono::duration<double, std::milli>(value).count());
  };
  // Five points for each halving of what is left, as percentile files of the HDR family have them.
  for (double left = 1; left * count >= 1; left /= 2) {
    for (int i = 0; i < 5; ++i) {
      const double rest = left * (1 - i / 10.0);
      if (rest * count < 1) break;
      put(1 / rest, h.at_percentile(100 * (1 - rest)));
    }
  }
  put(std::max(count, out.x.empty() ? 1 : out.x.back()), h.max());
  return out;
}

}  // namespace streamgauge::reports
