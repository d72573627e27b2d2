#include "harness/run/target_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/net/clock.hpp"

namespace streamgauge::run {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view restart_fault = "restart";
constexpr std::string_view freeze_fault = "freeze";
constexpr Duration exit_work = 1s;  // after the grace, where the contract states no exit_within
constexpr int patience = 3;         // times exit_within, before a target that lingers is killed

}  // namespace

TargetActions::TargetActions(Rig& rig, const Plan& plan, const Scenario& scenario)
    : rig_(rig), plan_(plan), scenario_(scenario) {}

TargetActions::~TargetActions() {
  if (restart_.valid()) restart_.wait();
}

void TargetActions::note(std::string text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) {
    notes_.push_back(std::move(text));
  }
}

void TargetActions::freeze() {
  if (!rig_.target().spawned()) {
    return note("the target was not frozen: its processes are not the harness's");
  }
  if (state_ != State::up) return note("the target was not frozen: it did not run at that moment");
  state_ = State::frozen;
  rig_.tell_all(fact::FaultBegan{freeze_fault});
  rig_.target().freeze();
}

void TargetActions::thaw() {
  if (state_ != State::frozen) return;
  state_ = State::up;
  rig_.target().thaw();
  rig_.tell_all(fact::FaultEnded{freeze_fault});
}

/// Told before it happens, so that no stream ends earlier than its reason.
void TargetActions::kill(Duration restart_after) {
  if (!rig_.target().spawned()) {
    return note("the target was not killed: its processes are not the harness's");
  }
  thaw();
  if (state_ != State::up) return note("the target was not killed: it did not run at that moment");
  state_ = State::down;
  const Instant at = net::now();
  due_ = at + restart_after;
  rig_.tell_all(fact::FaultBegan{restart_fault}, at);
  rig_.tell_all(fact::TargetChanged{TargetEvent::killed, 0, {}}, at);
  rig_.target().kill();
}

/// The state is looked at first: while the target restarts, it is another thread's.
void TargetActions::stop(bool with_standby) {
  thaw();
  if (state_ != State::up) return note("the target was not told to stop: it did not run then");
  auto how = rig_.target().stop_order();
  const bool by_signal = how.has_value();
  if (!how && !rig_.target().spawned() && rig_.target().takes("drain")) how = "drain command";
  if (!how) {
    return note("the target was not told to stop: it is not started here and has no drain command");
  }
  if (with_standby && rig_.standby() == nullptr) {
    note("no second instance took over: the target is not started by the harness");
  }
  state_ = State::stopping;
  const Instant at = net::now();
  due_ = at + patience * exit_within();
  rig_.tell_all(fact::TargetChanged{TargetEvent::stop_ordered, 0, rig_.keep(*how)}, at);
  if (with_standby && rig_.standby() != nullptr) {
    switched_ = true;
    rig_.swarm().switch_endpoint(rig_.standby_streams());
    if (auto* publisher = rig_.publisher()) publisher->switch_to_standby();
    rig_.tell_all(fact::TargetChanged{TargetEvent::switched, 0, {}});
  }
  if (by_signal) {
    rig_.target().order_stop();
  } else {
    command({"drain", std::nullopt, 0});
    state_ = State::gone;  // nobody here will learn when
  }
}

Duration TargetActions::exit_within() const {
  const auto& drain = plan_.contract.drain;
  if (drain && drain->exit_within) return *drain->exit_within;
  return resolve(Span{TimeUnit::grace, {}, 1}, plan_.contract) + exit_work;
}

void TargetActions::command(const action::Command& command) {
  const bool moved = switched_ && state_ == State::gone;
  const net::Target& to = moved ? *rig_.standby() : rig_.target();
  if (!to.takes(command.name)) {
    return note(fmt::format("'{}' was not sent: the target has no such command", command.name));
  }
  auto orders = command_orders(command, scenario_, plan_.target.tokens, to);
  for (auto& order : orders) order.name = rig_.keep(command.name);
  commands_.give(std::move(orders));
}

void TargetActions::watch_readiness() {
  if (poller_ || state_ != State::up) return;
  if (auto question = rig_.target().ready_question()) {
    poller_ = std::make_unique<net::ReadyPoller>(std::move(*question));
  }
}

std::optional<Error> TargetActions::tick(Instant now) {
  report_readiness();
  report_answers();
  switch (state_) {
    case State::down:
      if (now < due_) return std::nullopt;
      state_ = State::restarting;
      // Off this thread: it may take long, and the timeline goes on.
      restart_ = std::async(std::launch::async, [this] { return rig_.target().restart(); });
      return std::nullopt;
    case State::restarting:
      return take_restart(now);
    case State::stopping:
      look_for_exit(now);
      return std::nullopt;
    case State::up:
    case State::frozen:
    case State::gone:
      return std::nullopt;
  }
  return std::nullopt;
}

void TargetActions::report_answers() {
  for (const auto& [name, group, answer] : commands_.take()) {
    rig_.tell_all(fact::Commanded{name, group, answer.status, answer.took}, answer.answered);
    if (answer.status != 0) continue;
    note(fmt::format("the command '{}' was not answered: {}", name, answer.failure));
  }
}

void TargetActions::report_readiness() {
  if (!poller_) return;
  for (const auto& seen : poller_->take()) rig_.observe(seen.at, seen.what);
}

std::optional<Error> TargetActions::take_restart(Instant now) {
  if (restart_.wait_for(0s) != std::future_status::ready) return std::nullopt;
  if (auto restarted = restart_.get(); !restarted) {
    state_ = State::gone;
    const auto why = rig_.keep(restarted.error().message);
    rig_.observe(now, fact::TargetDied{why});
    return restarted.error();
  }
  state_ = State::up;
  rig_.tell_all(fact::TargetChanged{TargetEvent::restarted, 0, {}}, now);
  rig_.tell_all(fact::FaultEnded{restart_fault}, now);
  return std::nullopt;
}

void TargetActions::look_for_exit(Instant now) {
  const auto code = rig_.target().exited();
  if (!code && now < due_) return;
  state_ = State::gone;
  poller_.reset();
  if (code) {
    rig_.tell_all(fact::TargetChanged{TargetEvent::exited, *code, {}}, now);
  } else {
    rig_.tell_all(fact::TargetChanged{TargetEvent::lingers, 0, {}}, now);
    rig_.target().kill();
  }
}

void TargetActions::timeline_over(Instant now) {
  thaw();
  if (state_ == State::down) due_ = std::min(due_, now);
}

bool TargetActions::busy() const {
  return state_ == State::down || state_ == State::restarting || state_ == State::stopping ||
         !commands_.idle();
}

std::optional<fact::Sample> TargetActions::sample() const {
  const bool runs = state_ == State::up || state_ == State::frozen || state_ == State::stopping;
  return runs ? rig_.target().sample() : std::nullopt;
}

net::ThreadTimes TargetActions::processor_times() const {
  if (state_ == State::restarting) return {};
  auto times = rig_.target().processor_times();
  if (rig_.standby() != nullptr) times.merge(rig_.standby()->processor_times());
  return times;
}

std::optional<std::string> TargetActions::died() {
  if (state_ == State::up) return rig_.target().died();
  if (!switched_) return std::nullopt;
  const auto how = rig_.standby()->died();
  if (!how) return std::nullopt;
  return fmt::format("the second instance: {}", *how);
}

}  // namespace streamgauge::run
