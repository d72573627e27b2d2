#include "harness/core/result/mark_fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace streamgauge {
namespace {

/// The words for an action, and how long it takes; none for actions that facts tell of.
struct Described {
  std::string name;
  std::optional<Duration> length;
};

class Describer {
 public:
  Describer(const Scenario& scenario, const Contract& contract)
      : scenario_(scenario), contract_(contract) {}

  std::optional<Described> operator()(const action::StopReading& a) const {
    Described out{group(a.group) + " stop reading", std::nullopt};
    if (a.resume_after) out.length = resolve(*a.resume_after, contract_);
    return out;
  }
  std::optional<Described> operator()(const action::ResumeReading& a) const {
    return Described{group(a.group) + " read again", std::nullopt};
  }
  std::optional<Described> operator()(const action::CloseStreams& a) const {
    return Described{fmt::format("{} close ({})", group(a.group), to_string(a.how)),
                     resolve(a.spread, contract_)};
  }
  std::optional<Described> operator()(const action::Join& a) const {
    return Described{group(a.group) + " join", resolve(a.spread, contract_)};
  }
  std::optional<Described> operator()(const action::StallPath& a) const {
    return Described{"path of " + group(a.group) + " goes silent", resolve(a.length, contract_)};
  }
  std::optional<Described> operator()(const action::PublishProbes&) const {
    return Described{"probes", std::nullopt};
  }
  template <class Other>  // freeze, kill, stop, commands: told as facts
  std::optional<Described> operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  [[nodiscard]] const std::string& group(std::uint16_t index) const {
    return scenario_.groups[index].name;
  }
  const Scenario& scenario_;
  const Contract& contract_;
};

auto place(const Mark& mark) {
  return std::tie(mark.begin, mark.kind, mark.name);
}

std::string target_words(const fact::TargetChanged& fact) {
  std::string words{to_string(fact.what)};
  if (!fact.detail.empty()) words += fmt::format(" ({})", fact.detail);
  if (fact.what == TargetEvent::exited) words += fmt::format(" (code {})", fact.code);
  return words;
}

}  // namespace

MarkFold::MarkFold(const Scenario& scenario, const Contract& contract) {
  const Describer describe(scenario, contract);
  for (const Phase& phase : scenario.phases) {
    PlannedPhase planned{phase.name, {}};
    for (const TimedAction& timed : phase.actions) {
      auto described = std::visit(describe, timed.action);
      if (!described) continue;
      planned.actions.push_back(
          {resolve(timed.at, contract), described->length, std::move(described->name)});
    }
    phases_.push_back(std::move(planned));
  }
}

void MarkFold::on(const Record& record) {
  std::visit(
      Overloaded{
          [&](const fact::PhaseBegan& f) { begin_phase(f.index, record.at); },
          [&](const fact::FaultBegan& f) {
            add({Mark::Kind::fault, record.at, std::nullopt, std::string(f.name)});
          },
          [&](const fact::FaultEnded& f) { end(Mark::Kind::fault, f.name, record.at); },
          [&](const fact::TargetChanged& f) {
            add({Mark::Kind::target, record.at, std::nullopt, target_words(f)});
          },
          [&](const fact::TargetDied& f) {
            add({Mark::Kind::target, record.at, std::nullopt, fmt::format("died: {}", f.how)});
          },
          [&](const fact::Commanded& f) {
            add({Mark::Kind::action, record.at, std::nullopt, fmt::format("command {}", f.name)});
          },
          [](const auto&) {},
      },
      record.fact);
}

void MarkFold::begin_phase(std::size_t index, Instant at) {
  for (Mark& mark : marks_) {
    if (mark.kind == Mark::Kind::phase && !mark.end) mark.end = at;
  }
  if (index >= phases_.size()) {
    ended_ = at;
    return;
  }
  const PlannedPhase& phase = phases_[index];
  add({Mark::Kind::phase, at, std::nullopt, phase.name});
  for (const Planned& action : phase.actions) {
    std::optional<Instant> until;
    if (action.length) until = at + action.begin + *action.length;
    add({Mark::Kind::action, at + action.begin, until, action.name});
  }
}

void MarkFold::add(Mark mark) {
  for (auto before = marks_.rbegin(); before != marks_.rend(); ++before) {
    if (before->kind != mark.kind || before->name != mark.name) continue;
    const Instant last = before->end.value_or(before->begin);
    if (mark.kind == Mark::Kind::phase || mark.begin - last > together) break;
    before->end = std::max(last, mark.end.value_or(mark.begin));
    return;
  }
  if (marks_.size() < marks_max) marks_.push_back(std::move(mark));
}

void MarkFold::end(Mark::Kind kind, std::string_view name, Instant at) {
  for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
    if (mark->kind != kind || mark->name != name) continue;
    mark->end = at;
    return;
  }
}

void MarkFold::merge(const MarkFold& other) {
  for (const Mark& mark : other.marks_) {
    const auto same = std::find_if(marks_.begin(), marks_.end(),
                                   [&](const Mark& m) { return place(m) == place(mark); });
    if (same == marks_.end()) {
      if (marks_.size() < marks_max) marks_.push_back(mark);
    } else if (mark.end && (!same->end || *same->end < *mark.end)) {
      same->end = mark.end;
    }
  }
  if (!ended_) ended_ = other.ended_;
}

std::vector<Mark> MarkFold::marks() const {
  std::vector<Mark> sorted = marks_;
  if (ended_) {
    std::erase_if(sorted, [&](const Mark& mark) { return mark.begin > *ended_; });
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Mark& a, const Mark& b) { return place(a) < place(b); });
  return sorted;
}

}  // namespace streamgauge
