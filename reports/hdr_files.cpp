#include "reports/hdr_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/latency/log.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

latency::Log log_of(const RunResult& run, const ScenarioResult& scenario) {
  latency::Log log;
  // A line break here would start a line of the log.
  log.comment = printable(fmt::format("streamgauge {}, scenario {}, target {}, seed {}",
                                      run.environment.streamgauge_version, scenario.scenario,
                                      run.target, run.seed));
  log.started = scenario.started;
  for (const auto& [name, histogram] : scenario.histograms) {
    if (!histogram.empty()) {
      log.entries.push_back({safe_file_name(name), Duration{}, scenario.length, histogram});
    }
  }
  const TimeSeries& series = scenario.series;
  Duration start = std::max(Duration{}, series.started - scenario.started);  // a log has no before
  for (const IntervalRow& row : series.rows) {
    if (!row.delivery.empty()) {
      log.entries.push_back({"delivery.interval", start, series.interval, row.delivery});
    }
    start += series.interval;
  }
  return log;
}

/// Two names may become one when made safe, and a scenario may run twice.
std::string unused(std::string name, std::set<std::string>& used) {
  const std::string first = name;
  for (int n = 2; !used.insert(name).second; ++n) name = fmt::format("{}-{}", first, n);
  return name;
}

}  // namespace

std::vector<ReportFile> write_hdr_files(const RunResult& run) {
  std::vector<ReportFile> files;
  std::set<std::string> used;
  for (const ScenarioResult& scenario : run.scenarios) {
    const std::string stem = unused(safe_file_name(scenario.scenario), used);
    files.push_back({stem + ".hlog", latency::write_log(log_of(run, scenario))});
    for (const auto& [name, histogram] : scenario.histograms) {
      if (histogram.empty()) continue;
      const std::string part = unused(stem + "-" + safe_file_name(name), used);
      files.push_back({part + ".hgrm", latency::percentile_text(histogram)});
    }
  }
  return files;
}

}  // namespace streamgauge::reports
