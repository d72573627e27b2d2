#include "harness/core/capacity/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/base/units.hpp"

namespace streamgauge::capacity {

namespace {

/// The trial that shows why more than the answer is not held: the lowest load above it with that
/// outcome, and of its trials the last.
const TrialResult* lowest_above(const AxisResult& axis, Outcome outcome) {
  const TrialResult* found = nullptr;
  for (const TrialResult& trial : axis.trials) {
    if (trial.verdict.outcome != outcome || trial.trial.load <= axis.answer.load) continue;
    if (!found || trial.trial.load <= found->trial.load) found = &trial;
  }
  return found;
}

std::string reason_of(const TrialResult* trial, Axis axis) {
  if (!trial) return {};
  return fmt::format(" At {}: {}.", load_text(axis, trial->trial.load), trial->verdict.reason);
}

std::string agreement_text(const Answer& answer) {
  if (answer.passes.size() < 2) return " One pass only: nothing says how far it can be repeated.";
  return fmt::format(" {} passes agree within {:.1f} %.", answer.passes.size(),
                     100 * answer.spread);
}

Conclusion plain_conclusion(const AxisResult& axis) {
  const Answer& answer = axis.answer;
  const std::string load = load_text(axis.axis, answer.load);
  switch (answer.stop) {
    case Stop::objective: {
      const TrialResult* by = lowest_above(axis, Outcome::broken);
      const bool full =
          by && by->measured.target && by->measured.target->wanted() > saturated_above;
      return {AxisVerdict::found, load,
              (full ? "The target was saturated." : "An objective broke.") +
                  reason_of(by, axis.axis) + agreement_text(answer),
              full};
    }
    case Stop::ceiling:
      if (axis.ceiling_reason.empty()) {
        return {AxisVerdict::at_least, "at least " + load,
                "Nothing broke up to the highest load that was asked for.", false};
      }
      return {AxisVerdict::inconclusive, "at least " + load,
              "Nothing broke up to the most that this harness can do: " + axis.ceiling_reason + ".",
              false};
    case Stop::generator:
      return {AxisVerdict::inconclusive, "at least " + load,
              "The generator gave out before the target did." +
                  reason_of(lowest_above(axis, Outcome::generator), axis.axis),
              false};
    case Stop::nothing:
      return {
          AxisVerdict::unmet, "not even " + load_text(axis.axis, axis.plan.floor),
          "The lowest load broke, too." + reason_of(lowest_above(axis, Outcome::broken), axis.axis),
          false};
    case Stop::disagree:
      return {AxisVerdict::inconclusive,
              fmt::format("not known ({} to {})", load_text(axis.axis, answer.low),
                          load_text(axis.axis, answer.high.value_or(answer.load))),
              fmt::format("{} passes differ by {:.0f} %, more than the {:.0f} % that are allowed: "
                          "the machine or the target changes while it is measured.",
                          answer.passes.size(), 100 * answer.spread, 100 * axis.plan.agreement),
              false};
    case Stop::too_many:
    case Stop::cut_short:
      break;
  }
  std::string headline = "not known";
  if (answer.low > 0) headline += fmt::format(" ({} held once)", load_text(axis.axis, answer.low));
  return {AxisVerdict::inconclusive, headline,
          fmt::format("{} trials gave no answer.", axis.trials.size()), false};
}

/// There is an answer, be it "at least".
bool answered(const Answer& answer) {
  return answer.stop != Stop::too_many && answer.stop != Stop::cut_short;
}

/// A need is met when every pass held it, and unmet when no pass did.
void weigh_need(const AxisResult& axis, double need, Conclusion& conclusion) {
  const Answer& answer = axis.answer;
  const std::string wanted = load_text(axis.axis, need);
  double most = 0;
  for (const PassEnd& end : answer.passes) most = std::max(most, end.held);
  if (answered(answer) && answer.low >= need) {
    conclusion.verdict = found(answer) ? AxisVerdict::found : AxisVerdict::at_least;
    conclusion.reason += fmt::format(" Needed are {}: met.", wanted);
  } else if (most < need && answered(answer) && answer.stop != Stop::generator) {
    conclusion.verdict = AxisVerdict::unmet;
    conclusion.reason += fmt::format(" Needed are {}: not met.", wanted);
  } else {
    conclusion.verdict = AxisVerdict::inconclusive;
    conclusion.reason += fmt::format(" Needed are {}: not known.", wanted);
  }
}

/// What broke is no matter of time: the target's size, or events that it lost or doubled while it
/// had time to spare.
bool broke_by_itself(const AxisResult& axis) {
  const TrialResult* by = lowest_above(axis, Outcome::broken);
  if (!by) return false;
  const bool idle = by->measured.target && by->measured.target->wanted() < idle_below;
  return std::any_of(
      by->verdict.objectives.begin(), by->verdict.objectives.end(), [&](const Judged& judged) {
        const bool wrong = judged.id == "loss" || judged.id == "duplicates";
        return judged.met == Met::broken && (judged.id == "memory" || (wrong && idle));
      });
}

/// A knee that was found while others used the machine is the knee of what they left.
void weigh_others(const AxisResult& axis, Conclusion& conclusion) {
  const auto others = others_share(axis);
  const bool broke = axis.answer.stop == Stop::objective || axis.answer.stop == Stop::nothing;
  if (!others || *others <= others_max || !broke || broke_by_itself(axis)) return;
  conclusion.reason += fmt::format(
      " Other programs had {:.0f} % of the processors meanwhile: it is the capacity of what they "
      "left.",
      100 * *others);
  const bool met = axis.need && conclusion.verdict != AxisVerdict::unmet;
  if (!met) conclusion.verdict = AxisVerdict::inconclusive;
}

double median(std::vector<double> values) {
  const auto middle = static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  return values[static_cast<std::size_t>(middle)];
}

}  // namespace

std::string_view to_string(AxisVerdict verdict) {
  switch (verdict) {
    case AxisVerdict::found:
      return "found";
    case AxisVerdict::at_least:
      return "at least";
    case AxisVerdict::unmet:
      return "unmet";
    case AxisVerdict::inconclusive:
      return "inconclusive";
  }
  return "?";
}

Conclusion conclude(const AxisResult& axis) {
  Conclusion conclusion = plain_conclusion(axis);
  if (!axis.cut_short.empty()) {
    conclusion.reason += fmt::format(" The search ended early, after {} of {} passes: {}.",
                                     axis.answer.passes.size(), axis.plan.passes, axis.cut_short);
  }
  if (axis.need) weigh_need(axis, *axis.need, conclusion);
  weigh_others(axis, conclusion);
  return conclusion;
}

std::optional<double> others_share(const AxisResult& axis) {
  std::vector<double> shares;
  for (const TrialResult& trial : axis.trials) {
    if (trial.measured.others) shares.push_back(*trial.measured.others);
  }
  if (shares.empty()) return std::nullopt;
  return median(std::move(shares));
}

std::optional<Line> memory_line(const AxisResult& axis) {
  if (axis.axis != Axis::streams) return std::nullopt;
  std::vector<std::pair<double, double>> points;
  for (const TrialResult& trial : axis.trials) {
    if (trial.verdict.outcome != Outcome::held || !trial.measured.memory_peak_bytes) continue;
    points.emplace_back(trial.trial.load, static_cast<double>(*trial.measured.memory_peak_bytes));
  }
  return fit_line(points);
}

std::optional<ScalabilityFit> scalability(const AxisResult& axis) {
  std::vector<ThroughputPoint> points;
  for (const TrialResult& trial : axis.trials) {
    if (trial.verdict.outcome == Outcome::generator || !trial.measured.died.empty()) continue;
    points.push_back({trial.trial.load, trial.measured.deliveries_per_s});
  }
  return fit_scalability(points);
}

const TrialResult* typical_at_answer(const AxisResult& axis) {
  std::vector<const TrialResult*> near;
  double nearest = 0;
  for (const TrialResult& trial : axis.trials) {
    if (trial.verdict.outcome != Outcome::held || trial.trial.load > axis.answer.load) continue;
    if (trial.trial.load > nearest) near.clear();
    nearest = std::max(nearest, trial.trial.load);
    if (trial.trial.load == nearest) near.push_back(&trial);
  }
  if (near.empty()) return nullptr;
  const auto p99 = [](const TrialResult* trial) {
    return trial->measured.p99.value_or(Duration{});
  };
  std::sort(near.begin(), near.end(),
            [&](const auto* a, const auto* b) { return p99(a) < p99(b); });
  return near[(near.size() - 1) / 2];
}

ExitCode exit_code(const Capacity& capacity) {
  if (!capacity.errors.empty()) return capacity.errors.front().exit_code;
  if (capacity.axes.empty()) {
    return capacity.interrupted ? ExitCode::inconclusive : ExitCode::nothing_judged;
  }
  bool open = capacity.interrupted;
  for (const AxisResult& axis : capacity.axes) {
    const AxisVerdict verdict = conclude(axis).verdict;
    if (verdict == AxisVerdict::unmet) return ExitCode::violated;
    open |= verdict == AxisVerdict::inconclusive;
  }
  return open ? ExitCode::inconclusive : ExitCode::pass;
}

std::string_view verdict_of(const Capacity& capacity) {
  switch (exit_code(capacity)) {
    case ExitCode::pass:
      return "pass";
    case ExitCode::violated:
      return "fail";
    case ExitCode::nothing_judged:
      return "nothing judged";
    case ExitCode::inconclusive:
      return "inconclusive";
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return "error";
}

}  // namespace streamgauge::capacity
