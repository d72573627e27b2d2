// Does the harness see what it is for? Every flaw is switched on, and must be caught by a check
// that its table names and by no unrelated one; without flaws nothing may fail.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "harness/run/flaws.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

struct SelftestOptions {
  std::vector<std::string> flaws;  // empty: all, and the clean server
  unsigned jobs = 6;               // scenarios at once
  std::optional<std::uint32_t> seed;
};

/// A scenario by a contract, as the gate would run it.
struct Stage {
  std::string contract, scenario;
  friend bool operator==(const Stage&, const Stage&) = default;
};

/// What is known of contracts and scenarios, to choose from.
struct StageBook {
  std::vector<Contract> contracts;  // in the order of preference
  struct Script {
    std::string scenario;
    std::vector<std::string> checks;  // exact ids
    Duration length{};                // in a gate
  };
  std::vector<Script> scripts;  // in the gate's order
};

/// The contracts of this installation that the reference server honours, and the gate's scenarios.
[[nodiscard]] Result<StageBook> stage_book(const Home& home);

/// Where the flaw's expected checks can be judged: each by the first contract that states it, in as
/// few scenarios as a greedy choice finds, the shorter of two alike. Empty: nowhere. Pure.
[[nodiscard]] std::vector<Stage> stages_for(const Flaw& flaw, const StageBook& book);

/// What the verdicts of a flaw's stages say of the checks' eyesight. Pure.
struct Catch {
  std::vector<std::string> expected;   // that fired
  std::vector<std::string> unrelated;  // that fired and may not
  bool undecided = false;              // an expected check was inconclusive
  [[nodiscard]] bool clean() const { return !expected.empty() && unrelated.empty(); }
};
[[nodiscard]] Catch weigh(const Flaw& flaw, const std::vector<CheckResult>& checks);

/// Runs everything and answers with one check for each flaw ("flaw.<id>") and for each contract
/// without flaws ("clean.<contract>"), so that every report format can show it. What was missed or
/// undecided in company is tried once more, alone, and says so. Errors: unknown flaws (2), a
/// reference server that cannot be asked (3).
[[nodiscard]] Result<RunResult> selftest(const Home& home, const SelftestOptions& options,
                                         const PlanHooks& hooks);

}  // namespace streamgauge::run
