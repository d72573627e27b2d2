#include "harness/run/repetition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/result/wire_excerpt.hpp"

namespace streamgauge::run {

namespace {

std::string said(const Finding& finding) {
  std::string words{to_string(finding.verdict)};
  const std::string& what = finding.measured.empty() ? finding.reason : finding.measured;
  if (!what.empty()) words += ", " + what;
  if (!finding.bound.empty()) words += fmt::format(" (bound: {})", finding.bound);
  return words;
}

}  // namespace

std::vector<std::string> checks_to_repeat(const ScenarioResult& first) {
  std::vector<std::string> ids;
  for (const CheckResult& check : first.checks) {
    const CheckSpec* spec = find_check(check.id);
    const Verdict verdict = check.finding.verdict;
    const bool open =
        verdict == Verdict::fail || verdict == Verdict::warn || verdict == Verdict::inconclusive;
    if (open && spec && spec->timing) ids.push_back(check.id);
  }
  return ids;
}

void take_second_attempt(ScenarioResult& first, const ScenarioResult& second, bool strict) {
  if (!strict) add_excerpts(first.wire, second.wire);
  for (const CheckResult& again : second.checks) {
    const auto at = std::find_if(first.checks.begin(), first.checks.end(),
                                 [&](const CheckResult& check) { return check.id == again.id; });
    if (at == first.checks.end()) continue;
    if (strict) {
      at->finding.repeated = fmt::format(
          "run again alone: {}; under --strict the first verdict stays", said(again.finding));
    } else {
      std::string before = said(at->finding);
      at->finding = again.finding;
      at->finding.repeated =
          fmt::format("run again alone, and this verdict counts; the first was: {}", before);
    }
  }
}

}  // namespace streamgauge::run
