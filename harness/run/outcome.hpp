// From merged folds to the result that reports are written from: pure but for the machine's name.
#pragma once

#include <optional>

#include "harness/core/result/run_result.hpp"
#include "harness/net/publisher.hpp"
#include "harness/net/swarm.hpp"
#include "harness/run/fold.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/saturation.hpp"

namespace streamgauge::run {

struct RunFacts {
  Instant started{}, ended{};
  net::SwarmStatus swarm;
  net::PublisherStatus publisher;
  std::vector<PhaseUse> processor_use;  // one a phase that was played
};

[[nodiscard]] ScenarioResult scenario_result(const PlannedScenario& planned, const Fold& total,
                                             const RunFacts& facts);

/// The target could not even be opened: every check is listed as skipped, which judges nothing; the
/// run's error says the rest.
[[nodiscard]] ScenarioResult unopened_result(const PlannedScenario& planned, Instant started,
                                             Instant ended);

/// When the contract or the target rules out every check of the scenario: the skips, without a run.
/// Otherwise nullopt.
[[nodiscard]] std::optional<ScenarioResult> skipped_result(const Plan& plan,
                                                           const PlannedScenario& planned,
                                                           Instant at);

/// The machine and the build, for reports.
[[nodiscard]] Environment environment();

}  // namespace streamgauge::run
