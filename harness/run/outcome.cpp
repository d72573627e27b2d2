#include "harness/run/outcome.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/version.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "harness/core/base/units.hpp"
#include "harness/core/contract/load.hpp"
#include "harness/run/version.hpp"

namespace streamgauge::run {

namespace {

Duration cpu_time(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

void add_harness_figures(Resources& resources) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  resources.harness_rss_peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  resources.harness_cpu_ns =
      static_cast<std::uint64_t>((cpu_time(usage.ru_utime) + cpu_time(usage.ru_stime)).count());
}

std::string schedule_note(const RunFacts& facts, const Saturation& load) {
  std::string note = generator_sentence(load);
  if (facts.publisher.due > 0) {
    note +=
        fmt::format("; publisher late by at most {}", format_duration(facts.publisher.worst_late));
  }
  if (facts.swarm.late_starts > 0) {
    note += fmt::format("; {} connects began more than 10 ms late",
                        format_count(facts.swarm.late_starts));
  }
  return note;
}

/// Whether all that speaks against the target falls into what is excused.
bool excusable(const Finding& finding, const std::vector<Stretch>& when) {
  if (when.empty()) return true;
  return !finding.evidence.empty() &&
         std::ranges::all_of(finding.evidence, [&](const Evidence& item) {
           return std::ranges::any_of(when, [&](const Stretch& s) { return s.holds(item.at); });
         });
}

/// A target that was not let run cannot be blamed for being late: what fails, but would be
/// inconclusive if times were not to be trusted at all, is a matter of time and becomes that.
void excuse_lateness(std::vector<CheckResult>& checks, const Jury& jury, Noise noise,
                     const Circumstances& around) {
  noise.measured = false;
  const std::vector<CheckResult> without_times = jury.judge(noise);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    Finding& finding = checks[i].finding;
    const bool failed = finding.verdict == Verdict::fail || finding.verdict == Verdict::warn;
    if (!failed || without_times[i].finding.verdict != Verdict::inconclusive) continue;
    if (!excusable(finding, around.starved_when)) continue;
    finding.verdict = Verdict::inconclusive;
    finding.reason = "beyond the bound, but " + around.starved;
  }
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

Circumstances circumstances(const RunFacts& facts) {
  const unsigned processors = std::thread::hardware_concurrency();
  const Saturation load = saturation(facts.processor_use, processors);
  Circumstances around{facts.started, facts.ended, load.generator_saturated, {}};
  if (load.target_starved) {
    around.starved = starved_sentence(load);
  } else {
    Want want = starved_phases(facts.processor_use, processors);
    around.starved = std::move(want.why);
    around.starved_when = std::move(want.when);
  }
  return around;
}

ScenarioResult judged(const PlannedScenario& planned, const Fold& total,
                      const Circumstances& around) {
  const Measurements& measured = total.measurements();
  ScenarioResult result;
  result.scenario = planned.scenario.name;
  result.description = planned.scenario.description;
  result.path = names_of(planned.path);
  result.started = around.started;
  result.length = around.ended - around.started;
  result.histograms = measured.histograms();
  result.text = planned.text;
  result.series = measured.series();
  result.marks = measured.marks();
  result.attempts = measured.attempts();
  result.reconnects = measured.reconnects();
  result.resources = measured.resources();
  result.noise = measured.noise();
  result.noise.generator_saturated = around.generator_saturated;
  result.noise.target_starved = !around.starved.empty() && around.starved_when.empty();
  result.checks = total.jury().judge(result.noise);
  if (!around.starved.empty()) {
    excuse_lateness(result.checks, total.jury(), result.noise, around);
  }
  result.endings = measured.endings();
  result.events_received = measured.counts().events;
  result.events_published = measured.counts().published;
  return result;
}

ScenarioResult scenario_result(const PlannedScenario& planned, const Fold& total,
                               const RunFacts& facts) {
  ScenarioResult result = judged(planned, total, circumstances(facts));
  add_harness_figures(result.resources);
  for (const PhaseUse& phase : facts.processor_use) {
    result.resources.load_cpu_ns += static_cast<std::uint64_t>(phase.target.ran.count());
  }
  result.streams = facts.swarm.streams;
  result.bytes_received = facts.swarm.bytes;
  result.notes = notes(facts);
  return result;
}

std::vector<std::string> notes(const RunFacts& facts) {
  const Saturation load = saturation(facts.processor_use, std::thread::hardware_concurrency());
  std::vector<std::string> sentences;
  if (const auto around = circumstances(facts); !around.starved.empty()) {
    sentences.push_back(around.starved);
  }
  sentences.push_back(schedule_note(facts, load));
  return sentences;
}

ScenarioResult unopened_result(const PlannedScenario& planned, Instant started, Instant ended) {
  ScenarioResult result;
  result.scenario = planned.scenario.name;
  result.description = planned.scenario.description;
  result.path = names_of(planned.path);
  result.text = planned.text;
  result.started = started;
  result.length = ended - started;
  for (const std::string& id : planned.checks) {
    const CheckSpec* spec = find_check(id);
    CheckResult check;
    check.id = id;
    check.family = spec->family();
    check.scenario = planned.scenario.name;
    check.requirement = spec->requirement;
    check.source = spec->source;
    check.level = spec->level;
    check.finding.verdict = Verdict::skip;
    check.finding.reason = "the target could not be opened";
    result.checks.push_back(std::move(check));
  }
  return result;
}

std::optional<ScenarioResult> skipped_result(const Plan& plan, const PlannedScenario& planned,
                                             Instant at) {
  const CheckContext context{plan.contract,         planned.scenario, plan.target, 0, 0,
                             names_of(planned.path)};
  ScenarioResult result;
  result.checks = Jury(context, planned.checks).judge(Noise{});
  const auto is_skip = [](const CheckResult& check) {
    return check.finding.verdict == Verdict::skip;
  };
  if (!std::all_of(result.checks.begin(), result.checks.end(), is_skip)) return std::nullopt;
  result.scenario = planned.scenario.name;
  result.description = planned.scenario.description;
  result.path = names_of(planned.path);
  result.text = planned.text;
  result.started = at;
  result.notes.push_back("not run: every check of it is skipped");
  return result;
}

void tell_contract(const Contract& contract, RunResult& run) {
  run.contract = contract.name;
  run.contract_text = write_contract(contract);
  if (contract.heartbeat) run.heartbeat_every = contract.heartbeat->every;
  if (contract.delivery && contract.delivery->latency_p99) {
    run.delivery_p99 = *contract.delivery->latency_p99;
  }
}

Environment environment() {
  Environment environment;
  environment.streamgauge_version = version;
  environment.compiler =
#if defined(__clang__)
      "clang " __clang_version__;
#else
      "g++ " __VERSION__;
#endif
  environment.boost = fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                                  BOOST_VERSION % 100);
  utsname name{};
  if (uname(&name) == 0) {
    environment.kernel = fmt::format("{} {}", name.sysname, name.release);
    environment.hostname = name.nodename;
  }
  environment.cpu_model = cpu_model();
  environment.cores = std::thread::hardware_concurrency();
  return environment;
}

}  // namespace streamgauge::run
