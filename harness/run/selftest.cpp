#include "harness/run/selftest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>

#include "harness/core/base/nearest.hpp"
#include "harness/core/scenario/schedule.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/at_once.hpp"
#include "harness/run/client_selftest.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

/// Scenarios that make load disturb each other and everybody's times.
constexpr std::size_t heavy_at_once = 2;

constexpr std::string_view contract_names[] = {"default",     "llm-stream",    "mcp",
                                               "vectorflow",  "exceptionless", "harness",
                                               "stellarmind", "unarr"};

/// A flaw, or none at all, with what came of it.
struct Trial {
  std::optional<Flaw> flaw;
  std::string contract;  // of a trial without a flaw
  std::vector<Stage> stages;
  std::vector<CheckResult> checks;
  std::vector<Error> errors;
  std::size_t runs = 0;  // stages that were played
  bool alone = false;    // this is the second attempt
  std::string before;    // what the first attempt in company came to
};

/// One scenario of one trial.
struct Job {
  std::size_t trial = 0;
  Plan plan;
};

std::string name_of(const Trial& trial) {
  return trial.flaw ? trial.flaw->id : "no flaw, " + trial.contract;
}

bool fired(const CheckResult& check) {
  const Verdict verdict = check.finding.verdict;
  return verdict == Verdict::fail || verdict == Verdict::warn || verdict == Verdict::error;
}

/// A clean server must fail nothing; what it leaves undecided is told, and tried again.
bool satisfied(const Trial& trial) {
  if (!trial.errors.empty() || trial.runs < trial.stages.size()) return false;
  if (trial.flaw) return weigh(*trial.flaw, trial.checks).clean();
  return std::none_of(trial.checks.begin(), trial.checks.end(), [](const CheckResult& check) {
    return fired(check) || check.finding.verdict == Verdict::inconclusive;
  });
}

std::string stages_text(const Trial& trial) {
  std::string text;
  for (const Stage& stage : trial.stages) {
    text += (text.empty() ? "" : ", ") + stage.scenario;
    if (stage.contract != "default" && trial.flaw) text += fmt::format(" ({})", stage.contract);
  }
  return text;
}

/// The reasons of the checks that are in `ids`.
std::string reasons(const Trial& trial, const std::vector<std::string>& ids) {
  std::string text;
  for (const CheckResult& check : trial.checks) {
    if (!fired(check) || std::find(ids.begin(), ids.end(), check.id) == ids.end()) continue;
    text += fmt::format("{}{} in {}: {}", text.empty() ? "" : "; ", check.id, check.scenario,
                        check.finding.reason);
  }
  return text;
}

/// "heartbeat.cadence pass, heartbeat.no-burst inconclusive (...)": what the expected ones said.
std::string expected_said(const Trial& trial) {
  std::string text;
  for (const CheckResult& check : trial.checks) {
    const auto& expected = trial.flaw->expected;
    if (std::find(expected.begin(), expected.end(), check.id) == expected.end()) continue;
    text += fmt::format("{}{} in {}: {}", text.empty() ? "" : "; ", check.id, check.scenario,
                        to_string(check.finding.verdict));
    if (!check.finding.measured.empty()) text += ", " + check.finding.measured;
    if (!check.finding.reason.empty()) text += " (" + check.finding.reason + ")";
  }
  return text;
}

void judge_flaw(const Trial& trial, Finding& finding) {
  const Catch caught = weigh(*trial.flaw, trial.checks);
  finding.bound = stages_text(trial);
  finding.measured = fmt::format("{}", fmt::join(caught.expected, ", "));
  if (trial.stages.empty()) {
    finding.verdict = Verdict::fail;
    finding.reason =
        fmt::format("no scenario of the gate judges an expected check ({}): add one to a scenario",
                    fmt::join(trial.flaw->expected, ", "));
  } else if (caught.clean()) {
    finding.verdict = Verdict::pass;
  } else if (!caught.unrelated.empty()) {
    finding.verdict = Verdict::fail;
    finding.reason = fmt::format("{}; an unrelated check fires: {}",
                                 caught.expected.empty() ? "missed" : "caught",
                                 reasons(trial, caught.unrelated));
  } else {
    finding.verdict = caught.undecided ? Verdict::inconclusive : Verdict::fail;
    finding.measured = "missed";
    finding.reason = "no expected check fires: " + expected_said(trial);
  }
}

