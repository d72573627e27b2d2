// Sentences that several formats share, so that a console and a CI page never disagree.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// "+12.345 s" after the run's start; empty for evidence without a time (the epoch).
[[nodiscard]] std::string time_in_run(Instant at, Instant run_start);

/// "stream 3"; empty for facts about the run.
[[nodiscard]] std::string stream_name(StreamId stream);

/// Ids of the checks with a property, each once, in the order of the report.
template <class Predicate>
[[nodiscard]] std::vector<std::string> ids_where(const RunResult& run, Predicate&& holds) {
  std::vector<std::string> ids;
  for (const ScenarioResult& s : run.scenarios) {
    for (const CheckResult& c : s.checks) {
      bool known = !holds(c);
      for (const std::string& id : ids) known = known || id == c.id;
      if (!known) ids.push_back(c.id);
    }
  }
  return ids;
}

/// What a baseline makes of the verdict; empty when it says nothing.
[[nodiscard]] std::string standing_sentence(const CheckResult& check);

/// One sentence that says what the run ended in, fitting its exit code.
[[nodiscard]] std::string closing_sentence(const RunResult& run);

}  // namespace streamgauge::reports
