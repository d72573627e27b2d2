#include "reports/live_page.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "reports/assets.hpp"
#include "reports/html_page.hpp"
#include "reports/html_plot.hpp"

namespace streamgauge::reports {
namespace {

/// Empty ones: assets/live.js fills in what arrives.
std::vector<Plot> empty_plots() {
  std::vector<Plot> plots;
  const auto add = [&](std::string id, std::string title, std::string unit,
                       std::vector<std::string> series) -> Plot& {
    Plot plot;
    plot.id = "live-" + std::move(id);
    plot.title = std::move(title);
    plot.y_name = unit;
    plot.unit = std::move(unit);
    plot.x_name = "seconds since the run began";
    plot.summary = plot.title + ", as it goes on";
    for (std::string& name : series) plot.series.push_back({std::move(name), {}});
    plots.push_back(std::move(plot));
    return plots.back();
  };
  add("throughput", "Throughput", "events/s", {"received", "published"});
  add("delivery", "Delivery latency of the last second", "ms", {"median", "99 %", "longest"}).log =
      true;
  add("streams", "Streams", "streams", {"open", "planned"});
  add("reconnects", "Streams that are opened again", "per second", {"reconnects"});
  add("memory", "Memory of the target", "MiB", {"resident"});
  add("missing", "Numbers that sequences skipped", "events", {"missing"});
  return plots;
}

}  // namespace

std::string live_page() {
  const std::vector<Plot> plots = empty_plots();
  PageParts parts;
  parts.title = "A run goes on · streamgauge";
  parts.body =
      "<header><div class=\"banner\" id=\"state\"><h1><span class=\"verdict\" id=\"word\">Waiting "
      "for the run</span></h1>\n<p id=\"words\" role=\"status\"></p>\n"
      "<dl class=\"facts\" id=\"figures\"></dl></div></header>\n<main id=\"main\">\n"
      "<section aria-labelledby=\"now-h\"><h2 id=\"now-h\">Running now</h2>\n"
      "<div class=\"scroll\"><table><caption>Scenarios that run at this moment</caption><thead><tr>"
      "<th scope=\"col\">Scenario</th><th scope=\"col\">Phase</th><th scope=\"col\">Time</th>"
      "<th scope=\"col\">Streams</th><th scope=\"col\">Events</th></tr></thead>"
      "<tbody id=\"running\"></tbody></table></div></section>\n"
      "<section aria-labelledby=\"plots-h\"><h2 id=\"plots-h\">So far</h2>\n<div "
      "class=\"plots\">\n";
  for (const Plot& plot : plots) parts.body += plot_figure(plot);
  parts.body += "</div></section>\n</main>\n";
  parts.foot = "<p>Verdicts come when the run is over; these figures are a glance.</p>";
  parts.plots = &plots;
  parts.live = true;
  return html_page(parts);
}

}  // namespace streamgauge::reports
