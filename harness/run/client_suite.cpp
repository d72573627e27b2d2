#include "harness/run/client_suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "harness/core/base/nearest.hpp"
#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/at_once.hpp"
#include "harness/run/client_trial.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

using client_case::Case;

namespace {

constexpr std::size_t wires_max = 100;
// A harness that was late by more may have made a case of time fail: it is played again with few.
constexpr Duration lag_noticed = std::chrono::milliseconds{25};
constexpr std::size_t again_at_once = 4;

bool case_failed(const Finding& finding) {
  return finding.verdict == Verdict::fail || finding.verdict == Verdict::warn ||
         finding.verdict == Verdict::inconclusive || finding.verdict == Verdict::error;
}

CheckResult as_check(const Case& item, Finding finding) {
  CheckResult check;
  check.id = item.id;
  check.family = item.section();
  check.scenario = "client";
  check.requirement = item.requirement;
  check.source = item.source;
  check.level = item.level;
  check.finding = std::move(finding);
  return check;
}

std::string wire_name(const std::string& id) {
  std::string name = id;
  std::replace(name.begin(), name.end(), '/', '_');
  return "wire/" + name + ".txt";
}

/// The verdict of the second attempt, with a word about the first.
PlayedCase second_attempt(const Case& item, net::ClientUnderTest& client, net::ScriptServer& server,
                          const PlayedCase& first, const std::atomic<bool>* interrupted) {
  PlayedCase again = play_case(item, client, server, interrupted);
  again.finding.repeated =
      fmt::format("in company it was {}{}{}", to_string(first.finding.verdict),
                  first.finding.reason.empty() ? "" : ": ", first.finding.reason);
  return again;
}

/// A client that no case got to ask for anything is no client.
void note_dead_client(RunResult& run) {
  const auto& checks = run.scenarios.front().checks;
  const bool dead = !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const auto& c) {
    return c.finding.verdict == Verdict::error || c.finding.verdict == Verdict::skip;
  });
  if (!dead) return;
  for (const CheckResult& check : checks) {
    if (check.finding.verdict != Verdict::error) continue;
    run.errors.push_back(
        target_error("The client did nothing in any case: " + check.finding.reason + "."));
    return;
  }
}

}  // namespace

Result<std::vector<const Case*>> choose_cases(const std::vector<std::string>& patterns) {
  std::vector<const Case*> chosen;
  std::vector<bool> used(patterns.size(), false);
  for (const Case& item : client_case::all_cases()) {
    bool wanted = patterns.empty();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (!client_case::fits(patterns[i], item.id)) continue;
      wanted = used[i] = true;
    }
    if (wanted) chosen.push_back(&item);
  }
  const auto idle = std::find(used.begin(), used.end(), false);
  if (idle == used.end()) return chosen;
  const std::string& pattern = patterns[static_cast<std::size_t>(idle - used.begin())];
  std::vector<std::string_view> known;
  for (const Case& item : client_case::all_cases()) known.push_back(item.id);
  return Error{ExitCode::nothing_judged,
               fmt::format("no client case fits '{}'{}; `streamgauge list client-cases` names all",
                           pattern, did_you_mean(pattern, known))};
}

ClientSuiteResult play_cases(net::ClientUnderTest& client, const std::vector<const Case*>& cases,
                             const ClientSuiteOptions& options, const ClientSuiteHooks& hooks) {
  ClientSuiteResult result;
  net::ScriptServer server;
  std::vector<PlayedCase> played(cases.size());
  std::mutex mutex;
  std::size_t done = 0;
  const unsigned most = client.at_once_max();
  const unsigned jobs = options.jobs == 0 ? most : std::min(options.jobs, most * 4);
  const Instant began = net::now();
  const auto play_all = [&](const std::vector<std::size_t>& which, unsigned at_a_time) {
    at_once(std::vector<bool>(which.size(), false), {at_a_time, 1}, [&](std::size_t k) {
      const std::size_t i = which[k];
      const bool stop = hooks.interrupted != nullptr && hooks.interrupted->load();
      if (!stop) played[i] = play_case(*cases[i], client, server, hooks.interrupted);
      const std::lock_guard lock(mutex);
      if (hooks.progress) hooks.progress(++done, cases.size());
    });
  };
  std::vector<std::size_t> ordinary, measured;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    (cases[i]->measures_memory ? measured : ordinary).push_back(i);
  }
  play_all(ordinary, jobs);
  play_all(measured, 1);  // whose memory is looked at runs alone

  std::vector<std::size_t> again;
  for (std::size_t i = 0; i < cases.size() && jobs > 1; ++i) {
    const bool noisy = played[i].lag > lag_noticed;
    if (noisy && cases[i]->judged_by_time && case_failed(played[i].finding)) again.push_back(i);
  }
  at_once(std::vector<bool>(again.size(), false), {again_at_once, 1}, [&](std::size_t k) {
    const std::size_t i = again[k];
    if (hooks.interrupted != nullptr && hooks.interrupted->load()) return;
    played[i] = second_attempt(*cases[i], client, server, played[i], hooks.interrupted);
  });

  RunResult& run = result.run;
  run.target = client.name();
  run.contract = std::string(client_case::spec_revision);
  run.started = began;
  run.length = net::now() - began;
  run.strict = options.strict;
  run.interrupted = hooks.interrupted != nullptr && hooks.interrupted->load();
  run.environment = environment();
  ScenarioResult scenario;
  scenario.scenario = "client";
  scenario.description = "Cases for a client of event streams.";
  scenario.started = began;
  scenario.length = run.length;
  scenario.noise.measured = true;
  scenario.noise.lag_p99 = scenario.noise.lag_max = server.lag_between(began, net::now());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Verdict verdict = played[i].finding.verdict;
    const bool telling = verdict != Verdict::skip && verdict != Verdict::info;
    if (telling && !played[i].wire.empty() && result.wires.size() < wires_max) {
      result.wires.push_back({wire_name(cases[i]->id), std::move(played[i].wire)});
    }
    scenario.checks.push_back(as_check(*cases[i], std::move(played[i].finding)));
  }
  run.scenarios.push_back(std::move(scenario));
  note_dead_client(run);
  return result;
}

Result<ClientSuiteResult> run_client_suite(net::ClientUnderTest& client,
                                           const ClientSuiteOptions& options,
                                           const ClientSuiteHooks& hooks) {
  const auto cases = choose_cases(options.cases);
  if (!cases) return cases.error();
  return play_cases(client, *cases, options, hooks);
}

}  // namespace streamgauge::run
