// From merged folds to the result that reports are written from: pure but for the machine's name.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

/// What weighs on verdicts beside the records.
struct Circumstances {
  Instant started{}, ended{};
  bool generator_saturated = false;
  std::string starved;  // why the target's lateness is excused; empty: it is not
  std::vector<Stretch> starved_when{};  // only what came late then; empty: whatever came late
};

[[nodiscard]] Circumstances circumstances(const RunFacts& facts);

/// Verdicts, measurements, counts: all that follows from records and circumstances alone.
[[nodiscard]] ScenarioResult judged(const PlannedScenario& planned, const Fold& total,
                                    const Circumstances& around);

/// The same with what only the live run knows.
[[nodiscard]] ScenarioResult scenario_result(const PlannedScenario& planned, const Fold& total,
                                             const RunFacts& facts);

/// What went beside the plan: how busy the generator was, who was late.
[[nodiscard]] std::vector<std::string> notes(const RunFacts& facts);

/// The target could not even be opened: every check is listed as skipped, which judges nothing; the
/// run's error says the rest.
[[nodiscard]] ScenarioResult unopened_result(const PlannedScenario& planned, Instant started,
                                             Instant ended);

/// When the contract or the target rules out every check of the scenario: the skips, without a run.
/// Otherwise nullopt.
[[nodiscard]] std::optional<ScenarioResult> skipped_result(const Plan& plan,
                                                           const PlannedScenario& planned,
                                                           Instant at);

/// What a report says of the contract: name, text, the numbers that plots draw as lines.
void tell_contract(const Contract& contract, RunResult& run);

/// The machine and the build, for reports.
[[nodiscard]] Environment environment();

}  // namespace streamgauge::run
