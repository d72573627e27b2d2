#include "reports/capacity_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/base/units.hpp"

namespace streamgauge::reports {

using namespace capacity;

namespace {

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}

std::string count(double value) {
  return format_count(static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))));
}

std::string bytes(double value) {
  return value < 0 ? "0 B" : format_size(static_cast<std::uint64_t>(std::llround(value)));
}

std::string loss_text(const Measured& m) {
  if (!m.loss) return "";
  switch (*m.loss) {
    case Verdict::pass:
      return "none";
    case Verdict::fail:
      return "lost";
    default:
      return "?";
  }
}

/// 95 % of what, in the unit of the axis.
std::string load_interval(Axis axis, const Estimate& estimate) {
  return fmt::format("{} to {}", plain_load(axis, estimate.low), plain_load(axis, estimate.high));
}

}  // namespace

Verdict look_of(const Conclusion& conclusion) {
  switch (conclusion.verdict) {
    case AxisVerdict::found:
    case AxisVerdict::at_least:
      return Verdict::pass;
    case AxisVerdict::unmet:
      return Verdict::fail;
    case AxisVerdict::inconclusive:
      break;
  }
  return Verdict::inconclusive;
}

Verdict look_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::held:
      return Verdict::pass;
    case Outcome::broken:
      return Verdict::fail;
    case Outcome::generator:
      break;
  }
  return Verdict::inconclusive;
}

std::string_view word_of(Outcome outcome) {
  return outcome == Outcome::generator ? "unclear" : to_string(outcome);
}

std::string axis_title(const AxisResult& axis) {
  if (axis.axis == Axis::streams) {
    return fmt::format("streams, at {:.4g} event{}/s each", axis.fixed, axis.fixed == 1 ? "" : "s");
  }
  return "events per second and stream, at " + load_text(Axis::streams, axis.fixed);
}

std::string plain_load(Axis axis, double load) {
  return axis == Axis::streams ? count(load) : fmt::format("{:.4g}", load);
}

const std::vector<std::string>& trial_columns() {
  static const std::vector<std::string> names{"load",   "pass",       "outcome", "deliveries/s",
                                              "p99",    "loss",       "target",  "generator",
                                              "others", "peak memory"};
  return names;
}

std::vector<std::string> trial_cells(Axis axis, const TrialResult& trial) {
  const Measured& m = trial.measured;
  return {plain_load(axis, trial.trial.load),
          fmt::format("{}", trial.trial.pass + 1),
          std::string(word_of(trial.verdict.outcome)),
          count(m.deliveries_per_s),
          m.p99 ? format_duration(*m.p99) : "",
          loss_text(m),
          m.target ? percent(m.target->wanted()) : "",
          m.generator.thread.empty() ? "" : percent(m.generator.wanted()),
          m.others ? percent(*m.others) : "",
          m.memory_peak_bytes ? format_size(*m.memory_peak_bytes) : ""};
}

std::string scalability_text(const AxisResult& axis) {
  const auto fit = scalability(axis);
  if (!fit) return "too few loads for a fit (six trials at four loads or more)";
  if (fit->residual > residual_max) {
    return fmt::format(
        "the universal scalability law does not describe what was measured (it is off by {:.0f} "
        "%): "
        "nothing is predicted",
        100 * fit->residual);
  }
  std::string text = fmt::format(
      "contention {:.3g} ({:.3g} to {:.3g}), coherency {:.3g} ({:.3g} to {:.3g}), off by {:.1f} % "
      "over {} trials; ",
      fit->sigma.value, fit->sigma.low, fit->sigma.high, fit->kappa.value, fit->kappa.low,
      fit->kappa.high, 100 * fit->residual, fit->points);
  if (!fit->peak || fit->kappa.low <= 0) {
    return text + "a peak of throughput cannot be told from none";
  }
  const auto& peak = *fit->peak;
  return text + fmt::format(
                    "predicted, not measured: throughput peaks at {} ({}) with {} "
                    "deliveries/s ({} to {}); objectives may break long before",
                    load_text(axis.axis, peak.load.value), load_interval(axis.axis, peak.load),
                    count(peak.throughput.value), count(peak.throughput.low),
                    count(peak.throughput.high));
}

std::string memory_text(const AxisResult& axis) {
  const auto line = memory_line(axis);
  if (!line) return {};
  return fmt::format("{} a stream ({} to {}) on {} ({} to {}), over {} trials that held",
                     bytes(line->slope.value), bytes(line->slope.low), bytes(line->slope.high),
                     bytes(line->base.value), bytes(line->base.low), bytes(line->base.high),
                     line->points);
}

std::string objectives_text(const Capacity& capacity) {
  const Objectives& wanted = capacity.objectives;
  std::string text = "p99 at most " + format_duration(wanted.p99);
  if (wanted.loss) text += ", nothing lost or twice";
  if (wanted.heartbeats) text += ", heartbeats as the contract states";
  if (wanted.memory_bytes_max) {
    text += fmt::format(", memory at most {}", format_size(*wanted.memory_bytes_max));
  }
  return text + ", every stream open to the end, no backlog that grows";
}

std::string verdict_text(const Capacity& capacity) {
  const bool needed = std::any_of(capacity.axes.begin(), capacity.axes.end(),
                                  [](const AxisResult& axis) { return axis.need.has_value(); });
  const bool open_ended =
      std::any_of(capacity.axes.begin(), capacity.axes.end(), [](const AxisResult& axis) {
        return conclude(axis).verdict == AxisVerdict::at_least;
      });
  switch (exit_code(capacity)) {
    case ExitCode::pass:
      if (needed) return "What is needed is held.";
      return open_ended ? "All that was asked for is held." : "The capacity is known.";
    case ExitCode::violated:
      return needed ? "What is needed is not held." : "Not even the lowest load is held.";
    case ExitCode::target:
      return "The search could not be carried out.";
    case ExitCode::inconclusive:
      return "The capacity is not known, or only its lower end.";
    case ExitCode::nothing_judged:
      return "Nothing was searched.";
    case ExitCode::usage:
      break;
  }
  return {};
}

}  // namespace streamgauge::reports
