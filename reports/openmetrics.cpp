#include "reports/openmetrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "reports/text.hpp"
#include "reports/totals.hpp"

namespace streamgauge::reports {
namespace {

std::string help_text(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

void put_run(MetricsText& out, const RunResult& run) {
  out.family("streamgauge_run", "info", "What was run.");
  out.sample("_info",
             {{"version", run.environment.streamgauge_version},
              {"target", run.target},
              {"contract", run.contract},
              {"verdict", verdict_text(run)}},
             std::uint64_t{1});
  out.family("streamgauge_exit_code", "gauge",
             "0 pass, 1 violated, 3 target, 4 nothing judged, 5 inconclusive.");
  out.sample("", {}, static_cast<std::uint64_t>(exit_code(run)));
  out.family("streamgauge_run_duration_seconds", "gauge", "How long it took.", "seconds");
  out.sample("", {}, to_seconds(run.length));
  const VerdictCounts n = count(run);
  out.family("streamgauge_checks", "gauge", "Checks by verdict.");
  for (const auto& [verdict, number] : {std::pair{Verdict::pass, n.pass},
                                        {Verdict::info, n.info},
                                        {Verdict::warn, n.warn},
                                        {Verdict::fail, n.fail},
                                        {Verdict::inconclusive, n.inconclusive},
                                        {Verdict::error, n.error},
                                        {Verdict::skip, n.skip}}) {
    out.sample("", {{"verdict", to_string(verdict)}}, std::uint64_t{number});
  }
}

void put_checks(MetricsText& out, const RunResult& run) {
  out.family("streamgauge_check_violated", "gauge",
             "1 where a check fails the run, 0 where it does not; skipped ones are left out.");
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    for (const CheckResult& check : run.scenarios[i].checks) {
      if (check.finding.verdict == Verdict::skip) continue;
      out.sample("",
                 {{"check", check.id},
                  {"scenario", check.scenario},
                  {"index", fmt::format("{}", i)},
                  {"verdict", to_string(check.finding.verdict)}},
                 std::uint64_t{violates(check, run.strict) ? 1u : 0u});
    }
  }
}

/// A sample for each scenario. Scenarios may share a name: their index tells them apart.
template <class Value>
void put_each(MetricsText& out, const RunResult& run, std::string_view suffix, Value value) {
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    const ScenarioResult& s = run.scenarios[i];
    out.sample(suffix, {{"scenario", s.scenario}, {"index", fmt::format("{}", i)}}, value(s));
  }
}

void put_load(MetricsText& out, const RunResult& run) {
  out.family("streamgauge_streams", "gauge", "Simulated clients.");
  put_each(out, run, "", [](const ScenarioResult& s) { return s.streams; });
  out.family("streamgauge_events_published", "counter", "Events that the target accepted.");
  put_each(out, run, "_total", [](const ScenarioResult& s) { return s.events_published; });
  out.family("streamgauge_events_received", "counter", "Events that clients received.");
  put_each(out, run, "_total", [](const ScenarioResult& s) { return s.events_received; });
  out.family("streamgauge_received_bytes", "counter", "Bytes that clients received.", "bytes");
  put_each(out, run, "_total", [](const ScenarioResult& s) { return s.bytes_received; });
}

void put_latency(MetricsText& out, const RunResult& run) {
  out.family("streamgauge_latency_seconds", "summary",
             "Histograms by name; delivery counts from the intended send time.", "seconds");
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    const ScenarioResult& s = run.scenarios[i];
    const std::string index = fmt::format("{}", i);
    for (const auto& [name, h] : s.histograms) {
      if (h.empty()) continue;
      MetricsText::Labels labels{{"scenario", s.scenario}, {"index", index}, {"of", name}};
      for (const std::string_view quantile : {"0.5", "0.9", "0.99", "0.999", "1.0"}) {
        labels.emplace_back("quantile", quantile);
        const double percentile = 100 * std::stod(std::string(quantile));
        out.sample("", labels, to_seconds(h.at_percentile(percentile)));
        labels.pop_back();
      }
      out.sample("_count", labels, h.count());
      out.sample("_sum", labels, h.mean_ns() * static_cast<double>(h.count()) / 1e9);
    }
  }
}

void put_target(MetricsText& out, const RunResult& run) {
  const Totals total = totals(run);
  if (total.resources.sampled) {
    out.family("streamgauge_target_memory_peak_bytes", "gauge", "Resident memory at most.",
               "bytes");
    out.sample("", {}, total.resources.rss_peak_bytes);
    out.family("streamgauge_target_cpu_seconds", "counter", "Processor time of the target.",
               "seconds");
    out.sample("_total", {}, static_cast<double>(total.resources.cpu_ns) / 1e9);
    out.family("streamgauge_target_descriptors_peak", "gauge", "Open descriptors at most.");
    out.sample("", {}, std::uint64_t{total.resources.descriptors_max});
  }
  if (total.noise.measured) {
    out.family("streamgauge_scheduling_lag_p99_seconds", "gauge",
               "How late the machine let the harness run, worst scenario.", "seconds");
    out.sample("", {}, to_seconds(total.noise.lag_p99));
  }
  out.family("streamgauge_generator_saturated", "gauge",
             "1 when the load generator could not keep its schedule.");
  out.sample("", {}, std::uint64_t{total.noise.generator_saturated ? 1u : 0u});
}

}  // namespace

std::string label_text(std::string_view raw) {
  return help_text(raw);
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help,
                         std::string_view unit) {
  family_ = name;
  text_ += fmt::format("# TYPE {} {}\n", name, type);
  if (!unit.empty()) text_ += fmt::format("# UNIT {} {}\n", name, unit);
  text_ += fmt::format("# HELP {} {}\n", name, help_text(help));
}

void MetricsText::put_name(std::string_view suffix, const Labels& labels) {
  text_.append(family_).append(suffix);
  if (labels.empty()) return;
  text_ += '{';
  for (std::size_t i = 0; i < labels.size(); ++i) {
    text_ += fmt::format("{}{}=\"{}\"", i == 0 ? "" : ",", labels[i].first,
                         label_text(labels[i].second));
  }
  text_ += '}';
}

void MetricsText::sample(std::string_view suffix, const Labels& labels, double value) {
  put_name(suffix, labels);
  text_ += std::isfinite(value) ? fmt::format(" {:.9g}\n", value) : " NaN\n";
}

void MetricsText::sample(std::string_view suffix, const Labels& labels, std::uint64_t value) {
  put_name(suffix, labels);
  text_ += fmt::format(" {}\n", value);
}

std::string MetricsText::finish() && {
  return std::move(text_) + "# EOF\n";
}

std::string write_openmetrics(const RunResult& run) {
  MetricsText out;
  put_run(out, run);
  put_checks(out, run);
  put_load(out, run);
  put_latency(out, run);
  put_target(out, run);
  return std::move(out).finish();
}

}  // namespace streamgauge::reports
