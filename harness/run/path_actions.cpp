#include "harness/run/path_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/net/clock.hpp"
#include "harness/net/outflow.hpp"

namespace streamgauge::run {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view reload_fault = "hop-reload";
constexpr std::string_view restart_fault = "hop-restart";
constexpr Duration look_every = 200ms;

}  // namespace

PathActions::PathActions(Rig& rig, const Plan& plan, const PlannedScenario& planned)
    : rig_(rig), plan_(plan), planned_(planned), hops_(planned.path.size()) {}

PathActions::~PathActions() {
  for (HopState& hop : hops_) {
    if (hop.restart.valid()) hop.restart.wait();
  }
}

void PathActions::note(std::string text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) {
    notes_.push_back(std::move(text));
  }
}

void PathActions::take_accounts() {
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    if (hops_[hop - 1].restart.valid()) continue;
    if (const auto text = rig_.path().hop(hop).account(); !text.empty()) {
      note(name_of(hop) + " " + text);
    }
  }
}

std::string PathActions::name_of(std::size_t hop) const {
  return fmt::format("'{}' (hop {} of {})", planned_.path[hop - 1].spec.name, hop, hops_.size());
}

void PathActions::turn(const action::TurnHop& turn) {
  if (hops_.empty()) return note("nothing was reloaded or restarted: there is no proxy between");
  if (turn.hop > hops_.size()) {
    return note(fmt::format("hop {} was left alone: the path has {}", turn.hop, hops_.size()));
  }
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    if (turn.hop == 0 || turn.hop == hop) turn_one(hop, turn.how);
  }
}

/// Told before it happens, so that no stream ends earlier than its reason.
void PathActions::turn_one(std::size_t hop, action::TurnHop::How how) {
  using How = action::TurnHop::How;
  if (hops_[hop - 1].restart.valid()) return note(name_of(hop) + " was on its way back already");
  net::Hop& it = rig_.path().hop(hop);
  const Instant at = net::now();
  if (how == How::reload) {
    const auto said = it.reload();
    if (!said) return note(name_of(hop) + " cannot be told to reload");
    rig_.tell_all(fact::FaultBegan{reload_fault}, at);
    rig_.tell_all(fact::HopChanged{static_cast<std::uint16_t>(hop), HopEvent::reload_ordered,
                                   rig_.keep(*said)},
                  at);
    return;
  }
  if (!it.can_restart()) return note(name_of(hop) + " cannot be restarted");
  const bool killed = how == How::kill;
  rig_.tell_all(fact::FaultBegan{restart_fault}, at);
  rig_.tell_all(
      fact::HopChanged{
          static_cast<std::uint16_t>(hop), killed ? HopEvent::killed : HopEvent::stop_ordered, {}},
      at);
  // Off this thread: ending in order may take long, and the timeline goes on.
  hops_[hop - 1].restart = std::async(std::launch::async, [&it, killed]() -> Result<void> {
    it.end(killed);
    return it.start_again();
  });
}

void PathActions::add_fault(const action::AddFault& add, Instant now) {
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    const bool chaos = !planned_.path[hop - 1].spec.spawn;
    if (add.hop == 0 ? !chaos : add.hop != hop) continue;
    if (auto added = rig_.path().hop(hop).add_fault(add.fault); !added) {
      return note(added.error().message);
    }
    HopState& state = hops_[hop - 1];
    state.faults.push_back("chaos " + add.fault);
    rig_.tell_all(fact::FaultBegan{rig_.keep(state.faults.back())});
    if (add.length) state.faults_until = now + resolve(*add.length, plan_.contract);
    return;
  }
  note(fmt::format("the fault '{}' was not added: the path has no hop of the chaos proxy for it",
                   add.fault));
}

void PathActions::remove_faults(const action::RemoveFaults& remove) {
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    if (remove.hop == 0 || remove.hop == hop) end_faults(hop);
  }
}

void PathActions::end_faults(std::size_t hop) {
  HopState& state = hops_[hop - 1];
  state.faults_until.reset();
  if (state.faults.empty()) return;
  rig_.path().hop(hop).remove_faults();
  for (auto& fault : state.faults) rig_.tell_all(fact::FaultEnded{rig_.keep(fault)});
  state.faults.clear();
}

std::optional<Error> PathActions::tick(Instant now) {
  const bool look = now - looked_after_ >= look_every;
  if (look) looked_after_ = now;
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    HopState& state = hops_[hop - 1];
    if (state.faults_until && now >= *state.faults_until) end_faults(hop);
    if (auto broken = take_restart(hop, now)) return broken;
    if (look && !state.restart.valid()) {
      if (auto broken = look_after(hop, now)) return broken;
    }
  }
  return std::nullopt;
}

std::optional<Error> PathActions::take_restart(std::size_t hop, Instant now) {
  auto& restart = hops_[hop - 1].restart;
  if (!restart.valid() || restart.wait_for(0s) != std::future_status::ready) return std::nullopt;
  if (auto restarted = restart.get(); !restarted) {
    hops_[hop - 1].dead = true;
    return restarted.error();
  }
  rig_.tell_all(fact::HopChanged{static_cast<std::uint16_t>(hop), HopEvent::restarted, {}}, now);
  rig_.tell_all(fact::FaultEnded{restart_fault}, now);
  return std::nullopt;
}

std::optional<Error> PathActions::look_after(std::size_t hop, Instant now) {
  const auto how = rig_.path().hop(hop).died();
  if (!how || hops_[hop - 1].dead) return std::nullopt;
  hops_[hop - 1].dead = true;
  rig_.observe(now,
               fact::HopChanged{static_cast<std::uint16_t>(hop), HopEvent::died, rig_.keep(*how)});
  return target_error(fmt::format("the proxy {} died during scenario '{}': {}", name_of(hop),
                                  planned_.scenario.name, *how));
}

void PathActions::sample(Instant now) {
  if (const auto sent = rig_.sent_bytes()) {
    rig_.observe(now, fact::HopSample{0, 0, 0, 0, *sent});
  }
  for (std::size_t hop = 1; hop <= hops_.size(); ++hop) {
    if (hops_[hop - 1].restart.valid()) continue;
    auto sample = rig_.path().hop(hop).sample();
    if (!sample) continue;
    sample->hop = static_cast<std::uint16_t>(hop);
    rig_.observe(now, *sample);
  }
}

bool PathActions::busy() const {
  return std::any_of(hops_.begin(), hops_.end(),
                     [](const HopState& hop) { return hop.restart.valid(); });
}

}  // namespace streamgauge::run
