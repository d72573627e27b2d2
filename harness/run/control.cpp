#include "harness/run/control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace streamgauge::run {

namespace {

const CheckResult* find(const ScenarioResult& result, const std::string& id) {
  const auto at = std::find_if(result.checks.begin(), result.checks.end(),
                               [&](const CheckResult& check) { return check.id == id; });
  return at == result.checks.end() ? nullptr : &*at;
}

bool fails(const CheckResult& check) {
  return check.finding.verdict == Verdict::fail || check.finding.verdict == Verdict::warn;
}

std::string said(const CheckResult& check) {
  return check.finding.measured.empty()
             ? std::string(to_string(check.finding.verdict))
             : fmt::format("{}, {}", to_string(check.finding.verdict), check.finding.measured);
}

/// The `hops` of the path that are nearest to the target.
PlannedScenario with_hops(const PlannedScenario& planned, std::size_t hops,
                          std::vector<std::string> checks) {
  PlannedScenario partial = planned;
  partial.checks = std::move(checks);
  partial.recording.reset();
  partial.path.erase(partial.path.begin(), partial.path.end() - static_cast<std::ptrdiff_t>(hops));
  return partial;
}

void add(CheckResult& check, const std::string& sentence) {
  check.finding.reason += (check.finding.reason.empty() ? "" : ". ") + sentence;
}

void blame(CheckResult& check, const PlannedScenario& planned, std::size_t hop,
           const std::string& control) {
  check.hop = planned.path[hop].spec.name;
  add(check,
      planned.path.size() == 1
          ? fmt::format("Without the proxy '{}' the same scenario says: {}", check.hop, control)
          : fmt::format("The hop '{}' ({} of {}, counted from the clients) is at fault: "
                        "without it and what lies before it the same scenario says: {}",
                        check.hop, hop + 1, planned.path.size(), control));
}

}  // namespace

std::vector<std::string> violated_checks(const ScenarioResult& result) {
  std::vector<std::string> ids;
  for (const CheckResult& check : result.checks) {
    if (fails(check)) ids.push_back(check.id);
  }
  return ids;
}

void compare_with_control(const PlannedScenario& planned, ScenarioResult& result,
                          const Attempt& attempt) {
  auto open = violated_checks(result);
  std::map<std::string, std::string>
      last_said;  // by the attempt before, without the hop in question
  for (std::size_t hops = 0; !open.empty() && hops <= planned.path.size(); ++hops) {
    const bool whole = hops == planned.path.size();
    std::optional<ScenarioResult> control;
    if (!whole) {
      control = attempt(with_hops(planned, hops, open));
      if (!control) {
        result.notes.push_back("the control without the path could not be run: no hop is named");
        return;
      }
    }
    std::vector<std::string> still_open;
    for (const std::string& id : open) {
      const auto at = std::find_if(result.checks.begin(), result.checks.end(),
                                   [&](const CheckResult& check) { return check.id == id; });
      const CheckResult* again = whole ? &*at : find(*control, id);
      if (again != nullptr && fails(*again)) {
        if (hops == 0) {
          add(*at, "It fails without the path, too: the path is not at fault");
        } else {
          blame(*at, planned, planned.path.size() - hops, last_said[id]);
        }
        continue;
      }
      last_said[id] = again != nullptr ? said(*again) : "nothing";
      still_open.push_back(id);
    }
    open = std::move(still_open);
  }
}

}  // namespace streamgauge::run
