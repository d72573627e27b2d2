#include "harness/run/capacity.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "harness/core/base/units.hpp"
#include "harness/core/capacity/budget.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/capacity_trial.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

using capacity::Axis;
using capacity::AxisRequest;
using capacity::AxisResult;
using capacity::Budget;
using capacity::TrialResult;
using namespace std::chrono_literals;

/// Descriptors of a process that are not streams: pipes, listeners, epolls, files of reports.
constexpr std::uint64_t descriptors_aside = 256;
constexpr std::uint32_t streams_allowed_max = 1'000'000;
constexpr double heartbeats_in_a_trial = 3.5;
/// Beside its hold a trial starts a target, connects, waits for the last deliveries and stops.
constexpr Duration around_a_trial = 2s;

class Measuring {
 public:
  Measuring(const Home& home, const CapacityOptions& options, const CapacityHooks& hooks)
      : home_(home), options_(options), request_(options.request), hooks_(hooks) {}

  Result<capacity::Capacity> run() {
    const AxisRequest& first = request_.axes.front();
    auto plan = plan_for(load_of(first, first.start.value_or(first.need.value_or(1))), {});
    if (!plan) return plan.error();
    if (auto fits = check_limits(*plan); !fits) return fits.error();
    describe(*plan);
    search_all(has(plan->target, Capability::publish));
    out_.interrupted = interrupted();
    out_.length = net::now() - out_.started;
    return std::move(out_);
  }

 private:
  Result<Plan> plan_for(const CapacityLoad& load, std::optional<double> time_scale) {
    Options options;
    options.target = options_.target;
    options.contract = options_.contract;
    options.scenarios = {std::string(capacity_scenario)};
    options.flaws = options_.flaws;
    options.path = options_.path;
    options.seed = options_.seed;
    options.threads = options_.threads;
    options.settings = settings_of(load);
    options.time_scale = time_scale;
    return make_plan(home_, options);
  }

  [[nodiscard]] CapacityLoad load_of(const AxisRequest& axis, double raised) const {
    const double streams = axis.axis == Axis::streams ? raised : axis.fixed;
    const double rate = axis.axis == Axis::streams ? axis.fixed : raised;
    return {static_cast<std::uint32_t>(std::lround(streams)), rate, request_.size_bytes,
            request_.hold};
  }

  /// Of this machine and of what is known of the target. A target elsewhere has its own limits.
  Result<void> check_limits(const Plan& plan) const {
    const std::uint64_t asked = streams_asked(request_), allowed = streams_allowed();
    if (asked > allowed) {
      return target_error(fmt::format(
          "{0} streams need {1} file descriptors in this process, which may open {2}; raise the "
          "hard limit (ulimit -Hn), or ask for at most {3} (--streams, --need, --start, --max)",
          format_count(asked), format_count(asked + descriptors_aside),
          format_count(allowed + descriptors_aside), allowed));
    }
    const bool publishes = has(plan.target, Capability::publish);
    if (!publishes && request_.axes.front().axis == Axis::rate) {
      return usage_error(fmt::format(
          "--axis rate: '{}' has no way to publish; name a target whose file says how (publish: in "
          "scenarios/targets/*.yaml, see scenarios/README.md), or search --axis streams",
          plan.target.name));
    }
    if (request_.memory_max && !plan.target.spawn) {
      return usage_error(fmt::format(
          "--memory {}: the memory of '{}' is not known here; it is measured of targets that are "
          "started for the run (spawn: in the target's file)",
          format_size(*request_.memory_max), plan.target.name));
    }
    return {};
  }

  void describe(const Plan& plan) {
    out_.target = plan.target.name;
    out_.target_description = plan.target.description;
    out_.contract = plan.contract.name;
    out_.path = names_of(plan.scenarios.front().path);
    out_.seed = plan.seed;
    out_.size_bytes = request_.size_bytes;
    out_.threads = plan.threads;
    out_.hold = request_.hold;
    out_.cool_down = request_.cool_down;
    out_.budget = request_.budget;
    out_.started = net::now();
    out_.environment = environment();
    out_.time_scale = scale_for(plan);
    auto& objectives = out_.objectives;
    if (plan.contract.delivery && plan.contract.delivery->latency_p99) {
      objectives.p99 = *plan.contract.delivery->latency_p99;
    }
    if (request_.p99) objectives.p99 = *request_.p99;
    objectives.memory_bytes_max = request_.memory_max;
    objectives.heartbeats = request_.heartbeats && plan.contract.heartbeat.has_value();
    if (!has(plan.target, Capability::publish)) {
      out_.notes.push_back(
          "the target's file has no way to publish: the streams that it holds are idle ones, and "
          "no rate is searched");
    }
    if (!out_.path.empty()) {
      out_.notes.push_back(
          "what is measured is the target with its path: a hop may be what breaks");
    }
  }

