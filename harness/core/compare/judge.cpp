#include "harness/core/compare/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/core/stats/holm.hpp"
#include "harness/core/stats/interval.hpp"
#include "harness/core/stats/location.hpp"
#include "harness/core/stats/randomisation.hpp"

namespace streamgauge::compare {
namespace {

/// The logarithms of one metric, of the runs that count.
struct Values {
  std::vector<double> a, b;
  std::vector<double> differences;  // of the judged pairs; empty where runs are not paired
};

bool judged_pair(const Comparison& comparison, std::size_t pair) {
  const auto& judged = comparison.pairs_judged;
  return std::find(judged.begin(), judged.end(), pair) != judged.end();
}

bool counts(const Comparison& comparison, const ComparedRun& run) {
  if (!run.excluded.empty()) return false;
  return comparison.design == Design::unpaired || judged_pair(comparison, run.pair);
}

/// A pair counts when both sides ran and none of its runs is left out.
std::vector<std::size_t> whole_pairs(const Comparison& comparison) {
  std::vector<std::size_t> whole;
  for (std::size_t pair = 0; pair < comparison.pairs_begun; ++pair) {
    std::array<std::size_t, 2> runs{};
    bool excluded = false;
    for (const ComparedRun& run : comparison.runs) {
      if (run.pair != pair) continue;
      ++runs[index(run.side)];
      excluded |= !run.excluded.empty();
    }
    if (!excluded && runs[0] > 0 && runs[0] == runs[1]) whole.push_back(pair);
  }
  return whole;
}

/// The log of the geometric mean of a pair's runs on one side.
std::optional<double> side_of_pair(const Comparison& comparison, std::size_t pair, Side side,
                                   const Metric& metric) {
  double sum = 0, runs = 0;
  for (const ComparedRun& run : comparison.runs) {
    if (run.pair != pair || run.side != side) continue;
    const auto value = metric.value(run.figures);
    if (!value) return std::nullopt;
    sum += std::log(*value);
    ++runs;
  }
  return runs > 0 ? std::optional(sum / runs) : std::nullopt;
}

/// Nothing when a run that counts did not measure it.
std::optional<Values> values_of(const Comparison& comparison, const Metric& metric) {
  Values values;
  for (const ComparedRun& run : comparison.runs) {
    if (!counts(comparison, run)) continue;
    const auto value = metric.value(run.figures);
    if (!value) return std::nullopt;
    (run.side == Side::a ? values.a : values.b).push_back(std::log(*value));
  }
  for (const std::size_t pair : comparison.pairs_judged) {
    const auto a = side_of_pair(comparison, pair, Side::a, metric);
    const auto b = side_of_pair(comparison, pair, Side::b, metric);
    if (!a || !b) return std::nullopt;
    values.differences.push_back(*b - *a);
  }
  if (values.a.empty() || values.b.empty()) return std::nullopt;
  return values;
}

void measure(const Comparison& comparison, const Values& values, std::size_t resamples,
             MetricResult& result) {
  // Each metric its own numbers, so that adding one changes no other's.
  const std::uint64_t seed = comparison.seed * 1000 + result.metric;
  const stats::BootstrapOptions bootstrap{confidence, resamples, seed};
  const bool paired = comparison.design == Design::paired;
  const auto test = paired ? stats::sign_flip_test(values.differences, seed)
                           : stats::rank_sum_test(values.a, values.b, seed);
  const double shift = paired ? stats::hodges_lehmann(values.differences)
                              : stats::hodges_lehmann_shift(values.a, values.b);
  const auto interval = paired ? stats::location_interval(values.differences, bootstrap)
                               : stats::shift_interval(values.a, values.b, bootstrap);
  result.typical = {std::exp(stats::median(values.a)), std::exp(stats::median(values.b))};
  result.ratio = std::exp(shift);
  result.low = std::exp(interval.low);
  result.high = std::exp(interval.high);
  result.p = result.p_adjusted = test.p;
  result.exact = test.exact;
  for (const double difference : values.differences) {
    result.pair_ratios.push_back(std::exp(difference));
  }
}

void correct(std::vector<MetricResult>& results) {
  std::vector<double> p;
  for (const MetricResult& result : results) {
    if (result.judged && result.outcome != Outcome::not_measured) p.push_back(result.p);
  }
  const std::vector<double> adjusted = stats::holm(p);
  std::size_t next = 0;
  for (MetricResult& result : results) {
    if (result.judged && result.outcome != Outcome::not_measured) {
      result.p_adjusted = adjusted[next++];
    }
  }
}

std::string interval_text(const MetricResult& result) {
  if (!std::isfinite(result.high)) return "an interval needs three runs a side";
  return fmt::format("the 95 % interval reaches from {} to {}", format_change(result.low),
                     format_change(result.high));
}

/// How many pairs would make the interval short enough, if nothing else changed.
std::string remedy(const Comparison& comparison, const MetricResult& result) {
  const double room = std::log(1 + result.delta) - std::log(result.ratio);
  const double reach = std::log(result.high) - std::log(result.ratio);
  const bool paired = comparison.design == Design::paired;
  const auto n = static_cast<double>(
      paired ? comparison.pairs_judged.size()
             : std::min(comparison.sides[0].judged_runs, comparison.sides[1].judged_runs));
  const std::string_view what = paired ? "pairs (--pairs)" : "runs a side";
  if (room > 0 && reach > room && std::isfinite(reach)) {
    const double wanted = std::ceil(n * (reach / room) * (reach / room));
    if (wanted <= 10 * n) return fmt::format("some {:.0f} {} would decide", wanted, what);
  }
  return fmt::format("take more {}, longer runs, or a quieter machine", what);
}

void decide(const Comparison& comparison, MetricResult& result) {
  const bool significant = result.p_adjusted <= significance_level;
  const double worse = 1 + result.delta;
  const std::string p = fmt::format("p {:.2g} after Holm", result.p_adjusted);
  const std::string delta = format_change(worse);
  if (significant && result.ratio > worse) {
    result.outcome = Outcome::regression;
    result.reason = fmt::format("{} is beyond {} and no chance: {}, {}",
                                format_change(result.ratio), delta, p, interval_text(result));
  } else if (significant && result.ratio < 1 / worse) {
    result.outcome = Outcome::improvement;
    result.reason = fmt::format("{} for the better: {}, {}", format_change(result.ratio), p,
                                interval_text(result));
  } else if (std::isfinite(result.high) && result.high < worse) {
    result.outcome = Outcome::same;
    result.reason = fmt::format("{}, which excludes {}", interval_text(result), delta);
  } else {
    result.outcome = Outcome::inconclusive;
    result.reason = fmt::format("{}, so that {} can be neither shown nor excluded ({}); {}",
                                interval_text(result), delta, p, remedy(comparison, result));
  }
}

/// Why nothing can be said, whatever the figures; empty: something can.
std::string hindrance(const Comparison& comparison, std::size_t metrics_judged) {
  if (comparison.interrupted) return "it was interrupted: stopping by what one sees is no test";
  const auto too_many = [](std::size_t excluded, std::size_t all) {
    return static_cast<double>(excluded) > excluded_share_max * static_cast<double>(all);
  };
  if (comparison.design == Design::paired) {
    const std::size_t judged = comparison.pairs_judged.size(),
                      needed = pairs_needed(metrics_judged);
    if (too_many(comparison.pairs_begun - judged, comparison.pairs_begun)) {
      return fmt::format(
          "{} of {} pairs had to be left out, more than a third: what is left may be the lucky "
          "ones",
          comparison.pairs_begun - judged, comparison.pairs_begun);
    }
    if (judged >= needed) return {};
    return fmt::format(
        "{} pairs can be judged by; {} metrics need at least {} for a difference to "
        "show at all",
        judged, metrics_judged, needed);
  }
  const std::size_t a = comparison.sides[0].judged_runs, b = comparison.sides[1].judged_runs;
  if (too_many(comparison.runs.size() - a - b, comparison.runs.size())) {
    return fmt::format("{} of {} runs had to be left out, more than a third",
                       comparison.runs.size() - a - b, comparison.runs.size());
  }
  const double least = stats::smallest_p_of_groups(a, b);
  if (a >= 3 && b >= 3 && least * static_cast<double>(metrics_judged) <= significance_level) {
    return {};
  }
  return fmt::format("{} and {} runs tell too little of chance: {} metrics need at least {} a side",
                     a, b, metrics_judged, runs_needed(metrics_judged));
}

void settle_sides(Comparison& comparison) {
  for (SideFacts& side : comparison.sides) {
    side.judged_runs = 0;
    side.delivery.reset();
  }
  for (const ComparedRun& run : comparison.runs) {
    if (!counts(comparison, run)) continue;
    SideFacts& side = comparison.sides[index(run.side)];
    ++side.judged_runs;
    side.delivery.merge(run.figures.delivery);
  }
}

}  // namespace

std::size_t pairs_needed(std::size_t metrics_judged) {
  std::size_t pairs = 3;  // fewer have no interval
  while (stats::smallest_p_of_pairs(pairs) * static_cast<double>(metrics_judged) >
         significance_level) {
    ++pairs;
  }
  return pairs;
}

std::size_t runs_needed(std::size_t metrics_judged) {
  std::size_t runs = 3;
  while (stats::smallest_p_of_groups(runs, runs) * static_cast<double>(metrics_judged) >
         significance_level) {
    ++runs;
  }
  return runs;
}

void judge(Comparison& comparison, const JudgeOptions& options) {
  if (comparison.design == Design::paired) comparison.pairs_judged = whole_pairs(comparison);
  settle_sides(comparison);
  comparison.metrics.clear();
  std::size_t judged = 0;
  for (std::size_t i = 0; i < metrics().size(); ++i) {
    MetricResult result;
    result.metric = i;
    for (const Threshold& threshold : options.thresholds) {
      if (threshold.metric != i) continue;
      result.judged = true;
      result.delta = threshold.delta;
    }
    if (const auto values = values_of(comparison, metrics()[i])) {
      result.outcome = Outcome::told;
      measure(comparison, *values, options.resamples, result);
      judged += result.judged ? 1 : 0;
    }
    comparison.metrics.push_back(std::move(result));
  }
  correct(comparison.metrics);
  comparison.undecided = hindrance(comparison, std::max<std::size_t>(judged, 1));
  for (MetricResult& result : comparison.metrics) {
    if (!result.judged || result.outcome == Outcome::not_measured) continue;
    if (comparison.undecided.empty()) {
      decide(comparison, result);
    } else {
      result.outcome = Outcome::inconclusive;
      result.reason = comparison.undecided;
    }
  }
}

}  // namespace streamgauge::compare
