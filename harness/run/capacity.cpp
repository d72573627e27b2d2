#include "harness/run/capacity.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "harness/core/base/units.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/capacity_trial.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

using capacity::Axis;
using capacity::AxisResult;
using capacity::TrialResult;
using namespace std::chrono_literals;

/// Descriptors of a process that are not streams: pipes, listeners, epolls, files of reports.
constexpr std::uint64_t descriptors_aside = 256;
constexpr std::uint32_t streams_allowed_max = 1'000'000;
/// One connection publishes one event after the other; beyond, no loopback answers fast enough.
constexpr double rate_default_max = 5000;
constexpr double rate_floor = 0.1;
constexpr double heartbeats_in_a_trial = 3.5;

class Measuring {
 public:
  Measuring(const Home& home, const CapacityOptions& options, const CapacityHooks& hooks)
      : home_(home), options_(options), hooks_(hooks) {}

  Result<capacity::Capacity> run() {
    auto plan = plan_for({options_.streams, options_.rate, options_.size_bytes, options_.hold}, 1.0,
                         /*quiet=*/true);
    if (!plan) return plan.error();
    if (auto fits = check_limits(*plan); !fits) return fits.error();
    describe(*plan);
    for (const Axis axis : options_.axes) {
      if (interrupted() || !out_.errors.empty()) break;
      if (axis == Axis::rate && !has(plan->target, Capability::publish)) {
        out_.notes.push_back(
            "events per second were not searched: the target's file has no way to publish");
        continue;
      }
      out_.axes.push_back(search(axis));
    }
    out_.interrupted = interrupted();
    out_.length = net::now() - out_.started;
    return std::move(out_);
  }

 private:
  Result<Plan> plan_for(const CapacityLoad& load, double scale, bool quiet = false) {
    Options options;
    options.target = options_.target;
    options.contract = options_.contract;
    options.scenarios = {std::string(capacity_scenario)};
    options.flaws = options_.flaws;
    options.path = options_.path;
    options.seed = options_.seed;
    options.threads = options_.threads;
    options.settings = settings_of(load);
    if (!quiet) options.time_scale = scale;
    return make_plan(home_, options);
  }

  /// Of this machine. A target elsewhere has its own.
  Result<void> check_limits(const Plan& plan) const {
    const std::uint32_t allowed = streams_allowed();
    const auto refuse = [&](std::string_view option, std::uint64_t wanted) {
      return target_error(fmt::format(
          "{} {}: {} streams need {} file descriptors in this process, which may open {}; raise "
          "the "
          "hard limit (ulimit -Hn), or take at most {}",
          option, wanted, format_count(wanted), format_count(wanted + descriptors_aside),
          format_count(allowed + descriptors_aside), allowed));
    };
    if (options_.streams_max && *options_.streams_max > allowed) {
      return refuse("--max-streams", *options_.streams_max);
    }
    const bool streams_fixed =
        std::find(options_.axes.begin(), options_.axes.end(), Axis::rate) != options_.axes.end();
    if (streams_fixed && options_.streams > allowed) return refuse("--streams", options_.streams);
    if (options_.need_streams && *options_.need_streams > allowed) {
      return refuse("--need-streams", static_cast<std::uint64_t>(*options_.need_streams));
    }
    if (options_.memory_max && !plan.target.spawn) {
      return usage_error(fmt::format(
          "--memory-max: the memory of '{}' is not known here; it is measured of targets that are "
          "started for the run (spawn: in the target's file)",
          plan.target.name));
    }
    return {};
  }

  void describe(const Plan& plan) {
    out_.target = plan.target.name;
    out_.target_description = plan.target.description;
    out_.contract = plan.contract.name;
    out_.path = names_of(plan.scenarios.front().path);
    out_.seed = plan.seed;
    out_.size_bytes = options_.size_bytes;
    out_.threads = plan.threads;
    out_.hold = options_.hold;
    out_.cool_down = options_.cool_down;
    out_.started = net::now();
    out_.environment = environment();
    out_.time_scale = scale_for(plan);
    auto& objectives = out_.objectives;
    if (plan.contract.delivery && plan.contract.delivery->latency_p99) {
      objectives.p99 = *plan.contract.delivery->latency_p99;
    }
    if (options_.p99) objectives.p99 = *options_.p99;
    objectives.memory_bytes_max = options_.memory_max;
    objectives.heartbeats = options_.heartbeats && plan.contract.heartbeat.has_value();
  }

