// A plot as data (what assets/plots.js draws) and its place in a page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/latency/histogram.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

struct PlotSeries {
  std::string name;
  std::vector<std::optional<double>> y;  // none: nothing was measured there
  std::vector<double> x{};               // empty: the plot's own, by `from` and `step`
  std::string_view as = "line";          // line, step, bar, point
};

struct PlotBound {
  double y = 0;
  std::string name;
};

struct PlotMark {
  double at = 0;
  std::optional<double> to;
  std::string_view kind;  // phase, fault, action, target
  std::string name;
};

struct Plot {
  std::string id;     // of the canvas; unique in the page
  std::string title;  // what is seen, with its unit
  std::string unit;   // "ms"
  std::string x_name = "seconds since the run began", y_name;
  std::string x_unit{};      // what x counts, before the number; empty: seconds
  bool percentiles = false;  // x is 1/(1-q) on a logarithmic scale
  bool log = false;          // y is
  double from = 0, step = 1;
  std::size_t rows = 0;  // of the time axis; 0: as many as the longest series has
  std::vector<PlotSeries> series;
  std::vector<PlotBound> bounds;
  std::vector<PlotMark> marks;
  std::vector<double> evidence;  // times
  std::string summary;           // in words, for those who do not see it
};

/// One object with a member for each plot, fit for a script element.
[[nodiscard]] std::string plots_json(const std::vector<Plot>& plots);

/// <figure> with caption, box and canvas.
[[nodiscard]] std::string plot_figure(const Plot& plot);

/// The percentiles of a histogram up to its last value: x = 1/(1-q), y in milliseconds.
[[nodiscard]] PlotSeries percentile_series(std::string_view name, const latency::Histogram& h);

}  // namespace streamgauge::reports
