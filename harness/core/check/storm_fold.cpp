#include "harness/core/check/storm_fold.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/http/head.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

constexpr Duration when_unstated = 5s;

Duration longest_outage(const Scenario& scenario, const Contract& contract) {
  Duration longest{};
  for (const auto& phase : scenario.phases) {
    for (const auto& timed : phase.actions) {
      if (const auto* kill = std::get_if<action::KillTarget>(&timed.action)) {
        longest = std::max(longest, resolve(kill->restart_after, contract));
      }
    }
  }
  return longest;
}

std::uint32_t whole_seconds(std::string_view head) {
  const auto value = http::field(head, "retry-after");
  std::uint32_t seconds = 0;
  for (const char c : value.value_or("")) {
    if (c < '0' || c > '9' || seconds > 100'000'000) return 0;
    seconds = seconds * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return seconds;
}

}  // namespace

StormFold::StormFold(const CheckContext& context)
    : scenario_(&context.scenario),
      recovered_within_(context.contract.storm ? context.contract.storm->recovered_within
                                               : when_unstated),
      at_once_(std::clamp<Duration>(recovered_within_ / 4, 200ms, 1s)),
      outage_(longest_outage(context.scenario, context.contract)),
      settled_(std::min<Duration>(recovered_within_ / 10, 500ms)),
      timeline_(context.scenario) {}

void StormFold::on(const Record& record) {
  if (record.stream == no_stream) {
    timeline_.on(record);
    target_.on(record);
    return;
  }
  timeline_.see(record.at);
  auto& state = streams_[record.stream];
  if (const auto* retry = std::get_if<fact::Retry>(&record.fact)) {
    state.told_ms = static_cast<std::uint32_t>(std::min<std::uint64_t>(retry->milliseconds, ~0u));
    return;
  }
  const auto* closed = std::get_if<fact::Closed>(&record.fact);
  if (closed != nullptr && state.life.open) {
    on_closed(record.at, closed->ending, state);
  } else {
    if (std::holds_alternative<fact::Connecting>(record.fact)) state.answered = false;
    if (state.away) on_away(record, state, state.absences[state.count - 1u]);
  }
  state.life.on(record);
}

/// Let in and cut again by the target or the path: it was not back after all. What the harness cuts
/// itself is an absence of its own, however late the client had been to return.
void StormFold::on_closed(Instant at, Ending ending, State& state) const {
  if (state.count > 0 && ending != Ending::local) {
    auto& last = state.absences[state.count - 1u];
    if (last.returned() && at - last.back < settled_) {
      last.back = {};
      last.flaps = static_cast<std::uint16_t>(last.flaps + 1);
      state.away = true;
      return;
    }
  }
  state.away = state.count < absences_max;
  if (!state.away) return;
  auto& absence = state.absences[state.count++];
  absence.cut = at;
  absence.told_ms = state.told_ms;
}

void StormFold::on_away(const Record& record, State& state, Absence& absence) {
  std::visit(Overloaded{
                 [&](const fact::ReconnectScheduled& f) {
                   if (!absence.reached()) {
                     absence.waited += f.delay;
                     absence.last_wait = record.at;
                   }
                   if (absence.delays < Absence::attempts_told) {
                     const auto before =
                         absence.delays == 0 ? Absence::Tick{} : absence.due[absence.delays - 1u];
                     absence.due[absence.delays++] =
                         before + std::chrono::duration_cast<Absence::Tick>(f.delay);
                   }
                 },
                 [&](const fact::Connected&) {
                   if (!absence.reached()) absence.arrived = record.at;
                 },
                 [&](const fact::Headers& f) {
                   state.answered = true;
                   if (f.status == 200) {
                     absence.back = record.at;
                     state.away = false;
                   } else {
                     absence.status = static_cast<std::int16_t>(f.status);
                     absence.retry_after = whole_seconds(f.head);
                   }
                 },
                 [&](const fact::Closed&) {
                   // Taken by the kernel on behalf of a process that was already dying.
                   if (!state.answered && absence.flaps == 0) absence.arrived = {};
                 },
                 [&](const fact::GaveUp&) { absence.gave_up = true; },
                 [](const auto&) {},
             },
             record.fact);
}

bool StormFold::can_return(const State& state) const {
  return state.life.group >= scenario_->groups.size() ||
         scenario_->groups[state.life.group].policy.kind != PolicyKind::none;
}

std::vector<StormFold::Cut> StormFold::cuts() const {
  std::vector<Cut> cuts;
  streams_.each([&](StreamId id, const State& state) {
    if (!can_return(state)) return;
    for (std::size_t i = 0; i < state.count; ++i) {
      const auto& absence = state.absences[i];
      if (absence.cut < timeline_.end()) cuts.push_back({absence.cut, id, &absence});
    }
  });
  std::sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) {
    return std::tie(a.at, a.stream) < std::tie(b.at, b.stream);
  });
  return cuts;
}

std::size_t StormFold::wave_min() const {
  std::size_t streams = 0;
  streams_.each([&](StreamId, const State& state) {
    streams += state.life.ever_open && can_return(state) ? 1 : 0;
  });
  return std::max(clients_min, (streams + 1) / 2);
}

std::vector<Wave> StormFold::waves() const {
  const auto all = cuts();
  const auto needed = wave_min();
  std::vector<Wave> waves;
  std::size_t last = 0;  // beyond the last cut within reach of `first`
  for (std::size_t first = 0; first < all.size();) {
    last = std::max(last, first);
    while (last < all.size() && all[last].at - all[first].at <= at_once_) ++last;
    if (last - first < needed) {
      ++first;
      continue;
    }
    Wave wave{all[first].at, {}};
    for (; first < last; ++first) wave.members.push_back({all[first].stream, all[first].absence});
    waves.push_back(std::move(wave));
  }
  return waves;
}

const TargetTrail::Change* StormFold::killed(const Absence& absence) const {
  const auto until = absence.returned() ? absence.back : timeline_.end();
  const TargetTrail::Change* last = nullptr;
  for (const auto& change : target_.changes()) {
    if (change.what == TargetEvent::killed && change.at <= until) last = &change;
  }
  return last;
}

std::optional<Instant> StormFold::reachable(const Absence& absence) const {
  auto from = absence.cut;
  if (const auto* kill = killed(absence)) {
    const auto* restarted = target_.next(TargetEvent::restarted, kill->at);
    if (!restarted) return std::nullopt;
    from = std::max(from, restarted->at);
  }
  // Let in before the harness had noticed that the target was ready again.
  return absence.returned() ? std::min(from, absence.back) : from;
}

bool StormFold::outwaited(const Absence& absence) const {
  const auto* kill = killed(absence);
  if (kill == nullptr) return false;
  const auto* restarted = target_.next(TargetEvent::restarted, kill->at);
  return restarted && restarted->at - kill->at > outage_ + recovered_within_ / 10 &&
         absence.last_wait != Instant{} && absence.last_wait < restarted->at;
}

std::string StormFold::no_wave() const {
  const auto all = cuts();
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < all.size(); ++last) {
    while (all[last].at - all[first].at > at_once_) ++first;
    most = std::max(most, last - first + 1);
  }
  return fmt::format(
      "at most {} streams that return were cut at once; {} are needed: cut them all within {} ms",
      most, wave_min(), std::chrono::duration_cast<std::chrono::milliseconds>(at_once_).count());
}

}  // namespace streamgauge