void judge_clean(const Trial& trial, Finding& finding) {
  std::size_t passed = 0, skipped = 0, open = 0;
  std::vector<std::string> failed;
  for (const CheckResult& check : trial.checks) {
    if (fired(check)) failed.push_back(check.id);
    passed += check.finding.verdict == Verdict::pass || check.finding.verdict == Verdict::info;
    skipped += check.finding.verdict == Verdict::skip;
    open += check.finding.verdict == Verdict::inconclusive;
  }
  finding.measured = fmt::format("{} pass, {} skipped", passed, skipped);
  if (!failed.empty()) finding.measured += fmt::format(", {} fail", failed.size());
  finding.bound = fmt::format("{} scenarios", trial.stages.size());
  if (!failed.empty()) {
    finding.verdict = Verdict::fail;
    finding.reason = "a server without a flaw is blamed: " + reasons(trial, failed);
  } else if (open > 0 || passed == 0) {
    finding.verdict = Verdict::inconclusive;
    finding.reason = fmt::format("{} checks could not be decided; try a quieter machine", open);
  } else {
    finding.verdict = Verdict::pass;
  }
}

CheckResult result_of(const Trial& trial) {
  CheckResult result;
  result.family = trial.flaw ? "flaw" : "clean";
  result.id = fmt::format("{}.{}", result.family, trial.flaw ? trial.flaw->id : trial.contract);
  result.scenario = "selftest";
  result.requirement = trial.flaw ? trial.flaw->description : "Without a flaw nothing fails.";
  result.source = trial.flaw ? trial.flaw->source : "contract " + trial.contract;
  Finding& finding = result.finding;
  if (trial.runs < trial.stages.size() && trial.errors.empty()) {
    finding.verdict = Verdict::skip;
    finding.reason = "the self-test was interrupted before";
    return result;
  }
  trial.flaw ? judge_flaw(trial, finding) : judge_clean(trial, finding);
  if (!trial.errors.empty() && finding.verdict != Verdict::pass) {
    finding.verdict = Verdict::error;
    finding.reason = trial.errors.front().message;
  }
  if (trial.alone) {
    finding.repeated = "tried again alone, and this counts; beside others it was: " + trial.before;
  }
  return result;
}

class Selftest {
 public:
  Selftest(const Home& home, const SelftestOptions& options, const PlanHooks& hooks)
      : home_(home), options_(options), hooks_(hooks), started_(net::now()) {}

