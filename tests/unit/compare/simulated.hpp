// Simulated comparisons: runs on a machine that other programs share.
//
// Every pair has a level of its own that drifts (a neighbour comes and goes over minutes), every
// run a luck that all of its percentiles share, the tail more of it, the second run of a pair is a
// little slower, and now and then a run falls into a storm, which moves a median by some tenths and
// may make a p99 of 2 ms one of 40 ms. The sizes are those of runs on two cores beside a compiler.
#pragma once

#include <array>
#include <cmath>
#include <string>

#include "harness/core/compare/judge.hpp"
#include "harness/core/compare/pacing.hpp"
#include "tests/unit/stats/noise.hpp"

namespace streamgauge::compare {

struct Machine {
  double luck = 0.04;    // of a run, as a share: one standard deviation
  double tail = 0.15;    // of its p99 beside that
  double drift = 0.05;   // from pair to pair, adding up
  double order = 0.03;   // the second run of a pair is slower by that
  double storms = 0.08;  // share of runs in one
};

/// Latencies such that p50, p90, p99 and p99.9 are these, in nanoseconds.
inline latency::Histogram delivery_of(double p50, double p90, double p99) {
  latency::Histogram histogram;
  const auto put = [&](double ns, std::uint64_t count) {
    histogram.record(Duration{std::llround(ns)}, count);
  };
  put(p50, 5000);
  put(p90, 4000);
  put(p99, 900);
  put(p99 * 1.5, 90);
  put(p99 * 2, 10);
  return histogram;
}

/// `added_ns` to every latency, `slower` times all.
struct Difference {
  double slower = 1;
  double added_ns = 0;
  double cpu = 1;
};

inline Figures simulated_run(stats::Noise& noise, const Machine& machine, double level,
                             const Difference& difference) {
  const double storm =
      noise.share() < machine.storms ? std::exp(std::abs(noise.normal()) * 0.7) : 1.0;
  const double run = level * std::exp(machine.luck * noise.normal());
  const auto latency = [&](double typical, double jitter, double hit_by_storms) {
    const double own = std::exp(jitter * noise.normal()) * std::pow(storm, hit_by_storms);
    return typical * run * own * difference.slower + difference.added_ns;
  };
  Figures figures;
  const double p50 = latency(1.0e6, 0.02, 0.25);
  const double p90 = std::max(p50, latency(1.6e6, 0.04, 0.75));
  figures.delivery = delivery_of(p50, p90, std::max(p90, latency(3.0e6, machine.tail, 4)));
  figures.events = 12'800;
  figures.streams = 64;
  const double cpu = 12'800 * 4'000 * std::exp(0.03 * noise.normal()) * difference.cpu;
  figures.cpu_ns = static_cast<std::uint64_t>(cpu * std::sqrt(level));
  figures.rss_peak_bytes = static_cast<std::uint64_t>(9.0e6 * std::exp(0.005 * noise.normal()));
  return figures;
}

/// B differs from A by `difference`; nothing is judged yet.
inline Comparison simulated_pairs(std::uint64_t seed, std::size_t pairs,
                                  const Difference& difference = {}, const Machine& machine = {}) {
  stats::Noise noise(seed);
  Comparison comparison;
  comparison.seed = seed;
  double level = 1;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    level *= std::exp(machine.drift * noise.normal());
    double place = 1;
    for (const Side side : drawn_order(noise.random(), 1)) {
      ComparedRun run;
      run.side = side;
      run.pair = pair;
      run.figures =
          simulated_run(noise, machine, level * place, side == Side::b ? difference : Difference{});
      comparison.runs.push_back(std::move(run));
      place += machine.order;
    }
    ++comparison.pairs_begun;
  }
  return comparison;
}

inline JudgeOptions by_default(std::size_t resamples = 400) {
  return {*thresholds({}), resamples};
}

inline const MetricResult& metric_of(const Comparison& comparison, std::string_view id) {
  return comparison.metrics.at(*find_metric(id));
}

}  // namespace streamgauge::compare
