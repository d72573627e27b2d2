#include "harness/core/check/timeline.hpp"

#include <algorithm>

namespace streamgauge {

void Timeline::on(const Record& record) {
  last_ = std::max(last_, record.at);
  if (const auto* phase = std::get_if<fact::PhaseBegan>(&record.fact)) {
    if (phase->index >= scenario_->phases.size()) {
      if (!ended_) ended_ = record.at;
      return;
    }
    if (phases_.size() <= phase->index) phases_.resize(std::size_t{phase->index} + 1);
    if (!phases_[phase->index]) phases_[phase->index] = record.at;
  } else if (const auto* began = std::get_if<fact::FaultBegan>(&record.fact)) {
    if (began->name != "freeze" || frozen_now()) return;
    if (freezes_.size() == freezes_max) {
      freezes_.back().over = false;
    } else {
      freezes_.push_back({record.at, {}, false});
    }
  } else if (const auto* ended = std::get_if<fact::FaultEnded>(&record.fact)) {
    if (ended->name != "freeze" || !frozen_now()) return;
    freezes_.back().ended = record.at;
    freezes_.back().over = true;
  }
}

void Timeline::merge(const Timeline& other) {
  if (phases_.size() < other.phases_.size()) phases_.resize(other.phases_.size());
  for (std::size_t i = 0; i < other.phases_.size(); ++i) {
    if (!other.phases_[i]) continue;
    phases_[i] = phases_[i] ? std::min(*phases_[i], *other.phases_[i]) : *other.phases_[i];
  }
  // Every thread was told of the same freezes; one that was not has nothing to add.
  if (freezes_.size() < other.freezes_.size()) freezes_ = other.freezes_;
  if (other.ended_) ended_ = ended_ ? std::min(*ended_, *other.ended_) : *other.ended_;
  last_ = std::max(last_, other.last_);
}

std::optional<PhaseKind> Timeline::kind_at(Instant at) const {
  std::optional<PhaseKind> kind;
  if (ended_ && at >= *ended_) return kind;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] && *phases_[i] <= at) kind = scenario_->phases[i].kind;
  }
  return kind;
}

std::optional<Instant> Timeline::first(PhaseKind kind) const {
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] && scenario_->phases[i].kind == kind) return phases_[i];
  }
  return std::nullopt;
}

bool Timeline::frozen_between(Instant from, Instant to) const {
  return std::any_of(freezes_.begin(), freezes_.end(), [&](const Freeze& freeze) {
    return freeze.began <= to && (!freeze.over || freeze.ended >= from);
  });
}

Instant Timeline::judged_from(Instant from, Instant to, Duration rest) const {
  for (const auto& freeze : freezes_) {
    if (freeze.began > to) continue;
    if (!freeze.over) return to;
    if (freeze.ended + rest >= from) from = std::max(from, freeze.ended + rest);
  }
  return from;
}

}  // namespace streamgauge