  double scale_for(const Plan& plan) {
    if (options_.time_scale) return *options_.time_scale;
    if (!plan.target.scales || !plan.contract.heartbeat) return 1.0;
    // The plan's contract is scaled already: its scale is divided out.
    const Duration period = scaled(plan.contract.heartbeat->every, 1 / plan.time_scale);
    const double fits = to_seconds(request_.hold) / (heartbeats_in_a_trial * to_seconds(period));
    if (!request_.heartbeats || fits >= 1) return 1.0;
    out_.notes.push_back(fmt::format(
        "heartbeats come every {} instead of {}, so that a trial of {} can judge them: they add "
        "{:.2g} comments a second to each stream (--time-scale 1 --hold {:.0f}s measures in real "
        "time)",
        format_duration(scaled(period, fits)), format_duration(period),
        format_duration(request_.hold), 1 / (to_seconds(period) * fits),
        std::ceil(heartbeats_in_a_trial * to_seconds(period))));
    return fits;
  }

  void search_all(bool publishes) {
    const Budget whole(out_.started + request_.budget,
                       request_.hold + request_.cool_down + around_a_trial);
    std::size_t left = request_.axes.size();
    for (const AxisRequest& axis : request_.axes) {
      if (interrupted() || !out_.errors.empty()) break;
      if (axis.axis == Axis::rate && !publishes) break;
      out_.axes.push_back(search(axis, whole.share(net::now(), left--)));
    }
  }

  AxisResult search(const AxisRequest& asked, Budget budget) {
    auto planned = plan_search(asked, request_, streams_allowed());
    AxisResult result{.axis = asked.axis,
                      .fixed = asked.fixed,
                      .plan = planned.plan,
                      .ceiling_reason = std::move(planned.ceiling_reason),
                      .need = asked.need};
    capacity::Search search(result.plan);
    for (;;) {
      const auto next = search.next();
      if (const auto* answer = std::get_if<capacity::Answer>(&next)) {
        result.answer = *answer;
        return result;
      }
      result.cut_short = step(asked, std::get<capacity::Trial>(next), budget, search, result);
      if (result.cut_short.empty()) continue;
      result.answer = search.so_far();
      return result;
    }
  }

  /// One trial and its cool-down. Answers why nothing may follow; empty: the search goes on.
  std::string step(const AxisRequest& asked, const capacity::Trial& next, Budget& budget,
                   capacity::Search& search, AxisResult& result) {
    const Instant begin = net::now();
    if (!budget.allows_another(begin)) {
      return fmt::format("the time for it was used up (--budget {})",
                         format_duration(request_.budget));
    }
    auto trial = try_load(asked, next, result.trials.empty());
    if (interrupted()) return "it was interrupted";
    if (!trial) {
      out_.errors.push_back(trial.error());
      return trial.error().message;
    }
    search.record(trial->verdict.outcome);
    result.trials.push_back(std::move(*trial));
    if (hooks_.trial_done) hooks_.trial_done(result, result.trials.back());
    cool_down();
    budget.took(net::now() - begin);
    return interrupted() ? "it was interrupted" : "";
  }

  /// `first`: of its axis. A target that cannot be reached then was never there; one that stops
  /// answering under load has given its answer.
  Result<TrialResult> try_load(const AxisRequest& axis, const capacity::Trial& trial, bool first) {
    const CapacityLoad load = load_of(axis, trial.load);
    auto plan = plan_for(load, out_.time_scale);
    if (!plan) return plan.error();
    ProgressBoard board(1, hooks_.plan.progress);
    const std::string name = capacity::load_text(axis.axis, trial.load);
    ScenarioOutcome outcome = run_scenario(home_, *plan, plan->scenarios.front(),
                                           board.hooks(name, hooks_.plan.interrupted));
    board.end(name);
    TrialResult result{trial, measured(load, outcome, std::thread::hardware_concurrency()), {}};
    const bool came_up = outcome.facts.swarm.streams > 0;
    if (!outcome.errors.empty()) {
      if (!came_up || (first && !outcome.usable)) return outcome.errors.front();
      result.measured.died = outcome.errors.front().message;
    } else if (first && !outcome.usable && !interrupted()) {
      return target_error(fmt::format("not one of {} streams could be opened at '{}'",
                                      format_count(load.streams), plan->target.name));
    }
    result.verdict = judge(result.measured, out_.objectives);
    return result;
  }

  /// In steps, so that an interrupt is heard.
  void cool_down() const {
    const Instant until = net::now() + request_.cool_down;
    while (net::now() < until && !interrupted()) {
      std::this_thread::sleep_for(std::min<Duration>(until - net::now(), 20ms));
    }
  }

  [[nodiscard]] bool interrupted() const {
    return hooks_.plan.interrupted && *hooks_.plan.interrupted;
  }

  const Home& home_;
  const CapacityOptions& options_;
  const capacity::Request& request_;
  const CapacityHooks& hooks_;
  capacity::Capacity out_;
};

}  // namespace

std::uint32_t streams_allowed() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024 - descriptors_aside;
  const std::uint64_t most = std::max<std::uint64_t>(limit.rlim_max, descriptors_aside + 1);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(most - descriptors_aside, streams_allowed_max));
}

Result<capacity::Capacity> measure_capacity(const Home& home, const CapacityOptions& options,
                                            const CapacityHooks& hooks) {
  return Measuring(home, options, hooks).run();
}

}  // namespace streamgauge::run
