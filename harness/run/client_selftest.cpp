#include "harness/run/client_selftest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/check/finding.hpp"
#include "harness/run/at_once.hpp"
#include "harness/run/client_defects.hpp"

namespace streamgauge::run {

namespace {

constexpr std::size_t clients_at_once = 6;  // they wait for their own delays

PolicySpec browser_in_a_hurry() {
  PolicySpec policy = policy_defaults(PolicyKind::browser);
  policy.reconnect = std::chrono::milliseconds{250};
  return policy;
}

bool defect_seen(const CheckResult& check) {
  return check.finding.verdict == Verdict::fail || check.finding.verdict == Verdict::warn;
}

std::vector<CheckResult> verdicts(const PolicySpec& policy,
                                  const std::vector<std::string_view>& ids,
                                  const ClientSuiteHooks& hooks) {
  std::vector<const client_case::Case*> cases;
  for (const std::string_view id : ids) {
    if (const auto* item = client_case::find_case(id)) cases.push_back(item);
  }
  const auto client = net::built_in_client("policy browser", policy);
  ClientSuiteHooks quiet;
  quiet.interrupted = hooks.interrupted;
  return play_cases(*client, cases, {}, quiet).run.scenarios.front().checks;
}

CheckResult proof(std::string id, std::string requirement, std::string source, Finding finding) {
  CheckResult check;
  check.id = "client." + std::move(id);
  check.family = "client";
  check.scenario = "selftest";
  check.requirement = std::move(requirement);
  check.source = std::move(source);
  check.finding = std::move(finding);
  return check;
}

CheckResult prove_defect(const DefectProof& meant, const ClientSuiteHooks& hooks) {
  const ClientDefect* defect = find_client_defect(meant.defect);
  if (defect == nullptr) {
    return proof(std::string(meant.defect), "The defect exists.", "selftest",
                 finding(Verdict::error, "", "", "no defect of that name"));
  }
  PolicySpec policy = browser_in_a_hurry();
  policy.defects.add(defect->defect);
  const auto checks = verdicts(policy, meant.cases, hooks);
  std::string blind;
  std::size_t seen = 0;
  for (const CheckResult& check : checks) {
    seen += defect_seen(check);
    if (defect_seen(check)) continue;
    blind += fmt::format("{}{} is {}", blind.empty() ? "" : "; ", check.id,
                         to_string(check.finding.verdict));
  }
  const bool all = seen == meant.cases.size();
  return proof(std::string(defect->id),
               fmt::format("A client is caught that does this: {}.", defect->description),
               std::string(defect->source),
               finding(all ? Verdict::pass : Verdict::fail,
                       fmt::format("{} of {} cases", seen, meant.cases.size()), "all of them",
                       std::move(blind)));
}

CheckResult prove_clean(const ClientSuiteHooks& hooks) {
  std::vector<std::string_view> ids;
  for (const DefectProof& meant : defect_proofs()) {
    ids.insert(ids.end(), meant.cases.begin(), meant.cases.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::string wrong;
  for (const CheckResult& check : verdicts(browser_in_a_hurry(), ids, hooks)) {
    if (check.finding.verdict == Verdict::pass) continue;
    wrong += fmt::format("{}{} is {}: {}", wrong.empty() ? "" : "; ", check.id,
                         to_string(check.finding.verdict), check.finding.reason);
  }
  return proof("none", "A client without a defect passes the cases that catch those with one.",
               "selftest",
               finding(wrong.empty() ? Verdict::pass : Verdict::fail,
                       fmt::format("{} cases", ids.size()), "all pass", wrong));
}

}  // namespace

const std::vector<DefectProof>& defect_proofs() {
  static const std::vector<DefectProof> table{
      {"ignores-retry", {"sse/9.2.6/retry-honoured", "sse/9.2.6/retry-persists"}},
      {"stops-after-clean-end", {"reconnect/end/complete", "reconnect/often/ten-times"}},
      {"retries-final", {"http/status/404-when-it-returns", "http/status/404-at-first"}},
      {"ignores-204", {"http/status/204-when-it-returns", "http/status/204-at-first"}},
      {"no-delay", {"reconnect/time/after-an-end", "reconnect/time/untold"}},
      {"accepts-any-type", {"http/type/text-html", "http/type/none"}},
      {"accepts-any-status", {"http/status/500-body", "http/status/404-body"}},
      {"loses-id", {"reconnect/id/told", "http/redirect/last-event-id"}},
      {"sends-empty-id", {"reconnect/id/none", "http/request/no-last-event-id"}},
      {"no-accept", {"http/request/accept"}},
      {"leaks-authorization", {"http/redirect/authorization-to-other-port"}},
      {"repeats-request-body", {"http/redirect/303-drops-the-body"}},
      {"trims-data", {"sse/9.2.6/space-trailing", "sse/9.2.6/space-two"}},
      {"keeps-space", {"sse/9.2.6/space-one"}},
      {"needs-space", {"sse/9.2.6/space-none"}},
      {"type-leaks", {"sse/9.2.6/type-reset-without-data"}},
      {"joins-without-newline", {"sse/9.2.6/data-lines"}},
      {"keeps-last-newline", {"sse/9.2.6/data-lines", "sse/9.2.6/data-cleared"}},
      {"dispatches-empty", {"sse/9.2.6/data-none"}},
      {"dispatches-at-end", {"sse/9.2.6/end-no-blank-line"}},
      {"commits-id-at-end", {"reconnect/id/incomplete"}},
      {"keeps-id-when-empty", {"sse/9.2.6/id-empty-resets", "reconnect/id/reset"}},
      {"accepts-nul-in-id", {"sse/9.2.6/id-nul"}},
      {"id-does-not-persist", {"sse/9.2.6/id-persists"}},
      {"keeps-bom", {"sse/9.2.5/bom", "sse/9.2.5/bom-split"}},
      {"ignores-lone-cr", {"sse/9.2.5/end-cr"}},
      {"counts-crlf-twice", {"sse/9.2.5/end-crlf-lines"}},
      {"lenient-retry", {"sse/9.2.6/retry-ignored-letters"}},
      {"folds-field-names", {"sse/9.2.6/name-case-data"}},
      {"needs-colon", {"sse/9.2.6/no-colon"}},
      {"line-ends-with-read", {"sse/9.2.5/end-lf"}},
      {"short-lines", {"robust/size/event-5-mb"}},
      {"empty-type", {"sse/9.2.6/type-default"}},
  };
  return table;
}

std::vector<CheckResult> client_selftest(const ClientSuiteHooks& hooks) {
  const auto stop = [&] { return hooks.interrupted != nullptr && hooks.interrupted->load(); };
  const auto& proofs = defect_proofs();
  std::vector<std::optional<CheckResult>> done(1 + proofs.size());
  at_once(std::vector<bool>(done.size(), false), {clients_at_once, 1}, [&](std::size_t i) {
    if (!stop()) done[i] = i == 0 ? prove_clean(hooks) : prove_defect(proofs[i - 1], hooks);
  });
  std::vector<CheckResult> checks;
  for (auto& check : done) {
    if (check) checks.push_back(std::move(*check));
  }
  return checks;
}

}  // namespace streamgauge::run
