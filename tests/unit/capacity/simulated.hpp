// Searches for capacity whose trials are simulated, as a run would have left them.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "harness/core/capacity/capacity.hpp"

namespace streamgauge::capacity {

/// What a target of 1 500 bytes a stream does that holds up to `knee` streams.
inline Measured simulated_trial(double load, double knee, double generator_ran = 0.3) {
  using namespace std::chrono_literals;
  Measured m;
  m.streams = m.open = static_cast<std::uint32_t>(load);
  m.rate = 10;
  m.length = 4s;
  m.published = 40;
  m.deliveries = static_cast<std::uint64_t>(load) * 40;
  m.deliveries_per_s = load * 10;
  m.p50 = 2ms;
  m.p99 = load > knee ? 900ms : 8ms;
  m.p999 = m.longest = *m.p99 + 1ms;
  m.loss = m.duplicates = m.heartbeats = Verdict::pass;
  m.loss_text = m.duplicates_text = "0";
  m.heartbeats_text = "all";
  m.memory_start_bytes = 8'000'000;
  m.memory_peak_bytes = 8'000'000 + static_cast<std::uint64_t>(load) * 1500;
  m.target_cpu_us_per_delivery = 9;
  m.generator = {"sg-swarm", generator_ran, 0.01};
  m.target = Busy{"sse-server", load > knee ? 0.98 : 0.5, 0.01};
  m.others = 0.02;
  m.lag_p99 = 1ms;
  return m;
}

using System = std::function<Measured(double load)>;

/// A whole search on the axis of streams.
inline AxisResult simulated_axis(SearchPlan plan, const System& system,
                                 const Objectives& objectives = {}) {
  AxisResult axis;
  axis.axis = Axis::streams;
  axis.fixed = 10;
  axis.plan = plan;
  Search search(plan);
  for (;;) {
    const auto next = search.next();
    if (const auto* answer = std::get_if<Answer>(&next)) {
      axis.answer = *answer;
      return axis;
    }
    TrialResult trial{std::get<Trial>(next), system(std::get<Trial>(next).load), {}};
    trial.verdict = judge(trial.measured, objectives);
    search.record(trial.verdict.outcome);
    axis.trials.push_back(std::move(trial));
  }
}

inline AxisResult simulated_axis(double knee, double generator_ran = 0.3) {
  return simulated_axis({.start = 500, .ceiling = 20'000, .passes = 2}, [=](double load) {
    return simulated_trial(load, knee, load > knee ? generator_ran : 0.3);
  });
}

}  // namespace streamgauge::capacity
