#include <fmt/format.h>

#include <optional>

#include "harness/net/clock.hpp"
#include "harness/run/engine.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

/// Where no stream could be opened and no check can name the violation (the server closes without
/// a word, say), the run could not be carried out.
std::optional<Error> unusable(const Plan& plan, const ScenarioOutcome& outcome) {
  if (outcome.usable || outcome.interrupted || !outcome.errors.empty()) return std::nullopt;
  for (const CheckResult& check : outcome.result.checks) {
    if (check.finding.verdict == Verdict::fail) return std::nullopt;
  }
  std::string how;
  for (const auto& [ending, count] : outcome.result.endings) {
    how += fmt::format("{}{} {}", how.empty() ? "" : ", ", count, ending);
  }
  return target_error(fmt::format(
      "not one of {} streams could be opened at '{}' (how the connections ended: {})",
      outcome.result.streams, plan.target.name, how.empty() ? "they never began" : how));
}

/// Names the scenarios behind `done`, which were not run.
std::string left_out(const Plan& plan, std::size_t done) {
  std::string names;
  for (std::size_t i = done; i < plan.scenarios.size(); ++i) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", plan.scenarios[i].scenario.name);
  }
  return names;
}

}  // namespace

RunResult run_plan(const Home& home, const Plan& plan, const Hooks& hooks) {
  RunResult result;
  result.started = net::now();
  result.target = plan.target.name;
  result.target_description = plan.target.description;
  result.contract = plan.contract.name;
  result.time_scale = plan.time_scale;
  result.seed = plan.seed;
  result.flaws = plan.flaws;
  result.environment = environment();
  for (const PlannedScenario& planned : plan.scenarios) {
    if (auto skipped = skipped_result(plan, planned, net::now())) {
      result.scenarios.push_back(std::move(*skipped));
      continue;
    }
    ScenarioOutcome outcome = run_scenario(home, plan, planned, hooks);
    if (auto error = unusable(plan, outcome)) outcome.errors.push_back(std::move(*error));
    result.scenarios.push_back(std::move(outcome.result));
    result.errors.insert(result.errors.end(), outcome.errors.begin(), outcome.errors.end());
    result.interrupted |= outcome.interrupted;
    if (outcome.errors.empty() && !outcome.interrupted && outcome.usable) continue;
    if (const auto names = left_out(plan, result.scenarios.size()); !names.empty()) {
      result.scenarios.back().notes.push_back("not run after this one: " + names);
    }
    break;
  }
  if (!result.scenarios.empty()) {
    auto& notes = result.scenarios.front().notes;
    notes.insert(notes.begin(), plan.notes.begin(), plan.notes.end());
  }
  result.length = net::now() - result.started;
  return result;
}

}  // namespace streamgauge::run
