#include "harness/run/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "harness/core/check/fold.hpp"
#include "harness/core/scenario/schedule.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/outcome.hpp"
#include "harness/run/path_actions.hpp"
#include "harness/run/processor_account.hpp"
#include "harness/run/rig.hpp"
#include "harness/run/saved_run.hpp"
#include "harness/run/target_actions.hpp"

namespace streamgauge::run {

namespace {

using namespace std::chrono_literals;

constexpr Duration tick = 10ms;
constexpr Duration sample_every = 50ms;
constexpr Duration hop_sample_every = 100ms;
constexpr Duration progress_every = 100ms;
constexpr Duration figures_every = 400ms;
constexpr Duration quiet_for = 250ms;  // no new event for so long: everything has arrived
constexpr Duration quiet_at_most = 5s;
constexpr Duration publisher_drain_at_most = 5s;
constexpr Duration path_patience = 2s;  // for heads to come through proxies
constexpr Duration liveness_every = 500ms;
constexpr Duration readiness_before_stop = 1s;

/// Tells this run's events from those that a predecessor left in a replay ring.
std::uint32_t run_number(Instant at) {
  return static_cast<std::uint32_t>(to_ns(at) / 1'000'000) & 0x7fff'ffffu;
}

/// Does the group tell by itself whether the target serves anybody?
bool must_open(const ClientGroup& group) {
  const bool allowed =
      group.credential == Credential::valid || group.credential == Credential::revocable;
  return !group.joins_later && allowed && group.stall == StallPoint::none &&
         group.request == RequestKind::events;
}

/// Does a check fold what the hops use, and what has left the target?
bool judges_path(const std::vector<std::string>& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const std::string& id) {
    const CheckSpec* spec = find_check(id);
    return spec != nullptr && (spec->wants & facts<fact::HopSample>()) != 0 &&
           spec->wants != ~std::uint32_t{0};
  });
}

class ScenarioRun {
 public:
  ScenarioRun(const Home& home, const Plan& plan, const PlannedScenario& planned,
              const Hooks& hooks)
      : plan_(plan),
        planned_(planned),
        hooks_(hooks),
        started_(net::now()),
        context_{plan.contract,
                 planned.scenario,
                 plan.target,
                 run_number(started_),
                 total_streams(planned.scenario),
                 names_of(planned.path)},
        schedule_(schedule(planned.scenario, plan.contract)),
        rig_(home, plan, planned, context_, started_, hooks.interrupted),
        watches_path_(!planned.path.empty() || judges_path(planned.checks)) {}

  ScenarioOutcome run() {
    if (auto opened = rig_.open(); opened) {
      target_.emplace(rig_, plan_, planned_.scenario);
      path_.emplace(rig_, plan_, planned_);
      connect();
      if (outcome_.usable) {
        play();
        settle();
      }
      rig_.tell_all(fact::PhaseBegan{static_cast<std::uint16_t>(planned_.scenario.phases.size())});
    } else {
      outcome_.usable = false;
      if (!interrupted()) outcome_.errors.push_back(opened.error());
    }
    finish();
    return std::move(outcome_);
  }

 private:
  /// Until every client that is to connect now has opened its stream or failed to, at most
  /// `connect_within`.
  void connect() {
    Duration longest_ramp{};
    std::uint64_t now_joining = 0;
    bool proof_expected = false;
    for (const ClientGroup& group : planned_.scenario.groups) {
      if (group.joins_later) continue;
      longest_ramp = std::max(longest_ramp, group.ramp);
      now_joining += group.streams;
      proof_expected |= must_open(group);
    }
    // A path may hold back even the heads: that is to be judged, and not to be waited for.
    const bool direct = planned_.path.empty();
    const Duration patience = direct ? planned_.scenario.connect_within
                                     : std::min(planned_.scenario.connect_within, path_patience);
    const Instant deadline = net::now() + longest_ramp + patience;
    while (!ended() && rig_.swarm().status().settled < now_joining && net::now() < deadline) {
      wait_until(net::now() + tick, "connecting", {});
    }
    outcome_.usable = !direct || !proof_expected || rig_.swarm().status().open > 0;
  }

