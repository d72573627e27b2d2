#include "harness/run/engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "harness/core/contract/load.hpp"
#include "harness/core/scenario/schedule.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/publisher.hpp"
#include "harness/net/swarm.hpp"
#include "harness/net/target.hpp"
#include "harness/run/fold.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

using namespace std::chrono_literals;

constexpr Duration tick = 10ms;
constexpr Duration sample_every = 50ms;
constexpr Duration progress_every = 100ms;
constexpr Duration quiet_for = 250ms;  // no new event for so long: everything has arrived
constexpr Duration quiet_at_most = 5s;
constexpr Duration publisher_drain_at_most = 5s;
constexpr Duration liveness_every = 500ms;

std::uint32_t total_streams(const Scenario& scenario) {
  std::uint32_t total = 0;
  for (const ClientGroup& group : scenario.groups) total += group.streams;
  return total;
}

/// Tells this run's events from those that a predecessor left in a replay ring.
std::uint32_t run_number(Instant at) {
  return static_cast<std::uint32_t>(to_ns(at) / 1'000'000) & 0x7fff'ffffu;
}

class ScenarioRun {
 public:
  ScenarioRun(const Home& home, const Plan& plan, const PlannedScenario& planned,
              const Hooks& hooks)
      : home_(home),
        plan_(plan),
        planned_(planned),
        hooks_(hooks),
        started_(net::now()),
        context_{plan.contract, planned.scenario, plan.target, run_number(started_),
                 total_streams(planned.scenario)},
        schedule_(schedule(planned.scenario, plan.contract)) {}

  ScenarioOutcome run() {
    if (open_target() && start_clients()) {
      connect();
      if (outcome_.usable) {
        play();
        settle();
      }
      tell_all(fact::PhaseBegan{static_cast<std::uint16_t>(planned_.scenario.phases.size())});
    }
    finish();
    return std::move(outcome_);
  }

 private:
  bool open_target() {
    net::TargetOptions options;
    options.build_dir = home_.build_dir;
    options.contract_yaml = write_contract(plan_.contract);
    options.time_scale = plan_.time_scale;
    options.flaws = plan_.flaws;
    options.search = home_.programs;
    auto target = net::Target::open(plan_.target, options);
    if (!target) {
      outcome_.errors.push_back(target.error());
      outcome_.usable = false;
      return false;
    }
    target_.emplace(std::move(*target));
    return true;
  }

  bool start_clients() {
    for (unsigned i = 0; i < plan_.threads; ++i) folds_.push_back(new_fold());
    net::SwarmConfig config;
    config.scenario = &planned_.scenario;
    config.endpoint = target_->streams();
    for (auto& fold : folds_) config.sinks.push_back(fold.get());
    config.seed = planned_.scenario.seed;
    swarm_ = std::make_unique<net::Swarm>(std::move(config));
    engine_fold_ = new_fold();
    if (const auto publish = target_->publish()) {
      publisher_fold_ = new_fold();
      net::PublisherConfig publisher;
      publisher.scenario = &planned_.scenario;
      publisher.endpoint = target_->streams();
      publisher.publish = *publish;
      publisher.sink = publisher_fold_.get();
      publisher.run = context_.run;
      publisher_ = std::make_unique<net::Publisher>(std::move(publisher));
      publisher_->start();
    }
    if (auto begun = swarm_->start(); !begun) {
      outcome_.errors.push_back(begun.error());
      outcome_.usable = false;
      return false;
    }
    return true;
  }

  std::unique_ptr<Fold> new_fold() {
    return std::make_unique<Fold>(context_, planned_.checks, started_);
  }

  /// Until every client has opened its stream or failed to, at most `connect_within`.
  void connect() {
    Duration longest_ramp{};
    for (const ClientGroup& group : planned_.scenario.groups) {
      longest_ramp = std::max(longest_ramp, group.ramp);
    }
    const Instant deadline = net::now() + longest_ramp + planned_.scenario.connect_within;
    while (!ended()) {
      const auto status = swarm_->status();
      if (status.settled >= context_.streams || net::now() >= deadline) break;
      wait_until(net::now() + tick, "connecting", {});
    }
    outcome_.usable = swarm_->status().open > 0;
  }

