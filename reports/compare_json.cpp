#include "reports/compare_json.hpp"

#include <cmath>

#include "reports/json_parts.hpp"
#include "reports/json_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;
using compare::Comparison;
using compare::MetricResult;

/// Six digits: no run repeats itself better than that.
json::value rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0.0;
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

std::string_view unit_word(compare::Unit unit) {
  return unit == compare::Unit::bytes ? "bytes" : "ns";
}

json::object side_json(const compare::SideFacts& side) {
  return {{"target", text(side.name)},
          {"description", text(side.description)},
          {"path", texts(side.path)},
          {"runs_judged", side.judged_runs},
          {"delivery", histogram_json(side.delivery)}};
}

json::object metric_json(const MetricResult& result) {
  const compare::Metric& metric = compare::metrics()[result.metric];
  json::object out{{"id", metric.id},
                   {"title", metric.title},
                   {"unit", unit_word(metric.unit)},
                   {"judged", result.judged},
                   {"outcome", to_string(result.outcome)}};
  if (result.judged) out["delta"] = rounded(result.delta);
  if (!result.reason.empty()) out["reason"] = text(result.reason);
  if (result.outcome == compare::Outcome::not_measured) return out;
  out["a"] = rounded(result.typical[0]);
  out["b"] = rounded(result.typical[1]);
  out["ratio"] = rounded(result.ratio);
  const bool known = std::isfinite(result.high);
  out["interval"] = json::array{known ? rounded(result.low) : nullptr, rounded(result.high)};
  out["p"] = rounded(result.p);
  if (result.judged) out["p_holm"] = rounded(result.p_adjusted);
  out["exact"] = result.exact;
  json::array ratios;
  for (const double ratio : result.pair_ratios) ratios.push_back(rounded(ratio));
  if (!ratios.empty()) out["pair_ratios"] = std::move(ratios);
  return out;
}

json::object run_json(const compare::ComparedRun& run, std::size_t pairs) {
  json::object values;
  for (const compare::Metric& metric : compare::metrics()) {
    const auto value = metric.value(run.figures);
    values[metric.id] = value ? rounded(*value) : json::value(nullptr);
  }
  json::object out{{"side", to_string(run.side)},
                   {"events", run.figures.events},
                   {"streams", run.figures.streams},
                   {"values", std::move(values)}};
  if (pairs > 0) out["pair"] = run.pair + 1;
  if (!run.origin.empty()) out["result"] = text(run.origin);
  if (!run.excluded.empty()) out["left_out"] = text(run.excluded);
  return out;
}

}  // namespace

std::string write_compare_json(const Comparison& comparison) {
  json::array metrics, runs, judged;
  for (const MetricResult& result : comparison.metrics) metrics.push_back(metric_json(result));
  for (const compare::ComparedRun& run : comparison.runs) {
    runs.push_back(run_json(run, comparison.pairs_begun));
  }
  for (const std::size_t pair : comparison.pairs_judged) judged.push_back(pair + 1);
  json::object out{{"schema", compare_schema},
                   {"command", text(comparison.command)},
                   {"design", to_string(comparison.design)},
                   {"scenario", text(comparison.scenario)},
                   {"seed", comparison.seed},
                   {"verdict", compare::verdict_text(comparison)},
                   {"exit_code", static_cast<int>(compare::exit_code(comparison))},
                   {"undecided", text(comparison.undecided)},
                   {"interrupted", comparison.interrupted},
                   {"errors", errors_json(comparison.errors)},
                   {"a", side_json(comparison.sides[0])},
                   {"b", side_json(comparison.sides[1])},
                   {"metrics", std::move(metrics)},
                   {"pairs_begun", comparison.pairs_begun},
                   {"pairs_judged", std::move(judged)},
                   {"runs", std::move(runs)},
                   {"notes", texts(comparison.notes)},
                   {"started", rfc3339(comparison.started)},
                   {"duration_s", seconds(comparison.length)},
                   {"environment", environment_json(comparison.environment)}};
  return json_text(std::move(out));
}

}  // namespace streamgauge::reports
