#include "harness/run/capacity_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace streamgauge::run {

namespace {

using capacity::Busy;
using capacity::Measured;

double share(Duration part, Duration whole) {
  if (whole <= Duration{}) return 0;
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

Busy busy(const net::ThreadTime& thread, Duration length) {
  return {thread.name, share(thread.time.ran, length), share(thread.time.waited, length)};
}

const PhaseUse* use_under_load(const ScenarioOutcome& outcome) {
  for (const PhaseUse& use : outcome.facts.processor_use) {
    if (use.phase == load_phase) return &use;
  }
  return nullptr;
}

void take_processors(const ScenarioOutcome& outcome, unsigned processors, Measured& m) {
  const PhaseUse* use = use_under_load(outcome);
  if (!use || use->length <= Duration{}) return;
  for (const auto& [id, thread] : use->harness) {
    const Busy its = busy(thread, use->length);
    if (m.generator.thread.empty() || its.wanted() > m.generator.wanted()) m.generator = its;
  }
  const Duration others = use->machine_busy - use->own_ran;
  if (use->machine_busy > Duration{}) {
    m.others = std::clamp(share(others, use->length * std::max(processors, 1u)), 0.0, 1.0);
  }
  if (use->target.ran == Duration{}) return;
  m.target = busy(use->target_busiest, use->length);
  if (m.deliveries > 0) {
    m.target_cpu_us_per_delivery =
        1e6 * to_seconds(use->target.ran) / static_cast<double>(m.deliveries);
  }
  const Saturation load = saturation({*use}, processors);
  if (load.target_starved) m.starved = starved_sentence(load);
}

/// The stretch in which the load was on; without it nothing happened in this trial.
std::optional<std::pair<Instant, Instant>> window(const ScenarioResult& result) {
  for (const Mark& mark : result.marks) {
    if (mark.kind != Mark::Kind::phase || mark.name != load_phase) continue;
    return std::pair{mark.begin, mark.end.value_or(result.started + result.length)};
  }
  return std::nullopt;
}

void take_series(const ScenarioResult& result, Measured& m) {
  const auto load = window(result);
  if (!load) return;
  const TimeSeries& series = result.series;
  const Instant end = std::min(load->second, load->first + m.length);
  std::vector<Duration> medians;
  std::uint64_t events = 0;
  Duration counted{};
  Instant begin = series.started;
  for (const IntervalRow& row : series.rows) {
    const bool inside = begin >= load->first && begin + series.interval <= end;
    begin += series.interval;
    if (!inside) continue;
    counted += series.interval;
    events += row.events;
    if (!row.delivery.empty()) medians.push_back(row.delivery.at_percentile(50));
  }
  if (counted > Duration{}) m.deliveries_per_s = static_cast<double>(events) / to_seconds(counted);
  if (!medians.empty()) {
    m.growth = capacity::growth(medians, counted / static_cast<Duration::rep>(medians.size()));
  }
}

void take_latency(const ScenarioResult& result, Measured& m) {
  const auto at = result.histograms.find("delivery");
  if (at == result.histograms.end() || at->second.empty()) return;
  m.p50 = at->second.at_percentile(50);
  m.p99 = at->second.at_percentile(99);
  m.p999 = at->second.at_percentile(99.9);
  m.longest = at->second.max();
}

/// A check that is skipped or undecided says why instead of what it measured.
void take_check(const CheckResult& check, std::optional<Verdict>& verdict, std::string& text) {
  const Finding& finding = check.finding;
  const bool decided = finding.verdict != Verdict::skip &&
                       finding.verdict != Verdict::inconclusive &&
                       finding.verdict != Verdict::error;
  // Of several checks that speak for one objective the worst counts.
  const bool worse = !verdict || finding.verdict > *verdict;
  if (!worse && !text.empty()) return;
  verdict = finding.verdict;
  text = decided || finding.reason.empty() ? finding.measured : finding.reason;
}

void take_checks(const ScenarioResult& result, Measured& m) {
  for (const CheckResult& check : result.checks) {
    if (check.id == "delivery.no-loss") take_check(check, m.loss, m.loss_text);
    if (check.id == "delivery.no-duplicate") take_check(check, m.duplicates, m.duplicates_text);
    if (check.family == "heartbeat") take_check(check, m.heartbeats, m.heartbeats_text);
  }
}

std::uint64_t ended_by_themselves(const ScenarioResult& result) {
  std::uint64_t cut = 0;
  for (const auto& [ending, count] : result.endings) {
    if (ending != to_string(Ending::local)) cut += count;
  }
  return cut;
}

}  // namespace

std::vector<std::string> settings_of(const CapacityLoad& load) {
  const auto ramp_ms =
      std::max(300L, std::lround(1000 * static_cast<double>(load.streams) / connects_per_s));
  const auto hold_ms = std::chrono::duration_cast<std::chrono::milliseconds>(load.hold).count();
  return {fmt::format("groups.readers.streams={}", load.streams),
          fmt::format("groups.readers.ramp={}ms", ramp_ms),
          fmt::format("phases.load.for={}ms", hold_ms),
          fmt::format("phases.load.publish.*.rate={:.12g}/s", load.rate),
          fmt::format("phases.load.publish.*.size={}B", load.size_bytes)};
}

capacity::Measured measured(const CapacityLoad& load, const ScenarioOutcome& outcome,
                            unsigned processors) {
  const ScenarioResult& result = outcome.result;
  Measured m;
  m.streams = load.streams;
  m.rate = load.rate;
  m.length = load.hold;
  m.open = static_cast<std::uint32_t>(outcome.facts.swarm.open);
  m.cut = ended_by_themselves(result);
  m.published = outcome.facts.publisher.published;
  m.publish_failed = outcome.facts.publisher.failed;
  m.deliveries = result.events_received;
  m.publisher_late = outcome.facts.publisher.worst_late;
  m.lag_p99 = result.noise.lag_p99;
  if (result.resources.sampled) {
    m.memory_start_bytes = result.resources.rss_start_bytes;
    m.memory_peak_bytes = result.resources.rss_peak_bytes;
  }
  take_latency(result, m);
  take_series(result, m);
  take_checks(result, m);
  take_processors(outcome, processors, m);
  return m;
}

}  // namespace streamgauge::run