  double scale_for(const Plan& plan) {
    if (options_.time_scale) return *options_.time_scale;
    if (!plan.target.scales || !plan.contract.heartbeat) return 1.0;
    // The plan's contract is scaled already: its scale is divided out.
    const Duration period = scaled(plan.contract.heartbeat->every, 1 / plan.time_scale);
    const double fits = to_seconds(options_.hold) / (heartbeats_in_a_trial * to_seconds(period));
    if (!options_.heartbeats || fits >= 1) return 1.0;
    out_.notes.push_back(fmt::format(
        "heartbeats come every {} instead of {}, so that a trial of {} can judge them: they add "
        "{:.2g} comments a second to each stream (--time-scale 1 --hold {} measures in real time)",
        format_duration(scaled(period, fits)), format_duration(period),
        format_duration(options_.hold), 1 / (to_seconds(period) * fits),
        fmt::format("{:.0f}s", std::ceil(heartbeats_in_a_trial * to_seconds(period)))));
    return fits;
  }

  [[nodiscard]] AxisResult axis_of(Axis axis) const {
    AxisResult result;
    result.axis = axis;
    auto& plan = result.plan;
    plan.passes = options_.repeats;
    plan.resolution = options_.resolution;
    plan.agreement = options_.agreement;
    if (axis == Axis::streams) {
      result.fixed = options_.rate;
      result.need = options_.need_streams;
      plan.ceiling = options_.streams_max.value_or(streams_allowed());
      plan.start = options_.start_streams.value_or(500);
      if (!options_.streams_max) {
        result.ceiling_reason = fmt::format("a process may open {} file descriptors here",
                                            format_count(streams_allowed() + descriptors_aside));
      }
    } else {
      result.fixed = options_.streams;
      result.need = options_.need_rate;
      plan.whole = false;
      plan.floor = rate_floor;
      plan.ceiling =
          options_.rate_max.value_or(std::max(rate_default_max, options_.need_rate.value_or(0)));
      plan.start = options_.start_rate.value_or(10);
      if (!options_.rate_max) {
        result.ceiling_reason =
            fmt::format("--max-rate says how far to go, and is {:g}/s by default", plan.ceiling);
      }
    }
    plan.floor = std::min(plan.floor, plan.ceiling);
    return result;
  }

  AxisResult search(Axis axis) {
    AxisResult result = axis_of(axis);
    capacity::Search search(result.plan);
    for (;;) {
      const auto next = search.next();
      if (const auto* answer = std::get_if<capacity::Answer>(&next)) {
        result.answer = *answer;
        return result;
      }
      auto trial = try_load(axis, std::get<capacity::Trial>(next), result.trials.empty());
      if (!trial) {
        result.complete = false;
        if (!interrupted()) out_.errors.push_back(trial.error());
        return result;
      }
      search.record(trial->verdict.outcome);
      result.trials.push_back(std::move(*trial));
      if (hooks_.trial_done) hooks_.trial_done(result, result.trials.back());
      cool_down();
      if (interrupted()) {
        result.complete = false;
        return result;
      }
    }
  }

  /// `first`: of its axis. A target that cannot be reached then was never there; one that stops
  /// answering under load has given its answer.
  Result<TrialResult> try_load(Axis axis, const capacity::Trial& trial, bool first) {
    CapacityLoad load{options_.streams, options_.rate, options_.size_bytes, options_.hold};
    if (axis == Axis::streams) load.streams = static_cast<std::uint32_t>(std::lround(trial.load));
    if (axis == Axis::rate) load.rate = trial.load;
    auto plan = plan_for(load, out_.time_scale);
    if (!plan) return plan.error();
    ProgressBoard board(1, hooks_.plan.progress);
    const std::string name = capacity::load_text(axis, trial.load);
    ScenarioOutcome outcome = run_scenario(home_, *plan, plan->scenarios.front(),
                                           board.hooks(name, hooks_.plan.interrupted));
    board.end(name);
    if (interrupted()) return Error{ExitCode::inconclusive, "interrupted"};
    TrialResult result{trial, measured(load, outcome, std::thread::hardware_concurrency()), {}};
    const bool came_up = outcome.facts.swarm.streams > 0;
    if (!outcome.errors.empty()) {
      if (!came_up || (first && !outcome.usable)) return outcome.errors.front();
      result.measured.died = outcome.errors.front().message;
    } else if (first && !outcome.usable) {
      return target_error(fmt::format("not one of {} streams could be opened at '{}'",
                                      format_count(load.streams), plan->target.name));
    }
    result.verdict = judge(result.measured, out_.objectives);
    return result;
  }

  /// In steps, so that an interrupt is heard.
  void cool_down() const {
    const Instant until = net::now() + options_.cool_down;
    while (net::now() < until && !interrupted()) {
      std::this_thread::sleep_for(std::min<Duration>(until - net::now(), 20ms));
    }
  }

  [[nodiscard]] bool interrupted() const {
    return hooks_.plan.interrupted && *hooks_.plan.interrupted;
  }

  const Home& home_;
  const CapacityOptions& options_;
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