  void play() {
    const Instant begin = net::now();
    for (const Step& step : schedule_.steps) {
      wait_until(begin + step.at, phase_name_, net::now() - begin);
      if (ended()) break;
      std::visit([&](const auto& what) { execute(what); }, step.what);
    }
    wait_until(begin + schedule_.length, phase_name_, schedule_.length);
    if (frozen_) execute(step::Thaw{});
    end_phase();
  }

  /// What the machine gave to whom, phase by phase.
  void begin_phase(const std::string& name) {
    end_phase();
    phase_begin_ = PhaseBegin{net::now(), net::machine_busy_time(),
                              net::thread_times(::getpid(), false), target_->processor_times()};
    phase_name_ = name;
  }
  void end_phase() {
    if (!phase_begin_) return;
    const PhaseBegin& from = *phase_begin_;
    processor_use_.push_back({phase_name_, net::now() - from.at,
                              net::machine_busy_time() - from.machine_busy,
                              net::between(from.harness, net::thread_times(::getpid(), false)),
                              net::sum(net::between(from.target, target_->processor_times()))});
    phase_begin_.reset();
  }

  /// What was published must have its chance to arrive before anything is called lost.
  void settle() {
    if (publisher_) {
      publisher_->set({});
      if (!ended()) static_cast<void>(publisher_->drain(publisher_drain_at_most));
    }
    const Instant give_up = net::now() + quiet_at_most;
    std::uint64_t seen = swarm_->status().events;
    Instant last_change = net::now();
    while (!ended() && net::now() < give_up && net::now() - last_change < quiet_for) {
      wait_until(net::now() + tick, "settling", schedule_.length);
      if (const auto events = swarm_->status().events; events != seen) {
        seen = events;
        last_change = net::now();
      }
    }
  }

  void execute(const step::BeginPhase& begin) {
    const Phase& phase = planned_.scenario.phases[begin.index];
    begin_phase(phase.name);
    tell_all(fact::PhaseBegan{begin.index});
    if (publisher_) publisher_->set(phase.publish);
  }

  void execute(const step::Act& act) {
    std::visit([&](const auto& action) { carry_out(action); }, act.action);
  }

  void execute(const step::Thaw&) {
    if (!frozen_) return;
    frozen_ = false;
    target_->thaw();
    tell_all(fact::FaultEnded{"freeze"});
  }

  void carry_out(const action::StopReading& stop) {
    std::optional<Duration> resume;
    if (stop.resume_after) resume = resolve(*stop.resume_after, plan_.contract);
    swarm_->stop_reading(stop.group, resume);
  }
  void carry_out(const action::ResumeReading& resume) { swarm_->resume_reading(resume.group); }
  void carry_out(const action::CloseStreams& close) {
    swarm_->close_streams(close, resolve(close.spread, plan_.contract));
  }
  void carry_out(const action::PublishProbes& probes) {
    if (publisher_) publisher_->publish_probes(probes.channel);
  }
  // Not carried out yet.
  void carry_out(const action::Join&) {}
  void carry_out(const action::StallPath&) {}
  void carry_out(const action::KillTarget&) {}
  void carry_out(const action::StopTarget&) {}
  void carry_out(const action::Command&) {}
  void carry_out(const action::Freeze&) {
    if (!target_->spawned()) return;  // the checks see no freeze then, and judge without it
    frozen_ = true;
    tell_all(fact::FaultBegan{"freeze"});
    target_->freeze();
  }

  /// Every thread learns of phases and faults in order with its own records.
  template <class F>
  void tell_all(F fact) {
    const Record record{net::now(), no_stream, fact};
    const auto tell = [record](RecordSink& sink) { sink.on(record); };
    if (swarm_) swarm_->tell_sinks(tell);
    if (publisher_) publisher_->tell_sink(tell);
    if (engine_fold_) engine_fold_->on(record);
  }