  void play() {
    const Instant begin = net::now();
    watch_readiness_from_ = first_stop(begin);
    for (const Step& step : schedule_.steps) {
      wait_until(begin + step.at, phase_name_, net::now() - begin);
      if (ended()) break;
      std::visit([&](const auto& what) { execute(what); }, step.what);
    }
    wait_until(begin + schedule_.length, phase_name_, schedule_.length);
    target_->timeline_over(net::now());
    while (!ended() && (target_->busy() || path_->busy())) {
      wait_until(net::now() + tick, phase_name_, schedule_.length);
    }
    account_.end(rig_.generator(), target_->processor_times());
  }

  /// A second before the first order to stop; never, when there is none.
  [[nodiscard]] Instant first_stop(Instant begin) const {
    for (const Step& step : schedule_.steps) {
      const auto* act = std::get_if<step::Act>(&step.what);
      if (act == nullptr || !std::holds_alternative<action::StopTarget>(act->action)) continue;
      return begin + step.at - readiness_before_stop;
    }
    return Instant::max();
  }

  /// What was published must have its chance to arrive before anything is called lost.
  void settle() {
    if (auto* publisher = rig_.publisher()) {
      publisher->set({});
      if (!ended()) static_cast<void>(publisher->drain(publisher_drain_at_most));
    }
    const Instant give_up = net::now() + quiet_at_most;
    std::uint64_t seen = rig_.swarm().status().events;
    Instant last_change = net::now();
    while (!ended() && net::now() < give_up && net::now() - last_change < quiet_for) {
      wait_until(net::now() + tick, "settling", schedule_.length);
      if (const auto events = rig_.swarm().status().events; events != seen) {
        seen = events;
        last_change = net::now();
      }
    }
  }

  void execute(const step::BeginPhase& begin) {
    const Phase& phase = planned_.scenario.phases[begin.index];
    phase_name_ = phase.name;
    account_.begin(phase.name, rig_.generator(), target_->processor_times());
    rig_.tell_all(fact::PhaseBegan{begin.index});
    if (auto* publisher = rig_.publisher()) publisher->set(phase.publish);
  }

  void execute(const step::Act& act) {
    std::visit([&](const auto& action) { carry_out(action); }, act.action);
  }
  void execute(const step::Thaw&) { target_->thaw(); }

  [[nodiscard]] Duration length(const Span& span) const { return resolve(span, plan_.contract); }

  void carry_out(const action::StopReading& stop) {
    std::optional<Duration> resume;
    if (stop.resume_after) resume = length(*stop.resume_after);
    rig_.swarm().stop_reading(stop.group, resume);
  }
  void carry_out(const action::ResumeReading& resume) { rig_.swarm().resume_reading(resume.group); }
  void carry_out(const action::CloseStreams& close) {
    rig_.swarm().close_streams(close, length(close.spread));
  }
  void carry_out(const action::Join& join) { rig_.swarm().join(join.group, length(join.spread)); }
  void carry_out(const action::StallPath& stall) {
    rig_.swarm().stall_path(stall.group, length(stall.length));
  }
  void carry_out(const action::PublishProbes& probes) {
    if (auto* publisher = rig_.publisher()) publisher->publish_probes(probes.channel);
  }
  void carry_out(const action::Freeze&) { target_->freeze(); }
  void carry_out(const action::KillTarget& kill) { target_->kill(length(kill.restart_after)); }
  void carry_out(const action::StopTarget& stop) { target_->stop(stop.standby); }
  void carry_out(const action::SetVisible& order) {
    rig_.swarm().set_visible(order.group, order.visible);
  }
  void carry_out(const action::ChangeToken& order) {
    rig_.swarm().change_token(order.group, order.credential);
  }
  void carry_out(const action::Command& command) { target_->command(command); }
  void carry_out(const action::TurnHop& turn) { path_->turn(turn); }
  void carry_out(const action::AddFault& add) { path_->add_fault(add, net::now()); }
  void carry_out(const action::RemoveFaults& remove) { path_->remove_faults(remove); }

