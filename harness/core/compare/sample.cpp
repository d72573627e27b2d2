#include "harness/core/compare/sample.hpp"

#include <fmt/format.h>

#include "harness/core/base/units.hpp"

namespace streamgauge::compare {
namespace {

/// Loss and repetition change what there is to do; order and time do not.
bool changes_the_work(std::string_view check) {
  return check == "delivery.no-loss" || check == "delivery.no-duplicate";
}

}  // namespace

Sample sample_of(const ScenarioResult& scenario) {
  Sample sample;
  if (const auto found = scenario.histograms.find("delivery"); found != scenario.histograms.end()) {
    sample.figures.delivery = found->second;
  }
  sample.figures.events = scenario.events_received;
  sample.figures.streams = scenario.streams;
  if (scenario.resources.sampled) {
    sample.figures.cpu_ns = scenario.resources.load_cpu_ns;
    sample.figures.rss_peak_bytes = scenario.resources.rss_peak_bytes;
  }
  if (scenario.noise.generator_saturated) {
    sample.excluded = "the generator was saturated: it, not the target, was measured";
  } else if (scenario.noise.target_starved) {
    sample.excluded = "the target was not let run: other programs, not the target, were measured";
  } else if (sample.figures.delivery.empty()) {
    sample.excluded = "no event arrived";
  }
  for (const CheckResult& check : scenario.checks) {
    if (!changes_the_work(check.id) || check.finding.verdict != Verdict::fail) continue;
    sample.excluded = fmt::format("{} fails: {}", check.id, check.finding.measured);
  }
  return sample;
}

std::string unlike(const StoredRun& one, const StoredRun& other) {
  if (one.scenario != other.scenario) {
    return fmt::format("they played different scenarios: {} and {}", one.scenario, other.scenario);
  }
  if (one.script != other.script) {
    return fmt::format("the script of the scenario {} was another one", one.scenario);
  }
  if (one.settings != other.settings) return "values were set differently (--set)";
  if (one.sample.figures.streams != other.sample.figures.streams) {
    return fmt::format("they had {} and {} streams", format_count(one.sample.figures.streams),
                       format_count(other.sample.figures.streams));
  }
  if (one.time_scale != other.time_scale) {
    return fmt::format("their time scales were {} and {}", one.time_scale, other.time_scale);
  }
  return {};
}

}  // namespace streamgauge::compare
