#include "reports/capacity_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "reports/json_parts.hpp"
#include "reports/json_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;
using namespace capacity;

json::value maybe(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}
json::value maybe(const std::optional<std::uint64_t>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}
json::value maybe_ns(const std::optional<Duration>& value) {
  return value ? json::value(value->count()) : json::value(nullptr);
}
json::value maybe_text(std::string_view words) {
  return words.empty() ? json::value(nullptr) : json::value(text(words));
}

json::object estimate_json(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

json::object busy_json(const Busy& busy) {
  return {{"thread", text(busy.thread)}, {"ran", busy.ran}, {"waited", busy.waited}};
}

json::array objectives_json(const std::vector<Judged>& objectives) {
  json::array out;
  for (const Judged& each : objectives) {
    out.push_back(json::object{{"id", text(each.id)},
                               {"met", to_string(each.met)},
                               {"measured", text(each.measured)},
                               {"bound", text(each.bound)}});
  }
  return out;
}

json::object trial_json(const TrialResult& result) {
  const Measured& m = result.measured;
  return {{"load", result.trial.load},
          {"pass", result.trial.pass + 1},
          {"attempt", result.trial.attempt},
          {"outcome", to_string(result.verdict.outcome)},
          {"reason", maybe_text(result.verdict.reason)},
          {"objectives", objectives_json(result.verdict.objectives)},
          {"streams", m.streams},
          {"open", m.open},
          {"cut", m.cut},
          {"rate", m.rate},
          {"published", m.published},
          {"publish_failed", m.publish_failed},
          {"deliveries", m.deliveries},
          {"deliveries_per_s", m.deliveries_per_s},
          {"p50_ns", maybe_ns(m.p50)},
          {"p99_ns", maybe_ns(m.p99)},
          {"p999_ns", maybe_ns(m.p999)},
          {"max_ns", maybe_ns(m.longest)},
          {"delay_growth", m.growth},
          {"memory_start_bytes", maybe(m.memory_start_bytes)},
          {"memory_peak_bytes", maybe(m.memory_peak_bytes)},
          {"target_cpu_us_per_delivery", maybe(m.target_cpu_us_per_delivery)},
          {"target", m.target ? json::value(busy_json(*m.target)) : json::value(nullptr)},
          {"generator", busy_json(m.generator)},
          {"others_share", maybe(m.others)},
          {"lag_p99_ns", m.lag_p99.count()},
          {"publisher_late_ns", m.publisher_late.count()}};
}

json::value scalability_json(const std::optional<ScalabilityFit>& fit) {
  if (!fit) return nullptr;
  json::object out{{"model", "universal scalability law"},
                   {"lambda", estimate_json(fit->lambda)},
                   {"sigma", estimate_json(fit->sigma)},
                   {"kappa", estimate_json(fit->kappa)},
                   {"confidence", confidence},
                   {"residual", fit->residual},
                   {"describes", fit->residual <= residual_max},
                   {"points", fit->points},
                   {"load_max", fit->load_max},
                   {"peak", nullptr}};
  if (fit->peak) {
    out["peak"] = json::object{{"predicted", true},
                               {"load", estimate_json(fit->peak->load)},
                               {"deliveries_per_s", estimate_json(fit->peak->throughput)}};
  }
  return out;
}

json::value memory_json(const std::optional<Line>& line) {
  if (!line) return nullptr;
  return json::object{{"base_bytes", estimate_json(line->base)},
                      {"per_stream_bytes", estimate_json(line->slope)},
                      {"confidence", confidence},
                      {"residual_bytes", line->residual},
                      {"points", line->points}};
}

json::object search_json(const AxisResult& axis) {
  const SearchPlan& plan = axis.plan;
  return {{"start", plan.start},         {"floor", plan.floor},
          {"ceiling", plan.ceiling},     {"ceiling_reason", maybe_text(axis.ceiling_reason)},
          {"factor", plan.factor},       {"resolution", plan.resolution},
          {"agreement", plan.agreement}, {"passes", plan.passes},
          {"trials", axis.trials.size()}};
}

json::object axis_json(const AxisResult& axis) {
  const Conclusion conclusion = conclude(axis);
  const Answer& answer = axis.answer;
  json::array passes, trials;
  for (const PassEnd& end : answer.passes) {
    passes.push_back(json::object{
        {"held", end.held},
        {"not_held", maybe(end.not_held)},
        {"why", end.not_held ? json::value(to_string(end.why)) : json::value(nullptr)}});
  }
  for (const TrialResult& trial : axis.trials) trials.push_back(trial_json(trial));
  const TrialResult* typical = typical_at_answer(axis);
  return {{"axis", to_string(axis.axis)},
          {"unit", axis.axis == Axis::streams ? "streams" : "events/s per stream"},
          {"fixed", json::object{{to_string(other(axis.axis)), axis.fixed}}},
          {"verdict", to_string(conclusion.verdict)},
          {"headline", text(conclusion.headline)},
          {"reason", text(conclusion.reason)},
          {"stop", to_string(answer.stop)},
          {"target_saturated", conclusion.target_saturated},
          {"cut_short", maybe_text(axis.cut_short)},
          {"need", maybe(axis.need)},
          {"held", answer.load},
          {"at_least", at_least(answer)},
          {"low", answer.low},
          {"high", maybe(answer.high)},
          {"spread", answer.spread},
          {"passes", std::move(passes)},
          {"typical", typical ? json::value(trial_json(*typical)) : json::value(nullptr)},
          {"scalability", scalability_json(scalability(axis))},
          {"memory", memory_json(memory_line(axis))},
          {"others_share", maybe(others_share(axis))},
          {"search", search_json(axis)},
          {"trials", std::move(trials)}};
}

json::object objectives_json(const Objectives& objectives) {
  return {{"p99_ns", objectives.p99.count()},
          {"loss_max", objectives.loss ? json::value(0) : json::value(nullptr)},
          {"heartbeats", objectives.heartbeats},
          {"memory_bytes_max", maybe(objectives.memory_bytes_max)}};
}

}  // namespace

std::string write_capacity_json(const Capacity& capacity) {
  json::array axes;
  for (const AxisResult& axis : capacity.axes) axes.push_back(axis_json(axis));
  return json_text(json::object{{"schema", capacity_schema},
                                {"command", text(capacity.command)},
                                {"target", text(capacity.target)},
                                {"target_description", text(capacity.target_description)},
                                {"contract", text(capacity.contract)},
                                {"path", texts(capacity.path)},
                                {"time_scale", capacity.time_scale},
                                {"seed", capacity.seed},
                                {"event_bytes", capacity.size_bytes},
                                {"generator_threads", capacity.threads},
                                {"hold_s", to_seconds(capacity.hold)},
                                {"cool_down_s", to_seconds(capacity.cool_down)},
                                {"budget_s", to_seconds(capacity.budget)},
                                {"objectives", objectives_json(capacity.objectives)},
                                {"verdict", verdict_of(capacity)},
                                {"exit_code", static_cast<int>(exit_code(capacity))},
                                {"interrupted", capacity.interrupted},
                                {"started", rfc3339(capacity.started)},
                                {"duration_s", to_seconds(capacity.length)},
                                {"errors", errors_json(capacity.errors)},
                                {"axes", std::move(axes)},
                                {"notes", texts(capacity.notes)},
                                {"environment", environment_json(capacity.environment)}});
}

}  // namespace streamgauge::reports
