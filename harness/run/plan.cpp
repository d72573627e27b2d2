#include "harness/run/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "harness/core/base/nearest.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/core/scenario/placeholders.hpp"
#include "harness/run/client_flaws.hpp"
#include "harness/run/flaws.hpp"
#include "harness/run/path_flaws.hpp"

namespace streamgauge::run {

namespace {

constexpr double time_scale_min = 0.001;
constexpr double time_scale_max = 1000.0;

std::vector<std::string> known_ids() {
  std::vector<std::string> ids;
  for (const CheckSpec& spec : all_checks()) ids.emplace_back(spec.id);
  return ids;
}

std::vector<std::string> known_families() {
  std::vector<std::string> families;
  for (const CheckSpec& spec : all_checks()) {
    if (std::find(families.begin(), families.end(), spec.family()) == families.end()) {
      families.emplace_back(spec.family());
    }
  }
  return families;
}

/// The three candidates that take the fewest edits, for names so far off that none is near; the
/// part behind the dot counts alone, too, because people forget the family.
std::vector<std::string> closest(const std::string& name, std::vector<std::string> candidates) {
  const auto distance = [&](const std::string& candidate) {
    const auto dot = candidate.find('.');
    const std::size_t whole = edit_distance(name, candidate);
    return dot == std::string::npos
               ? whole
               : std::min(whole, edit_distance(name, std::string_view(candidate).substr(dot + 1)));
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  candidates.resize(std::min<std::size_t>(candidates.size(), 3));
  return candidates;
}

Error unknown(std::string_view kind, const std::string& name,
              const std::vector<std::string>& candidates, std::string_view list = "checks") {
  const auto near = nearest(name, candidates);
  if (!near.empty()) {
    return usage_error(
        fmt::format("no {} named '{}'; did you mean {}?", kind, name, fmt::join(near, " or ")));
  }
  return usage_error(
      fmt::format("no {} named '{}'; the closest are {} (./streamgauge list {} shows all)", kind,
                  name, fmt::join(closest(name, candidates), ", "), list));
}

Result<void> check_families(const std::vector<std::string>& families) {
  const auto known = known_families();
  for (const std::string& family : families) {
    if (std::find(known.begin(), known.end(), family) == known.end()) {
      return unknown("family of checks", family, known);
    }
  }
  return {};
}

/// The ids of `scenario` that --check and --only leave.
Result<std::vector<std::string>> selected(const Scenario& scenario, const Options& options) {
  auto ids = expand_checks(scenario.checks);
  if (!ids) return usage_error(fmt::format("{}: {}", scenario.file, ids.error().message));
  std::vector<std::string> wanted;
  if (!options.checks.empty()) {
    auto expanded = expand_checks(options.checks);
    if (!expanded) return expanded.error();
    wanted = *expanded;
  }
  std::vector<std::string> left;
  for (const std::string& id : *ids) {
    const std::string family = id.substr(0, id.find('.'));
    const bool in_checks =
        options.checks.empty() || std::find(wanted.begin(), wanted.end(), id) != wanted.end();
    const bool in_families = options.families.empty() ||
                             std::find(options.families.begin(), options.families.end(), family) !=
                                 options.families.end();
    if (in_checks && in_families) left.push_back(id);
  }
  return left;
}

bool takes_flaws(const TargetSpec& target) {
  return target.spawn && std::find(target.spawn->args.begin(), target.spawn->args.end(),
                                   "{flaw_args}") != target.spawn->args.end();
}

/// Sorts the flaws into those of the server and those of the clients. The server's can be switched
/// on where the target's file has a place for them, the clients' beside any target.
Result<void> sort_flaws(const Home& home, const Options& options, Plan& plan,
                        std::optional<std::string>& path) {
  std::vector<std::string> ids;
  for (const std::string& flaw : options.flaws) {
    if (find_client_flaw(flaw)) {
      plan.client_flaws.push_back(flaw);
      continue;
    }
    if (const PathFlaw* of_path = find_path_flaw(flaw)) {
      plan.path_flaw = flaw;
      path = std::string(of_path->path);
      continue;
    }
    if (ids.empty()) {
      const auto flaws = all_flaws(home);
      if (!flaws) return flaws.error();
      for (const Flaw& known : *flaws) ids.push_back(known.id);
    }
    if (std::find(ids.begin(), ids.end(), flaw) == ids.end()) {
      return unknown("flaw", flaw, ids, "flaws");
    }
    if (!takes_flaws(plan.target)) {
      return usage_error(
          fmt::format("--flaw {} is for the reference server; '{}' has no place for "
                      "it (flaws of the clients go with any target)",
                      flaw, plan.target.name));
    }
    plan.flaws.push_back(flaw);
  }
  return {};
}

/// What was typed; else, for a target that scales, the contract's gate or the target's own.
Result<double> chosen_scale(const Options& options, const TargetSpec& target,
                            const Contract& contract, std::vector<std::string>& notes) {
  const double by_files = target.scales ? contract.gate_scale.value_or(target.time_scale) : 1.0;
  const double scale = options.time_scale.value_or(by_files);
  if (!(scale >= time_scale_min && scale <= time_scale_max)) {
    return usage_error(fmt::format("--time-scale {}: accepted are {} to {}", scale, time_scale_min,
                                   time_scale_max));
  }
  if (options.time_scale && *options.time_scale != 1.0 && !target.scales) {
    notes.push_back(fmt::format(
        "the target '{}' is not told of the time scale: it must have been configured for it",
        target.name));
  }
  return scale;
}

Result<Contract> chosen_contract(const Home& home, const Options& options,
                                 const TargetSpec& target) {
  if (!options.contract.empty()) return contract_named(home, options.contract);
  return contract_named(home, target.contract.empty() ? "standard" : target.contract);
}

Result<std::vector<PlannedScenario>> planned_scenarios(const Home& home, const Options& options,
                                                       Plan& plan) {
  std::vector<PlannedScenario> planned;
  auto names = options.scenarios.empty() ? gate_scenarios() : options.scenarios;
  if (options.scenarios.empty() && options.path && !path_words(*options.path).empty()) {
    names.emplace_back(path_scenario);
  }
  for (const std::string& name : names) {
    auto file = scenario_file(home, name);
    if (!file) return file.error();
    auto scenario = prepared_scenario(
        file->text, file->name, {options.settings, options.seed, plan.client_flaws, plan.path_flaw},
        plan.contract);
    if (!scenario) return scenario.error();
    auto ids = selected(*scenario, options);
    if (!ids) return ids.error();
    if (ids->empty()) {
      plan.notes.push_back(
          fmt::format("scenario '{}' left out: none of its checks is selected", name));
      continue;
    }
    auto hops = hops_named(home, options.path ? path_words(*options.path) : scenario->path);
    if (!hops) return hops.error();
    planned.push_back(
        {std::move(*scenario), std::move(*ids), std::move(file->text), {}, std::move(*hops)});
  }
  if (planned.empty()) {
    return Error{ExitCode::nothing_judged,
                 fmt::format("the selection leaves no check to judge (scenarios: {})",
                             fmt::join(names, ", "))};
  }
  return planned;
}

/// A script with more streams than limits.streams_total is not about that limit. Where the target
/// takes the contract from us it is raised, and the report says so.
void make_room(Plan& plan) {
  std::uint64_t streams = 0;
  for (const PlannedScenario& planned : plan.scenarios) {
    const auto own = streams_of_its_own(planned.scenario);
    if (!own) return;
    streams = std::max(streams, *own);
  }
  std::optional<std::uint64_t>& limit = plan.contract.limits.streams_total;
  const auto& spawn = plan.target.spawn;
  const bool takes_contract =
      spawn && std::any_of(spawn->args.begin(), spawn->args.end(),
                           [](const std::string& arg) { return mentions(arg, "contract_file"); });
  if (!takes_contract || !limit || streams <= *limit) return;
  const std::uint64_t room =
      streams + streams / 4;  // who returns may come before its old stream ends
  plan.notes.push_back(
      fmt::format("limits.streams_total raised from {} to {}: {} streams are to be held", *limit,
                  room, streams));
  limit = room;
}

}  // namespace

const std::vector<std::string>& gate_scenarios() {
  static const std::vector<std::string> names{
      "idle-heartbeat",  "steady-fanout",  "slow-consumer", "proxy-buffering",  "silent-stall",
      "reconnect-storm", "graceful-drain", "last-call",     "resume",           "identity",
      "limits",          "auth",           "token-stream",  "deliberate-close", "transports"};
  return names;
}

std::uint32_t total_streams(const Scenario& scenario) {
  std::uint32_t total = 0;
  for (const ClientGroup& group : scenario.groups) total += group.streams;
  return total;
}

Result<Scenario> prepared_scenario(std::string_view yaml, std::string file,
                                   const Preparation& preparation, const Contract& contract) {
  auto scenario = load_scenario(yaml, std::move(file));
  if (!scenario) return scenario.error();
  for (const std::string& setting : preparation.settings) {
    if (auto set = set_scenario_value(*scenario, setting); !set) return set.error();
  }
  if (preparation.seed) scenario->seed = *preparation.seed;
  resolve_streams(*scenario, contract);
  if (auto few = check_streams(*scenario); !few) return few.error();
  const PathFlaw* of_path = find_path_flaw(preparation.path_flaw);
  for (ClientGroup& group : scenario->groups) {
    if (of_path && of_path->alter) of_path->alter(group.policy);
  }
  for (const std::string& id : preparation.client_flaws) {
    const ClientFlaw* flaw = find_client_flaw(id);
    if (!flaw) return usage_error(fmt::format("no flaw of a client is called '{}'", id));
    for (ClientGroup& group : scenario->groups) flaw->alter(group.policy);
  }
  return scenario;
}

Result<std::vector<std::string>> expand_checks(const std::vector<std::string>& patterns) {
  const auto ids = known_ids();
  std::vector<std::string> expanded;
  const auto add = [&](const std::string& id) {
    if (std::find(expanded.begin(), expanded.end(), id) == expanded.end()) expanded.push_back(id);
  };
  for (const std::string& pattern : patterns) {
    if (pattern.ends_with(".*")) {
      const std::string family = pattern.substr(0, pattern.size() - 2);
      if (auto known = check_families({family}); !known) return known.error();
      for (const std::string& id : ids) {
        if (id.starts_with(family + ".")) add(id);
      }
    } else if (std::find(ids.begin(), ids.end(), pattern) != ids.end()) {
      add(pattern);
    } else {
      return unknown("check", pattern, ids);
    }
  }
  return expanded;
}

Result<Plan> make_plan(const Home& home, const Options& typed) {
  Plan plan;
  if (auto known = check_families(typed.families); !known) return known.error();
  if (auto known = expand_checks(typed.checks); !known) return known.error();
  auto target = target_named(home, typed.target, &plan.target_text);
  if (!target) return target.error();
  plan.target = std::move(*target);
  Options options = typed;
  if (auto sorted = sort_flaws(home, options, plan, options.path); !sorted) return sorted.error();
  auto contract = chosen_contract(home, options, plan.target);
  if (!contract) return contract.error();
  auto scale = chosen_scale(options, plan.target, *contract, plan.notes);
  if (!scale) return scale.error();
  plan.time_scale = *scale;
  plan.contract = scaled(std::move(*contract), *scale);
  auto scenarios = planned_scenarios(home, options, plan);
  if (!scenarios) return scenarios.error();
  plan.scenarios = std::move(*scenarios);
  make_room(plan);
  plan.settings = options.settings;
  plan.seed = plan.scenarios.front().scenario.seed;
  plan.threads = std::max(1u, options.threads);
  plan.jobs = std::max(1u, options.jobs);
  plan.strict = options.strict;
  plan.repeat = options.repeat;
  return plan;
}

}  // namespace streamgauge::run
