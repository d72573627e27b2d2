// What a client's verdicts become in a table: pure.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/client_case/case.hpp"
#include "harness/run/client_matrix.hpp"

namespace streamgauge::run {

namespace {

/// A question that one case answers: what to say when it passes and when it does not.
struct Question {
  std::string_view title, id, passes, fails;  // empty: what was measured
};

constexpr Question questions[] = {
    {"delay", "reconnect/time/untold", "", ""},
    {"503", "http/status/503-at-first", "stops", "retries"},
    {"429", "http/status/429-at-first", "stops", "retries"},
    {"204", "http/status/204-at-first", "stops", "retries"},
    {"clean end", "reconnect/end/complete", "returns", "stops"},
    {"stall", "robust/silence/after-events", "noticed", "never noticed"},
    {"CR", "sse/9.2.5/end-cr", "ends lines", "ignored"},
    {"empty id", "sse/9.2.6/id-empty-resets", "resets", "kept"},
};

const CheckResult* find_result(const RunResult& run, std::string_view id) {
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (check.id == id) return &check;
    }
  }
  return nullptr;
}

MatrixCell answer_cell(const Question& question, const RunResult& run) {
  const CheckResult* check = find_result(run, question.id);
  if (check == nullptr) return {Verdict::skip, "", "not played"};
  const Finding& finding = check->finding;
  MatrixCell cell{finding.verdict, "", finding.reason};
  switch (finding.verdict) {
    case Verdict::pass:
      cell.text = question.passes.empty() ? finding.measured : std::string(question.passes);
      break;
    case Verdict::fail:
    case Verdict::warn:
    case Verdict::info:
      cell.text = question.fails.empty() ? finding.measured : std::string(question.fails);
      break;
    case Verdict::skip:
      cell.text = question.title == "stall" ? "never noticed" : "";
      break;
    case Verdict::inconclusive:
    case Verdict::error:
      break;
  }
  return cell;
}

/// "41 of 43", by the worst of its verdicts.
MatrixCell section_cell(const std::string& section, const RunResult& run) {
  std::size_t judged = 0, passed = 0;
  MatrixCell cell;
  const auto weight = [](Verdict verdict) { return static_cast<int>(verdict); };
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      const Verdict verdict = check.finding.verdict;
      if (check.family != section || verdict == Verdict::skip) continue;
      ++judged;
      passed += verdict == Verdict::pass || verdict == Verdict::info;
      if (verdict == Verdict::pass || verdict == Verdict::info) continue;
      cell.detail += (cell.detail.empty() ? "" : "; ") + check.id + ": " + check.finding.reason;
      if (weight(verdict) > weight(cell.verdict)) cell.verdict = verdict;
    }
  }
  if (judged == 0) return {Verdict::skip, "", "nothing that the client can do"};
  if (passed == judged) cell.verdict = Verdict::pass;
  cell.text = fmt::format("{}/{}", passed, judged);
  return cell;
}

std::vector<std::string> sections() {
  std::vector<std::string> names;
  for (const client_case::Case& item : client_case::all_cases()) {
    const std::string section = item.section();
    if (std::find(names.begin(), names.end(), section) == names.end()) names.push_back(section);
  }
  return names;
}

}  // namespace

std::vector<MatrixColumn> client_matrix_columns() {
  std::vector<MatrixColumn> columns;
  for (const Question& question : questions) {
    const client_case::Case* item = client_case::find_case(question.id);
    columns.push_back({std::string(question.id), std::string(question.title),
                       item != nullptr ? item->requirement : std::string{}});
  }
  for (const std::string& section : sections()) {
    columns.push_back({section + "/*", section, "The cases of " + section + " that it passes."});
  }
  return columns;
}

std::vector<MatrixCell> client_matrix_cells(const RunResult& run) {
  std::vector<MatrixCell> cells;
  for (const Question& question : questions) cells.push_back(answer_cell(question, run));
  for (const std::string& section : sections()) cells.push_back(section_cell(section, run));
  return cells;
}

}  // namespace streamgauge::run