  /// Sleeps in ticks, sampling the target and looking after it; returns early when the run ended.
  void wait_until(Instant until, std::string_view phase, Duration elapsed) {
    const Instant from = net::now();
    for (Instant now = from; now < until && !ended(); now = net::now()) {
      if (now >= watch_readiness_from_) target_->watch_readiness();
      if (auto broken = target_->tick(now)) end_by(std::move(*broken));
      if (auto broken = path_->tick(now)) end_by(std::move(*broken));
      if (now - last_sample_ >= sample_every) sample(now);
      if (now - last_hop_sample_ >= hop_sample_every) sample_hops(now);
      if (now - last_liveness_ >= liveness_every) look_after_target(now);
      if (hooks_.progress && now - last_progress_ >= progress_every) {
        last_progress_ = now;
        if (now - last_figures_ >= figures_every) {
          last_figures_ = now;
          rig_.ask_figures();
        }
        const auto status = rig_.swarm().status();
        hooks_.progress({planned_.scenario.name, phase, elapsed + (now - from), schedule_.length,
                         status.streams, status.open, status.events, rig_.figures()});
      }
      std::this_thread::sleep_until(net::to_steady(std::min(until, now + tick)));
    }
  }

  void sample(Instant now) {
    last_sample_ = now;
    if (const auto sample = target_->sample()) rig_.observe(now, *sample);
  }

  void sample_hops(Instant now) {
    last_hop_sample_ = now;
    if (watches_path_) path_->sample(now);
  }

  void look_after_target(Instant now) {
    last_liveness_ = now;
    // A URL is asked only when there is reason to: an open stream is proof enough of life.
    const auto status = rig_.swarm().status();
    if (!rig_.target().spawned() && (status.open > 0 || status.refused == refusals_seen_)) return;
    refusals_seen_ = status.refused;
    if (const auto how = target_->died()) {
      rig_.observe(now, fact::TargetDied{rig_.keep(*how)});
      end_by(
          target_error(fmt::format("the target '{}' died during scenario '{}', phase '{}': {}",
                                   plan_.target.name, planned_.scenario.name, phase_name_, *how)));
    }
  }

  void end_by(Error error) {
    dead_ = true;
    if (!interrupted()) outcome_.errors.push_back(std::move(error));
  }

  [[nodiscard]] bool interrupted() const { return hooks_.interrupted && *hooks_.interrupted; }
  [[nodiscard]] bool ended() const { return dead_ || interrupted(); }

  void finish() {
    const Instant end = net::now();
    outcome_.interrupted = interrupted();
    std::vector<std::string> notes;
    if (target_) notes = target_->notes();
    if (path_) path_->take_accounts();
    if (path_) notes.insert(notes.end(), path_->notes().begin(), path_->notes().end());
    path_.reset();
    target_.reset();
    rig_.close();
    const RunFacts facts{started_, end, rig_.last_swarm_status(), rig_.last_publisher_status(),
                         account_.take()};
    if (facts.publisher.uneven > 0) {
      notes.push_back(fmt::format(
          "{} messages were taken by one of the two instances only: their ids may differ",
          facts.publisher.uneven));
    }
    const auto total = rig_.total();
    const bool opened = rig_.had_clients();
    outcome_.result = opened ? scenario_result(planned_, *total, facts)
                             : unopened_result(planned_, started_, end);
    outcome_.result.wire = rig_.wire(outcome_.result.checks);
    auto& all = outcome_.result.notes;
    all.insert(all.end(), notes.begin(), notes.end());
    if (auto saved = save_history(plan_, planned_, context_, *total, facts, opened); !saved) {
      outcome_.errors.push_back(saved.error());
    }
    outcome_.facts = facts;
  }

  const Plan& plan_;
  const PlannedScenario& planned_;
  const Hooks& hooks_;
  Instant started_;
  CheckContext context_;
  Schedule schedule_;
  Rig rig_;
  std::optional<TargetActions> target_;  // while the rig is open
  std::optional<PathActions> path_;      // likewise
  const bool watches_path_;              // its memory, disk and bytes: for whoever judges them

  std::string phase_name_ = "connecting";
  ProcessorAccount account_;
  Instant watch_readiness_from_ = Instant::max();
  Instant last_sample_{}, last_hop_sample_{}, last_liveness_{}, last_progress_{}, last_figures_{};
  std::uint64_t refusals_seen_ = 0;
  bool dead_ = false;
  ScenarioOutcome outcome_;
};

}  // namespace

ScenarioOutcome run_scenario(const Home& home, const Plan& plan, const PlannedScenario& planned,
                             const Hooks& hooks) {
  return ScenarioRun(home, plan, planned, hooks).run();
}

}  // namespace streamgauge::run
