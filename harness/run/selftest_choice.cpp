// Which scenarios show a flaw, and what their verdicts say: the part of the self-test that only
// thinks.
#include <algorithm>
#include <map>

#include "harness/run/selftest.hpp"

namespace streamgauge::run {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool states(const Contract& contract, const CheckSpec& spec) {
  return spec.not_stated == nullptr || spec.not_stated(contract).empty();
}

/// The first contract that states what the check judges; empty: none.
std::string contract_for(const CheckSpec& spec, const StageBook& book) {
  for (const Contract& contract : book.contracts) {
    if (states(contract, spec)) return contract.name;
  }
  return {};
}

/// The script that judges most of `wanted`, which loses those; among equals the shortest; nullptr
/// when none judges any.
const StageBook::Script* best(const StageBook& book, std::vector<std::string>& wanted) {
  const StageBook::Script* chosen = nullptr;
  std::ptrdiff_t most = 0;
  for (const StageBook::Script& script : book.scripts) {
    const auto judged = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& id) {
      return contains(script.checks, id);
    });
    if (judged > most || (judged == most && chosen && script.length < chosen->length)) {
      most = judged;
      chosen = &script;
    }
  }
  if (chosen) {
    std::erase_if(wanted, [&](const std::string& id) { return contains(chosen->checks, id); });
  }
  return chosen;
}

}  // namespace

std::vector<Stage> stages_for(const Flaw& flaw, const StageBook& book) {
  if (!flaw.scenario.empty() && !book.contracts.empty()) {
    return {{book.contracts.front().name, flaw.scenario}};
  }
  std::map<std::string, std::vector<std::string>> wanted;  // by contract
  for (const std::string& id : flaw.expected) {
    const CheckSpec* spec = find_check(id);
    if (spec) wanted[contract_for(*spec, book)].push_back(id);
  }
  std::vector<Stage> stages;
  for (const Contract& contract : book.contracts) {
    auto& ids = wanted[contract.name];
    while (!ids.empty()) {
      const StageBook::Script* script = best(book, ids);
      if (!script) break;
      stages.push_back({contract.name, script->scenario});
    }
  }
  return stages;
}

Catch weigh(const Flaw& flaw, const std::vector<CheckResult>& checks) {
  Catch caught;
  const auto note = [](std::vector<std::string>& list, const std::string& id) {
    if (!contains(list, id)) list.push_back(id);
  };
  for (const CheckResult& check : checks) {
    const Verdict verdict = check.finding.verdict;
    const bool fired =
        verdict == Verdict::fail || verdict == Verdict::warn || verdict == Verdict::error;
    if (contains(flaw.expected, check.id)) {
      if (fired && verdict != Verdict::error) note(caught.expected, check.id);
      caught.undecided |= verdict == Verdict::inconclusive;
    } else if (fired && !contains(flaw.related, check.id)) {
      note(caught.unrelated, check.id);
    }
  }
  return caught;
}

}  // namespace streamgauge::run
