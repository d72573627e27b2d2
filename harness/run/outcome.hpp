// From merged folds to the result that reports are written from: pure but for the machine's name.
#pragma once

#include "harness/core/result/run_result.hpp"
#include "harness/net/publisher.hpp"
#include "harness/net/swarm.hpp"
#include "harness/run/fold.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

struct RunFacts {
  Instant started{}, ended{};
  net::SwarmStatus swarm;
  net::PublisherStatus publisher;
};

[[nodiscard]] ScenarioResult scenario_result(const PlannedScenario& planned, const Fold& total,
                                             const RunFacts& facts);

/// The target could not even be opened: every check is listed, inconclusive for want of a stream.
[[nodiscard]] ScenarioResult unopened_result(const PlannedScenario& planned, Instant started,
                                             Instant ended);

/// The machine and the build, for reports.
[[nodiscard]] Environment environment();

}  // namespace streamgauge::run
