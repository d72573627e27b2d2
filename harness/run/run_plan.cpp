#include "harness/run/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/scenario/schedule.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/at_once.hpp"
#include "harness/run/control.hpp"
#include "harness/run/outcome.hpp"
#include "harness/run/repetition.hpp"
#include "harness/run/saved_run.hpp"

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

/// A scenario that asks for plain events with a good token tells of every other; one about refusals
/// or generated answers only of itself.
bool speaks_for_all(const Scenario& scenario) {
  return std::any_of(scenario.groups.begin(), scenario.groups.end(), [](const ClientGroup& group) {
    return group.request == RequestKind::events && group.credential == Credential::valid &&
           group.stall == StallPoint::none;
  });
}

class PlanRun {
 public:
  PlanRun(const Home& home, const Plan& plan, const PlanHooks& hooks)
      : home_(home),
        plan_(plan),
        hooks_(hooks),
        started_(net::now()),
        scenarios_(plan.scenarios),
        outcomes_(plan.scenarios.size()),
        board_(plan.scenarios.size(), hooks.progress) {
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      scenarios_[i].recording = recording(i, false);
    }
  }

  RunResult run() {
    const std::vector<std::size_t> company = in_company();
    at_once(std::vector<bool>(company.size()), {plan_.jobs, 1},
            [&](std::size_t i) { run_one(company[i]); });
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      if (std::find(company.begin(), company.end(), i) == company.end()) run_one(i);
    }
    if (plan_.repeat) {
      for (std::size_t i = 0; i < scenarios_.size(); ++i) repeat(i);
    }
    if (plan_.control) {
      for (std::size_t i = 0; i < scenarios_.size(); ++i) control(i);
    }
    return gather();
  }

 private:
  /// The scenarios that may run side by side, the longest first.
  [[nodiscard]] std::vector<std::size_t> in_company() const {
    std::vector<std::size_t> company;
    if (!plan_.target.spawn || plan_.jobs < 2) return company;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      if (!scenarios_[i].scenario.alone) company.push_back(i);
    }
    const auto length = [&](std::size_t i) {
      return schedule(scenarios_[i].scenario, plan_.contract).length;
    };
    std::stable_sort(company.begin(), company.end(),
                     [&](std::size_t a, std::size_t b) { return length(a) > length(b); });
    return company;
  }

  [[nodiscard]] std::optional<Recording> recording(std::size_t index, bool repeats) const {
    if (plan_.record_folder.empty()) return std::nullopt;
    const std::string& name = plan_.scenarios[index].scenario.name;
    return Recording{fmt::format("{}/history{}{}.sgh", plan_.record_folder,
                                 plan_.history_per_scenario ? "-" + name : std::string{},
                                 repeats ? "-repeated" : ""),
                     started_, index, repeats};
  }

  void run_one(std::size_t i) {
    if (stop_ || interrupted()) return;
    const PlannedScenario& planned = scenarios_[i];
    ScenarioOutcome outcome;
    if (auto skipped = skipped_result(plan_, planned, net::now())) {
      outcome.result = std::move(*skipped);
      const auto saved = save_skipped(plan_, planned, outcome.result.started);
      if (!saved) outcome.errors.push_back(saved.error());
    } else {
      const std::string& name = planned.scenario.name;
      outcome = run_scenario(home_, plan_, planned, board_.hooks(name, hooks_.interrupted));
      if (unusable(plan_, outcome)) stop_ = true;
      if (!outcome.usable && speaks_for_all(planned.scenario)) stop_ = true;
    }
    if (!outcome.errors.empty() || outcome.interrupted) stop_ = true;
    board_.end(planned.scenario.name);
    outcomes_[i] = std::move(outcome);
  }

  /// The checks of a scenario that judge time and are not passed, alone.
  void repeat(std::size_t i) {
    if (!outcomes_[i] || stop_ || interrupted()) return;
    PlannedScenario again = scenarios_[i];
    again.checks = checks_to_repeat(outcomes_[i]->result);
    if (again.checks.empty()) return;
    again.recording = recording(i, true);
    const std::string name = again.scenario.name + " again";
    ScenarioOutcome second =
        run_scenario(home_, plan_, again, board_.hooks(name, hooks_.interrupted));
    board_.end(name);
    ScenarioResult& first = outcomes_[i]->result;
    if (second.errors.empty() && !second.interrupted && second.usable) {
      take_second_attempt(first, second.result, plan_.strict);
      repeated_.push_back(i);
      return;
    }
    first.notes.push_back("its checks of time could not be run again: the first verdicts stay");
    auto& errors = outcomes_[i]->errors;
    errors.insert(errors.end(), second.errors.begin(), second.errors.end());
    outcomes_[i]->interrupted |= second.interrupted;
  }

  /// What fails through a path, without it.
  void control(std::size_t i) {
    if (!outcomes_[i] || stop_ || interrupted() || scenarios_[i].path.empty()) return;
    compare_with_control(scenarios_[i], outcomes_[i]->result,
                         [this](const PlannedScenario& planned) -> std::optional<ScenarioResult> {
                           const std::string name = planned.scenario.name + " control";
                           auto again = run_scenario(home_, plan_, planned,
                                                     board_.hooks(name, hooks_.interrupted));
                           board_.end(name);
                           if (!again.errors.empty() || again.interrupted) return std::nullopt;
                           return std::move(again.result);
                         });
  }

  [[nodiscard]] bool interrupted() const { return hooks_.interrupted && *hooks_.interrupted; }

  [[nodiscard]] RunResult head() const {
    RunResult result;
    result.started = started_;
    result.target = plan_.target.name;
    result.target_description = plan_.target.description;
    result.path = names_of(plan_.scenarios.front().path);
    tell_contract(plan_.contract, result);
    result.settings = plan_.settings;
    result.time_scale = plan_.time_scale;
    result.seed = plan_.seed;
    result.strict = plan_.strict;
    result.flaws = plan_.flaws;
    result.flaws.insert(result.flaws.end(), plan_.client_flaws.begin(), plan_.client_flaws.end());
    if (!plan_.path_flaw.empty()) result.flaws.push_back(plan_.path_flaw);
    result.environment = environment();
    return result;
  }

  RunResult gather() {
    RunResult result = head();
    name_the_unusable();
    std::string left_out;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (!outcomes_[i]) {
        left_out += fmt::format("{}{}", left_out.empty() ? "" : ", ", scenarios_[i].scenario.name);
        continue;
      }
      take(std::move(*outcomes_[i]), result);
      if (scenarios_[i].recording) name_history(scenarios_[i].recording->file, result);
    }
    for (const std::size_t i : repeated_) {
      if (const auto kept = recording(i, true)) name_history(kept->file, result);
    }
    if (result.scenarios.empty()) {
      result.interrupted |= interrupted();
    } else {
      auto& notes = result.scenarios.front().notes;
      notes.insert(notes.begin(), plan_.notes.begin(), plan_.notes.end());
      if (!left_out.empty()) {
        result.scenarios.back().notes.push_back("not run any more: " + left_out);
      }
    }
    result.length = net::now() - result.started;
    return result;
  }

  /// A target that opened no stream in one scenario, but violated a guarantee in another, can be
  /// judged: it has been.
  void name_the_unusable() {
    const bool violated = std::any_of(outcomes_.begin(), outcomes_.end(), [](const auto& outcome) {
      return outcome && std::any_of(outcome->result.checks.begin(), outcome->result.checks.end(),
                                    [](const CheckResult& check) {
                                      return check.finding.verdict == Verdict::fail;
                                    });
    });
    for (auto& outcome : outcomes_) {
      if (!outcome) continue;
      auto error = unusable(plan_, *outcome);
      if (!error) continue;
      if (violated) {
        outcome->result.notes.push_back(error->message);
      } else {
        outcome->errors.push_back(std::move(*error));
      }
    }
  }

  /// An unreachable target is said once, however many scenarios found it out side by side.
  static void take(ScenarioOutcome outcome, RunResult& result) {
    for (Error& error : outcome.errors) {
      const bool said = std::any_of(result.errors.begin(), result.errors.end(),
                                    [&](const Error& e) { return e == error || !outcome.usable; });
      if (!said) result.errors.push_back(std::move(error));
    }
    result.scenarios.push_back(std::move(outcome.result));
    result.interrupted |= outcome.interrupted;
  }

  static void name_history(const std::string& file, RunResult& result) {
    result.histories.push_back(file.substr(file.rfind('/') + 1));
  }

  const Home& home_;
  const Plan& plan_;
  const PlanHooks& hooks_;
  Instant started_;
  std::vector<PlannedScenario> scenarios_;
  std::vector<std::optional<ScenarioOutcome>> outcomes_;
  std::vector<std::size_t> repeated_;
  std::atomic<bool> stop_ = false;
  ProgressBoard board_;
};

}  // namespace

RunResult run_plan(const Home& home, const Plan& plan, const PlanHooks& hooks) {
  return PlanRun(home, plan, hooks).run();
}

}  // namespace streamgauge::run
