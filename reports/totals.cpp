#include "reports/totals.hpp"

#include <algorithm>

namespace streamgauge::reports {
namespace {

void add(Resources& sum, const Resources& r) {
  sum.harness_rss_peak_bytes = std::max(sum.harness_rss_peak_bytes, r.harness_rss_peak_bytes);
  sum.harness_cpu_ns += r.harness_cpu_ns;
  if (!r.sampled) return;
  if (!sum.sampled) sum.rss_start_bytes = r.rss_start_bytes;
  sum.sampled = true;
  sum.rss_peak_bytes = std::max(sum.rss_peak_bytes, r.rss_peak_bytes);
  sum.rss_end_bytes = r.rss_end_bytes;
  sum.cpu_ns += r.cpu_ns;
  sum.load_cpu_ns += r.load_cpu_ns;
  sum.threads_max = std::max(sum.threads_max, r.threads_max);
  sum.descriptors_max = std::max(sum.descriptors_max, r.descriptors_max);
  sum.processes_max = std::max(sum.processes_max, r.processes_max);
}

void add(Noise& worst, const Noise& n) {
  worst.lag_p99 = std::max(worst.lag_p99, n.lag_p99);
  worst.lag_max = std::max(worst.lag_max, n.lag_max);
  worst.generator_saturated = worst.generator_saturated || n.generator_saturated;
  worst.target_starved = worst.target_starved || n.target_starved;
}

}  // namespace

Totals totals(const RunResult& run) {
  Totals sum;
  bool measured = false, unmeasured = false;
  for (const ScenarioResult& s : run.scenarios) {
    for (const auto& [name, histogram] : s.histograms) {
      const auto [at, is_new] = sum.histograms.try_emplace(name, histogram);
      if (!is_new) at->second.merge(histogram);
    }
    add(sum.resources, s.resources);
    add(sum.noise, s.noise);
    const bool was_run = s.length > Duration{};  // else there was nothing to measure
    (s.noise.measured ? measured : unmeasured) |= s.noise.measured || was_run;
    sum.streams += s.streams;
    sum.events_received += s.events_received;
    sum.events_published += s.events_published;
    sum.bytes_received += s.bytes_received;
    for (const auto& [ending, n] : s.endings) sum.endings[ending] += n;
  }
  sum.noise.measured = measured && !unmeasured;
  return sum;
}

}  // namespace streamgauge::reports