  /// Sleeps in ticks, sampling the target and looking after it; returns early when the run ended.
  void wait_until(Instant until, std::string_view phase, Duration elapsed) {
    const Instant from = net::now();
    for (Instant now = from; now < until && !ended(); now = net::now()) {
      if (now - last_sample_ >= sample_every) sample(now);
      if (now - last_liveness_ >= liveness_every) look_after_target(now);
      if (hooks_.progress && now - last_progress_ >= progress_every) {
        last_progress_ = now;
        const auto status = swarm_->status();
        hooks_.progress({planned_.scenario.name, phase, elapsed + (now - from), schedule_.length,
                         status.streams, status.open, status.events});
      }
      std::this_thread::sleep_until(net::to_steady(std::min(until, now + tick)));
    }
    if (hooks_.interrupted && *hooks_.interrupted) outcome_.interrupted = true;
  }

  void sample(Instant now) {
    last_sample_ = now;
    if (const auto sample = target_->sample()) engine_fold_->on({now, no_stream, *sample});
  }

  void look_after_target(Instant now) {
    last_liveness_ = now;
    if (frozen_) return;
    // A URL is asked only when there is reason to: an open stream is proof enough of life.
    if (!target_->spawned() &&
        (!swarm_ || swarm_->status().open > 0 || swarm_->status().refused == refusals_seen_)) {
      return;
    }
    if (swarm_) refusals_seen_ = swarm_->status().refused;
    if (const auto how = target_->died()) {
      dead_ = true;
      engine_fold_->on({now, no_stream, fact::TargetDied{*how}});
      outcome_.errors.push_back(
          target_error(fmt::format("the target '{}' died during scenario '{}', phase '{}': {}",
                                   plan_.target.name, planned_.scenario.name, phase_name_, *how)));
    }
  }

  [[nodiscard]] bool ended() const { return dead_ || (hooks_.interrupted && *hooks_.interrupted); }

  void finish() {
    const Instant end = net::now();
    if (swarm_) status_ = swarm_->status();
    if (swarm_) swarm_->stop();
    if (publisher_) {
      publisher_status_ = publisher_->status();
      publisher_->stop();
    }
    target_.reset();
    Fold total(context_, planned_.checks, started_);
    for (const auto& fold : folds_) total.merge(*fold);
    if (publisher_fold_) total.merge(*publisher_fold_);
    if (engine_fold_) total.merge(*engine_fold_);
    if (!folds_.empty()) {
      outcome_.result = scenario_result(
          planned_, total, {started_, end, status_, publisher_status_, std::move(processor_use_)});
    } else {
      outcome_.result = unopened_result(planned_, started_, end);
    }
  }

  const Home& home_;
  const Plan& plan_;
  const PlannedScenario& planned_;
  const Hooks& hooks_;
  Instant started_;
  CheckContext context_;
  Schedule schedule_;

  // Declared before what calls them, so that they outlive it.
  std::vector<std::unique_ptr<Fold>> folds_;
  std::unique_ptr<Fold> publisher_fold_, engine_fold_;
  std::optional<net::Target> target_;
  std::unique_ptr<net::Swarm> swarm_;
  std::unique_ptr<net::Publisher> publisher_;

  struct PhaseBegin {
    Instant at;
    Duration machine_busy;
    net::ThreadTimes harness, target;
  };
  std::string phase_name_ = "connecting";
  std::optional<PhaseBegin> phase_begin_;
  std::vector<PhaseUse> processor_use_;
  Instant last_sample_{}, last_liveness_{}, last_progress_{};
  std::uint64_t refusals_seen_ = 0;
  bool frozen_ = false;
  bool dead_ = false;
  net::SwarmStatus status_;
  net::PublisherStatus publisher_status_;
  ScenarioOutcome outcome_;
};

}  // namespace

ScenarioOutcome run_scenario(const Home& home, const Plan& plan, const PlannedScenario& planned,
                             const Hooks& hooks) {
  return ScenarioRun(home, plan, planned, hooks).run();
}

}  // namespace streamgauge::run
