#include "reports/sarif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "reports/json_text.hpp"
#include "reports/outcome.hpp"
#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

json::object message(std::string_view text) {
  return {{"text", printable(text)}};
}

/// Empty: the check is not reported.
std::string_view level_of(const CheckResult& check, bool strict) {
  if (violates(check, strict)) return "error";
  switch (check.finding.verdict) {
    case Verdict::fail:
      return "error";
    case Verdict::warn:
      return "warning";
    case Verdict::inconclusive:
    case Verdict::error:
      return "note";
    case Verdict::pass:
    case Verdict::info:
    case Verdict::skip:
      break;
  }
  return {};
}

json::object rule_of(const CheckResult& check) {
  return {{"id", printable(check.id)},
          {"shortDescription", message(check.requirement)},
          {"help", message(fmt::format("{} ({}; {})", check.requirement, to_string(check.level),
                                       check.source))},
          {"properties", {{"tags", json::array{printable(check.family)}}}}};
}

std::string words(const CheckResult& check, Instant run_start) {
  const Finding& f = check.finding;
  std::string out = message_of(check);
  if (!f.measured.empty()) out += " Measured: " + f.measured + ".";
  if (!f.bound.empty()) out += " Bound: " + f.bound + ".";
  for (const Evidence& e : f.evidence) {
    out += fmt::format(" [{} {} {}]", time_in_run(e.at, run_start), stream_name(e.stream), e.what);
  }
  return out;
}

json::object location(const CheckResult& check) {
  return {{"physicalLocation",
           {{"artifactLocation",
             {{"uri", fmt::format("scenarios/{}.yaml", safe_file_name(check.scenario))}}},
            {"region", {{"startLine", 1}}}}},
          {"logicalLocations",
           json::array{{{"name", printable(check.id)},
                        {"fullyQualifiedName", printable(check.scenario + "/" + check.id)},
                        {"kind", "member"}}}}};
}

json::object result_of(const CheckResult& check, std::size_t rule, const RunResult& run) {
  json::object out{
      {"ruleId", printable(check.id)},
      {"ruleIndex", rule},
      {"level", level_of(check, run.strict)},
      {"message", message(words(check, run.started))},
      {"locations", json::array{location(check)}},
      {"partialFingerprints", {{"streamgauge/v1", printable(check.id + "/" + check.scenario)}}}};
  if (excused(check)) {
    out["suppressions"] =
        json::array{{{"kind", "external"}, {"justification", printable(standing_sentence(check))}}};
  }
  return out;
}

json::object invocation(const RunResult& run) {
  json::array told;
  for (const RunProblem& problem : problems_of(run)) {
    told.push_back(json::object{{"level", "error"},
                                {"message", message(problem.message)},
                                {"descriptor", {{"id", "run." + problem.name}}}});
  }
  json::object out{{"executionSuccessful", run.errors.empty()},
                   {"exitCode", static_cast<int>(exit_code(run))},
                   {"exitCodeDescription", verdict_text(run)},
                   {"startTimeUtc", rfc3339(run.started)},
                   {"endTimeUtc", rfc3339(run.started + run.length)},
                   {"toolExecutionNotifications", std::move(told)}};
  if (!run.command.empty()) out["commandLine"] = printable(run.command);
  return out;
}

}  // namespace

std::string write_sarif(const RunResult& run) {
  json::array rules, results;
  std::vector<std::string> known;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (level_of(check, run.strict).empty()) continue;
      auto at = std::find(known.begin(), known.end(), check.id);
      if (at == known.end()) {
        rules.push_back(rule_of(check));
        at = known.insert(known.end(), check.id);
      }
      results.push_back(result_of(check, static_cast<std::size_t>(at - known.begin()), run));
    }
  }
  json::object driver{{"name", "streamgauge"}, {"rules", std::move(rules)}};
  if (!run.environment.streamgauge_version.empty()) {
    driver["version"] = printable(run.environment.streamgauge_version);
  }
  json::object one{
      {"tool", {{"driver", std::move(driver)}}},
      {"automationDetails", {{"id", fmt::format("streamgauge/{}/", printable(run.target))}}},
      {"invocations", json::array{invocation(run)}},
      {"columnKind", "utf16CodeUnits"},
      {"results", std::move(results)}};
  return json_text(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                {"version", "2.1.0"},
                                {"runs", json::array{std::move(one)}}});
}

}  // namespace streamgauge::reports
