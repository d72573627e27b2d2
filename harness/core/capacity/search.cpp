#include "harness/core/capacity/search.hpp"

#include <algorithm>
#include <boost/assert.hpp>
#include <cmath>

namespace streamgauge::capacity {

namespace {

constexpr std::size_t votes_max = 3;

/// What the trials at one load come to; nullopt: another one is needed. A load that two trials did
/// not hold is the generator's as soon as one of them was: of the target it proves nothing then.
std::optional<Outcome> decided(const std::vector<Outcome>& votes) {
  if (votes.front() == Outcome::held) return Outcome::held;
  const auto held = std::count(votes.begin(), votes.end(), Outcome::held);
  const auto generator = std::count(votes.begin(), votes.end(), Outcome::generator);
  const auto missed = static_cast<std::ptrdiff_t>(votes.size()) - held;
  if (missed >= 2) return generator > 0 ? Outcome::generator : Outcome::broken;
  if (votes.size() >= votes_max) return Outcome::held;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::held:
      return "held";
    case Outcome::broken:
      return "broken";
    case Outcome::generator:
      return "generator";
  }
  return "?";
}

std::string_view to_string(Stop stop) {
  switch (stop) {
    case Stop::objective:
      return "objective-broken";
    case Stop::generator:
      return "generator-saturated";
    case Stop::ceiling:
      return "ceiling-held";
    case Stop::nothing:
      return "nothing-held";
    case Stop::disagree:
      return "repeats-disagree";
    case Stop::too_many:
      return "too-many-trials";
    case Stop::cut_short:
      return "cut-short";
  }
  return "?";
}

Search::Search(SearchPlan plan) : plan_(plan) {
  BOOST_ASSERT(plan_.factor > 1 && plan_.resolution > 0 && plan_.passes >= 1);
  BOOST_ASSERT(plan_.floor > 0 && plan_.floor <= plan_.ceiling);
  plan_.floor =
      std::min(std::max(rounded(plan_.floor), plan_.whole ? 1.0 : plan_.floor), plan_.ceiling);
  plan_.start = std::clamp(rounded(plan_.start), plan_.floor, plan_.ceiling);
}

double Search::rounded(double load) const {
  if (plan_.whole) return std::round(load);
  const double unit = std::pow(10.0, std::floor(std::log10(load)) - 2);
  return std::round(load / unit) * unit;
}

/// The geometric mean: the same share above one end as below the other.
double Search::between(double low, double high) const {
  return rounded(std::sqrt(low * high));
}

bool Search::close(double low, double high) const {
  const double middle = between(low, high);
  return high <= low * (1 + plan_.resolution) || middle <= low || middle >= high;
}

/// The load that this pass needs tried next; nullopt: it is over.
std::optional<double> Search::wanted() const {
  if (low_ && high_) {
    if (!close(low_->load, high_->load)) return between(low_->load, high_->load);
    if (!low_->confirmed) return low_->load;
    if (!high_->confirmed) return high_->load;
    return std::nullopt;
  }
  if (low_) {
    if (!low_->confirmed) return low_->load;
    if (low_->load >= plan_.ceiling) return std::nullopt;
    return std::min(rounded(low_->load * plan_.factor), plan_.ceiling);
  }
  if (high_) {
    if (!high_->confirmed) return high_->load;
    if (high_->load <= plan_.floor) return std::nullopt;
    return std::max(rounded(high_->load / plan_.factor), plan_.floor);
  }
  return plan_.start;
}

std::variant<Trial, Answer> Search::next() const {
  const auto load = wanted();
  if (passes_.size() >= plan_.passes || trials_ >= plan_.trials_max || !load) return answer();
  return Trial{*load, static_cast<unsigned>(passes_.size()),
               static_cast<unsigned>(votes_.size()) + 1};
}

void Search::record(Outcome outcome) {
  const auto load = wanted();
  BOOST_ASSERT(load.has_value());
  if (!load) return;
  ++trials_;
  votes_.push_back(outcome);
  const auto verdict = decided(votes_);
  if (!verdict) return;
  votes_.clear();
  decide(*load, *verdict);
  if (!wanted()) end_pass();
}

void Search::decide(double load, Outcome outcome) {
  if (outcome == Outcome::held) {
    most_held_ = std::max(most_held_, load);
    low_ = End{load, true, outcome};
    if (high_ && load >= high_->load) high_.reset();
  } else {
    high_ = End{load, true, outcome};
    if (low_ && load <= low_->load) low_.reset();
  }
  // The bracket of the ladder, before bisection narrows it.
  if (passes_.empty() && !bisecting_) {
    ladder_low_ = low_;
    ladder_high_ = high_;
    bisecting_ = low_ && high_;
  }
}

void Search::end_pass() {
  PassEnd end;
  if (low_) end.held = low_->load;
  if (high_) {
    end.not_held = high_->load;
    end.why = high_->why;
  }
  passes_.push_back(end);
  low_ = ladder_low_;
  high_ = ladder_high_;
  if (low_) low_->confirmed = false;
  if (high_) high_->confirmed = false;
}

Answer Search::answer() const {
  if (passes_.size() >= plan_.passes) return of_passes();
  return {.stop = Stop::too_many, .low = most_held_, .passes = passes_};
}

Answer Search::so_far() const {
  if (passes_.size() >= std::min(plan_.passes, 2U)) return of_passes();
  return {.stop = Stop::cut_short, .low = most_held_, .passes = passes_};
}

Answer Search::of_passes() const {
  Answer answer;
  answer.passes = passes_;
  std::vector<double> held;
  std::size_t generator = 0, ceiling = 0;
  for (const PassEnd& end : passes_) {
    held.push_back(end.held);
    ceiling += !end.not_held;
    generator += end.not_held && end.why == Outcome::generator;
    // The widest bracket that covers what the passes saw.
    if (end.not_held) answer.high = std::max(answer.high.value_or(0), *end.not_held);
  }
  std::sort(held.begin(), held.end());
  answer.low = held.front();
  answer.spread =
      held.front() > 0 ? held.back() / held.front() - 1 : (held.back() > 0 ? plan_.factor : 0.0);
  answer.load = held[(held.size() - 1) / 2];
  if (held.back() <= 0) {
    answer.stop = generator > 0 ? Stop::generator : Stop::nothing;
  } else if (2 * (generator + ceiling) >= passes_.size()) {
    answer.stop = generator >= ceiling ? Stop::generator : Stop::ceiling;
    answer.load = answer.low;
    answer.high.reset();
  } else {
    answer.stop = answer.spread > plan_.agreement ? Stop::disagree : Stop::objective;
  }
  return answer;
}

}  // namespace streamgauge::capacity