  Result<RunResult> run() {
    if (auto chosen = choose(); !chosen) return chosen.error();
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (auto planned = plan(i, jobs); !planned) return planned.error();
    }
    play(std::move(jobs), options_.jobs);
    if (auto again = try_again(); !again) return again.error();
    return gather();
  }

 private:
  Result<void> choose() {
    auto book = stage_book(home_);
    if (!book) return book.error();
    auto flaws = all_flaws(home_);
    if (!flaws) return flaws.error();
    if (auto known = check_names(*flaws); !known) return known.error();
    std::vector<Stage> used;
    if (options_.flaws.empty()) {
      for (const auto& script : book->scripts) used.push_back({"default", script.scenario});
    }
    for (Flaw& flaw : *flaws) {
      const auto& wanted = options_.flaws;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), flaw.id) == wanted.end()) {
        continue;
      }
      Trial trial;
      trial.stages = stages_for(flaw, *book);
      trial.flaw = std::move(flaw);
      used.insert(used.end(), trial.stages.begin(), trial.stages.end());
      trials_.push_back(std::move(trial));
    }
    if (options_.flaws.empty()) add_clean(*book, used);
    return {};
  }

  Result<void> check_names(const std::vector<Flaw>& flaws) const {
    std::vector<std::string_view> ids;
    for (const Flaw& flaw : flaws) ids.push_back(flaw.id);
    for (const std::string& id : options_.flaws) {
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
      return usage_error(fmt::format("no flaw named '{}'{} (./streamgauge list flaws shows all)",
                                     id, did_you_mean(id, ids)));
    }
    return {};
  }

  /// Wherever a flaw is looked for, a server without one is looked at, too.
  void add_clean(const StageBook& book, const std::vector<Stage>& used) {
    for (const Contract& contract : book.contracts) {
      Trial trial;
      trial.contract = contract.name;
      for (const Stage& stage : used) {
        const auto& known = trial.stages;
        if (stage.contract != contract.name) continue;
        if (std::find(known.begin(), known.end(), stage) == known.end()) {
          trial.stages.push_back(stage);
        }
      }
      if (!trial.stages.empty()) trials_.push_back(std::move(trial));
    }
  }

  Result<void> plan(std::size_t index, std::vector<Job>& jobs) const {
    const Trial& trial = trials_[index];
    for (const Stage& stage : trial.stages) {
      Options options;
      options.contract = stage.contract;
      options.scenarios = {stage.scenario};
      if (trial.flaw) options.flaws = {trial.flaw->id};
      options.seed = options_.seed;
      auto planned = make_plan(home_, options);
      if (!planned) return planned.error();
      jobs.push_back({index, std::move(*planned)});
    }
    return {};
  }

  /// Heavy and long ones first, so that the short ones fill the gaps.
  void play(std::vector<Job> jobs, std::size_t most) {
    const auto weight = [](const Job& job) {
      const PlannedScenario& planned = job.plan.scenarios.front();
      return std::pair(planned.scenario.alone,
                       schedule(planned.scenario, job.plan.contract).length);
    };
    std::stable_sort(jobs.begin(), jobs.end(),
                     [&](const Job& a, const Job& b) { return weight(a) > weight(b); });
    std::vector<bool> heavy;
    for (const Job& job : jobs) heavy.push_back(weight(job).first);
    ProgressBoard board(jobs.size(), hooks_.progress);
    at_once(heavy, {most, heavy_at_once}, [&](std::size_t i) {
      if (!interrupted()) play_one(jobs[i], board);
    });
  }

  void play_one(const Job& job, ProgressBoard& board) {
    const PlannedScenario& planned = job.plan.scenarios.front();
    const std::string name =
        fmt::format("{}: {}", name_of(trials_[job.trial]), planned.scenario.name);
    ScenarioOutcome outcome;
    if (auto skipped = skipped_result(job.plan, planned, net::now())) {
      outcome.result = std::move(*skipped);
    } else {
      outcome = run_scenario(home_, job.plan, planned, board.hooks(name, hooks_.interrupted));
    }
    board.end(name);
    if (outcome.interrupted) return;
    const std::lock_guard lock(mutex_);
    Trial& trial = trials_[job.trial];
    auto& checks = outcome.result.checks;
    trial.checks.insert(trial.checks.end(), std::make_move_iterator(checks.begin()),
                        std::make_move_iterator(checks.end()));
    trial.errors.insert(trial.errors.end(), outcome.errors.begin(), outcome.errors.end());
    ++trial.runs;
  }

  /// What was not satisfying in company is tried alone: noise must not decide what a check can see.
  Result<void> try_again() {
    for (std::size_t i = 0; i < trials_.size() && !interrupted(); ++i) {
      Trial& trial = trials_[i];
      if (satisfied(trial) || trial.stages.empty() || options_.jobs < 2) continue;
      const Finding first = result_of(trial).finding;
      trial.before = fmt::format("{}, {}", to_string(first.verdict), first.reason);
      trial.alone = true;
      trial.checks.clear();
      trial.errors.clear();
      trial.runs = 0;
      std::vector<Job> jobs;
      if (auto planned = plan(i, jobs); !planned) return planned.error();
      play(std::move(jobs), 1);
    }
    return {};
  }

  [[nodiscard]] bool interrupted() const { return hooks_.interrupted && *hooks_.interrupted; }

  RunResult gather() {
    RunResult result;
    result.started = started_;
    result.length = net::now() - started_;
    result.target = "reference";
    result.target_description = "the reference server with each flaw in turn, and without";
    result.environment = environment();
    result.interrupted = interrupted();
    if (options_.seed) result.seed = *options_.seed;
    ScenarioResult all;
    all.scenario = "selftest";
    all.description = "Every flaw is caught by a check that it names, and by no unrelated one.";
    all.started = started_;
    all.length = result.length;
    std::size_t runs = 0;
    for (const Trial& trial : trials_) {
      runs += trial.runs;
      all.checks.push_back(result_of(trial));
      if (all.checks.back().finding.verdict == Verdict::error) {
        result.errors.insert(result.errors.end(), trial.errors.begin(), trial.errors.end());
      }
    }
    all.notes.push_back(fmt::format("{} scenarios were run, {} at a time", runs, options_.jobs));
    result.scenarios.push_back(std::move(all));
    return result;
  }

  const Home& home_;
  const SelftestOptions& options_;
  const PlanHooks& hooks_;
  Instant started_;
  std::mutex mutex_;  // of the trials while jobs run
  std::vector<Trial> trials_;
};

}  // namespace

Result<StageBook> stage_book(const Home& home) {
  StageBook book;
  const auto there = names_in(home, "contracts");
  for (const std::string_view name : contract_names) {
    if (std::find(there.begin(), there.end(), name) == there.end()) continue;
    auto contract = contract_named(home, std::string(name));
    if (!contract) return contract.error();
    book.contracts.push_back(std::move(*contract));
  }
  for (const std::string& name : gate_scenarios()) {
    const auto scenario = scenario_named(home, name);
    if (!scenario) return scenario.error();
    auto checks = expand_checks(scenario->checks);
    if (!checks) return usage_error(fmt::format("{}: {}", scenario->file, checks.error().message));
    const Contract& by = book.contracts.front();
    const Duration length = schedule(*scenario, scaled(by, by.gate_scale.value_or(1.0))).length;
    book.scripts.push_back({name, std::move(*checks), length});
  }
  return book;
}

Result<RunResult> selftest(const Home& home, const SelftestOptions& options,
                           const PlanHooks& hooks) {
  auto result = Selftest(home, options, hooks).run();
  if (!result || !options.flaws.empty()) return result;
  // Clients that do wrong are caught by the client cases.
  for (CheckResult& check : client_selftest({{}, hooks.interrupted})) {
    result->scenarios.front().checks.push_back(std::move(check));
  }
  return result;
}

}  // namespace streamgauge::run
