#include "reports/result_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "reports/json_parts.hpp"
#include "reports/json_text.hpp"
#include "reports/text.hpp"
#include "reports/totals.hpp"
#include "reports/wire_text.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

template <class Pairs>
json::object counts_object(const Pairs& counts) {
  json::object out;
  for (const auto& [name, n] : counts) out[valid_utf8(name)] = n;
  return out;
}

json::value evidence_json(const Evidence& evidence, Instant run_start) {
  json::object out;
  // The epoch stands for a fact without a time; nothing was measured in 1970.
  if (evidence.at == Instant{}) {
    out["at_s"] = nullptr;
  } else {
    out["at_s"] = seconds(evidence.at - run_start);
  }
  if (evidence.stream == no_stream) {
    out["stream"] = nullptr;
  } else {
    out["stream"] = evidence.stream;
  }
  out["what"] = text(evidence.what);
  return out;
}

json::value check_json(const CheckResult& check, Instant run_start) {
  const Finding& finding = check.finding;
  json::array evidence;
  for (const Evidence& e : finding.evidence) evidence.push_back(evidence_json(e, run_start));
  json::object out{{"id", text(check.id)},
                   {"family", text(check.family)},
                   {"scenario", text(check.scenario)},
                   {"level", to_string(check.level)},
                   {"requirement", text(check.requirement)},
                   {"source", text(check.source)},
                   {"verdict", to_string(finding.verdict)},
                   {"measured", text(finding.measured)},
                   {"bound", text(finding.bound)},
                   {"reason", text(finding.reason)},
                   {"counts", counts_object(finding.counts)},
                   {"evidence", std::move(evidence)}};
  // Said only where there is something to say.
  const auto remark = [&out](std::string_view key, std::string_view words) {
    if (!words.empty()) out[key] = text(words);
  };
  remark("not_stated", finding.not_stated);
  remark("repeated", finding.repeated);
  remark("hop", check.hop);
  if (check.standing != Standing::plain) {
    remark("baseline", to_string(check.standing));
    remark("baseline_reason", check.standing_reason);
  }
  return out;
}

json::object histograms_json(const HistogramSet& histograms) {
  json::object out;
  for (const auto& [name, h] : histograms) out[valid_utf8(name)] = histogram_json(h);
  return out;
}

json::object resources_json(const Resources& r) {
  json::object target;
  const auto put = [&](std::string_view key, auto value) {
    target[key] = r.sampled ? json::value(value) : json::value(nullptr);
  };
  put("rss_start_bytes", r.rss_start_bytes);
  put("rss_peak_bytes", r.rss_peak_bytes);
  put("rss_end_bytes", r.rss_end_bytes);
  put("cpu_ns", r.cpu_ns);
  if (r.load_cpu_ns > 0) target["load_cpu_ns"] = r.load_cpu_ns;
  put("threads_max", r.threads_max);
  put("descriptors_max", r.descriptors_max);
  put("processes_max", r.processes_max);
  return {
      {"sampled", r.sampled},
      {"target", std::move(target)},
      {"harness", {{"rss_peak_bytes", r.harness_rss_peak_bytes}, {"cpu_ns", r.harness_cpu_ns}}}};
}

json::object noise_json(const Noise& n) {
  json::object out{{"measured", n.measured}};
  out["lag_p99_ns"] = n.measured ? json::value(n.lag_p99.count()) : json::value(nullptr);
  out["lag_max_ns"] = n.measured ? json::value(n.lag_max.count()) : json::value(nullptr);
  out["generator_saturated"] = n.generator_saturated;
  if (n.target_starved) out["target_starved"] = true;
  return out;
}

template <class T>  // a ScenarioResult or the Totals: the same four counts
json::object load_json(const T& of) {
  return {{"streams", of.streams},
          {"events_received", of.events_received},
          {"events_published", of.events_published},
          {"bytes_received", of.bytes_received}};
}

json::array marks_json(const std::vector<Mark>& marks, Instant run_start) {
  json::array out;
  for (const Mark& mark : marks) {
    json::object one{{"kind", to_string(mark.kind)}, {"from_s", seconds(mark.begin - run_start)}};
    if (mark.end) one["to_s"] = seconds(*mark.end - run_start);
    one["what"] = text(mark.name);
    out.push_back(std::move(one));
  }
  return out;
}

json::array wire_json(const ScenarioResult& s) {
  json::array out;
  for (const WireExcerpt& excerpt : s.wire) {
    out.push_back(json::object{{"stream", excerpt.stream},
                               {"file", wire_file_name(s.scenario, excerpt.stream)}});
  }
  return out;
}

json::value scenario_json(const ScenarioResult& s, Instant run_start) {
  json::object out{{"scenario", text(s.scenario)},
                   {"description", text(s.description)},
                   {"started", rfc3339(s.started)},
                   {"start_s", seconds(s.started - run_start)},
                   {"duration_s", seconds(s.length)},
                   {"load", load_json(s)},
                   {"endings", counts_object(s.endings)},
                   {"histograms", histograms_json(s.histograms)},
                   {"resources", resources_json(s.resources)},
                   {"noise", noise_json(s.noise)},
                   {"notes", texts(s.notes)}};
  if (!s.marks.empty()) out["marks"] = marks_json(s.marks, run_start);
  if (!s.wire.empty()) out["wire"] = wire_json(s);
  if (!s.text.empty()) out["script"] = text(s.text);
  return out;
}

json::object summary_json(const VerdictCounts& n) {
  return {{"judged", n.judged()},
          {"pass", n.pass},
          {"fail", n.fail},
          {"warn", n.warn},
          {"info", n.info},
          {"skip", n.skip},
          {"inconclusive", n.inconclusive},
          {"error", n.error}};
}

}  // namespace

std::string write_result_json(const RunResult& run, const std::vector<std::string>& files) {
  const Totals total = totals(run);
  json::array checks, scenarios;
  for (const ScenarioResult& s : run.scenarios) {
    for (const CheckResult& c : s.checks) checks.push_back(check_json(c, run.started));
    scenarios.push_back(scenario_json(s, run.started));
  }
  json::object out{{"schema", result_schema},
                   {"command", text(run.command)},
                   {"target", text(run.target)},
                   {"target_description", text(run.target_description)},
                   {"contract", text(run.contract)},
                   {"time_scale", std::isfinite(run.time_scale) ? run.time_scale : 0.0},
                   {"seed", run.seed},
                   {"flaws", texts(run.flaws)},
                   {"strict", run.strict},
                   {"started", rfc3339(run.started)},
                   {"duration_s", seconds(run.length)},
                   {"interrupted", run.interrupted},
                   {"verdict", verdict_text(run)},
                   {"exit_code", static_cast<int>(exit_code(run))},
                   {"errors", errors_json(run.errors)},
                   {"summary", summary_json(count(run))},
                   {"checks", std::move(checks)},
                   {"load", load_json(total)},
                   {"endings", counts_object(total.endings)},
                   {"histograms", histograms_json(total.histograms)},
                   {"resources", resources_json(total.resources)},
                   {"noise", noise_json(total.noise)},
                   {"environment", environment_json(run.environment)},
                   {"scenarios", std::move(scenarios)},
                   {"files", texts(files)}};
  if (!run.path.empty()) out["path"] = texts(run.path);
  if (!run.baseline.empty()) out["baseline"] = text(run.baseline);
  if (!run.settings.empty()) out["settings"] = texts(run.settings);
  if (!run.contract_text.empty()) out["contract_text"] = text(run.contract_text);
  return json_text(std::move(out));
}

}  // namespace streamgauge::reports
