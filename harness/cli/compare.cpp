#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/progress.hpp"
#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/live_comparison.hpp"
#include "harness/run/stored_comparison.hpp"
#include "reports/compare_console.hpp"
#include "reports/compare_html.hpp"
#include "reports/compare_json.hpp"
#include "reports/report_dir.hpp"
#include "reports/result_json.hpp"

namespace streamgauge::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t pairs_default = 12;
constexpr std::size_t pairs_max = 200;  // beyond, the bootstrap takes longer than the runs

struct CompareArguments {
  std::vector<std::string> subjects, against, fail_if;
  std::string scenario, path, a_path, b_path, rate, hold, budget, cool_down, report_dir;
  std::size_t pairs = 0, repeat = 1, streams = 0;
  std::uint32_t seed = 1;
  std::string priority = "realtime";
  run::Options common;
  Output output;
};

Error wrong(std::string_view option, const std::string& value, std::string_view expected) {
  return usage_error(fmt::format("{} {}: expected {}", option, value, expected));
}

/// 0 for an empty text.
Result<Duration> duration_of(std::string_view option, const std::string& text) {
  if (text.empty()) return Duration{};
  const auto duration = parse_duration(text);
  if (!duration || *duration < Duration{}) {
    return wrong(option, text, "a duration such as 250ms, 90s or 5m");
  }
  return *duration;
}

/// What --streams, --rate and --hold say, as --set would.
std::vector<std::string> settings_of(const CompareArguments& arguments) {
  std::vector<std::string> settings;
  if (arguments.streams > 0) {
    settings.push_back(fmt::format("groups.*.streams={}", arguments.streams));
  }
  if (!arguments.rate.empty()) {
    settings.push_back(fmt::format("phases.*.publish.*.rate={}", arguments.rate));
  }
  if (!arguments.hold.empty()) {
    settings.push_back(fmt::format("phases.steady.for={}", arguments.hold));
  }
  settings.insert(settings.end(), arguments.common.settings.begin(),
                  arguments.common.settings.end());
  return settings;
}

Result<run::LiveComparisonOptions> live_options(const CompareArguments& arguments,
                                                compare::JudgeOptions judging) {
  if (arguments.subjects.size() != 2) {
    return usage_error(
        fmt::format("compare takes two targets, A and B, and was given {}: names under "
                    "scenarios/targets, files, or URLs; the same one twice is fine",
                    arguments.subjects.size()));
  }
  run::LiveComparisonOptions options;
  options.judging = std::move(judging);
  options.common = arguments.common;
  options.common.scenarios = {arguments.scenario.empty() ? "comparison" : arguments.scenario};
  options.common.settings = settings_of(arguments);
  const std::string* paths[] = {&arguments.a_path, &arguments.b_path};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string& path = paths[i]->empty() ? arguments.path : *paths[i];
    options.sides[i].target = arguments.subjects[i];
    if (!path.empty()) options.sides[i].path = path;
  }
  const auto budget = duration_of("--budget", arguments.budget);
  if (!budget) return budget.error();
  if (*budget > Duration{}) options.pacing.budget = *budget;
  const auto cool_down = duration_of("--cool-down", arguments.cool_down);
  if (!cool_down) return cool_down.error();
  if (!arguments.cool_down.empty()) options.cool_down = *cool_down;
  // With a budget alone, as many pairs as fit.
  const std::size_t unsaid = options.pacing.budget ? pairs_max : pairs_default;
  options.pacing.pairs = arguments.pairs > 0 ? arguments.pairs : unsaid;
  options.repeat = arguments.repeat;
  options.seed = arguments.seed;
  options.real_time = arguments.priority == "realtime";
  return options;
}

/// Each run's result stays beside the comparison, where a later `--against` finds it.
Result<void> keep_run(const std::string& folder, const RunResult& result, compare::ComparedRun& run,
                      std::size_t number) {
  run.origin =
      fmt::format("runs/{}/{:03}/result.json", run.side == compare::Side::a ? "a" : "b", number);
  return reports::write_beside(folder, run.origin, reports::write_result_json(result));
}

Result<compare::Comparison> live(const Context& context, const CompareArguments& arguments,
                                 compare::JudgeOptions judging, const std::string& folder) {
  const auto options = live_options(arguments, std::move(judging));
  if (!options) return options.error();
  run::LiveComparisonHooks hooks;
  hooks.plan.interrupted = &watch_for_interrupt();
  ProgressLine line(!arguments.output.quiet);
  hooks.plan.progress = [&line](const run::PlanProgress& progress) { line.show(progress); };
  std::array<std::size_t, 2> runs{};
  hooks.keep = [&](const RunResult& result, compare::ComparedRun& run) {
    RunResult named = result;
    named.command = context.typed;
    return keep_run(folder, named, run, ++runs[index(run.side)]);
  };
  return run::live_comparison(context.home, *options, hooks);
}

Result<compare::Comparison> stored(const CompareArguments& arguments,
                                   compare::JudgeOptions judging) {
  run::StoredComparisonOptions options;
  options.judging = std::move(judging);
  options.scenario = arguments.scenario;
  options.seed = arguments.seed;
  options.runs = arguments.subjects;
  options.against = arguments.against;
  if (options.against.empty()) {
    options.against = {options.runs.front()};
    options.runs.erase(options.runs.begin());
  }
  return run::stored_comparison(options);
}

/// Results when all that was typed names results; targets when none does.
Result<bool> speaks_of_results(const CompareArguments& arguments) {
  std::size_t results = 0;
  for (const std::string& subject : arguments.subjects) {
    results += run::names_results(subject) ? 1 : 0;
  }
  if (!arguments.against.empty()) return true;
  if (results == 0) return false;
  if (results == arguments.subjects.size() && results == 2) return true;
  return usage_error(
      "compare takes two targets, or results: two result.json (or report folders), or several "
      "of them and the earlier ones behind --against");
}

Result<void> write(const Context& context, const compare::Comparison& comparison,
                   const ReportFolder& folder) {
  auto console = console_options(folder.path, false);
  console.colour = false;
  console.ascii = false;
  const std::pair<std::string_view, std::string> files[] = {
      {"console.txt", reports::write_compare_console(comparison, console)},
      {"compare.html", reports::write_compare_html(comparison)},
      {"compare.json", reports::write_compare_json(comparison)}};
  for (const auto& [name, content] : files) {
    if (auto done = reports::write_beside(folder.path, name, content); !done) return done;
  }
  if (!folder.latest) return {};
  return reports::point_latest(fs::path(context.home.root) / "out" / "latest", folder.path);
}

ExitCode compare_and_report(const Context& context, const CompareArguments& arguments) {
  auto thresholds = compare::thresholds(arguments.fail_if);
  if (!thresholds) return complain(thresholds.error());
  const auto of_results = speaks_of_results(arguments);
  if (!of_results) return complain(of_results.error());
  const ReportFolder folder = report_folder(context, "compare", arguments.report_dir, net::now());
  compare::JudgeOptions judging;
  judging.thresholds = std::move(*thresholds);
  auto comparison = *of_results ? stored(arguments, std::move(judging))
                                : live(context, arguments, std::move(judging), folder.path);
  if (!comparison) return complain(comparison.error());
  comparison->command = context.typed;
  const auto written = write(context, *comparison, folder);
  if (arguments.output.json) {
    fmt::print("{}", reports::write_compare_json(*comparison));
  } else {
    fmt::print("{}", reports::write_compare_console(
                         *comparison, console_options(folder.path, arguments.output.quiet)));
  }
  std::fflush(stdout);
  return written ? compare::exit_code(*comparison) : complain(written.error());
}

void add_live(CLI::App& command, CompareArguments& arguments) {
  command.add_option("--path", arguments.path,
                     "What lies between clients and either target (as `run` takes it)");
  command.add_option("--a-path", arguments.a_path, "The same for A alone, e.g. chaos");
  command.add_option("--b-path", arguments.b_path, "The same for B, e.g. chaos:latency=1ms");
  command.add_option("--streams", arguments.streams, "Streams (default: the scenario's, 64)")
      ->check(CLI::Range(1, 2'000'000));
  command.add_option("--rate", arguments.rate, "Publications (default: the scenario's, 200/s)");
  command.add_option("--hold", arguments.hold,
                     "Length of the phase 'steady' (default: the scenario's, 2s)");
  command.add_option("--set", arguments.common.settings,
                     "Changes a value of the scenario, as `run` does");
  command.add_option("--pairs", arguments.pairs, "Pairs to judge by (default: 12)")
      ->check(CLI::Range(std::size_t{1}, pairs_max));
  command.add_option("--repeat", arguments.repeat, "Runs of each side in a pair (default: 1)")
      ->check(CLI::Range(1, 20));
  command.add_option("--budget", arguments.budget,
                     "Begins no pair that would end after that, e.g. 5m; without --pairs as many "
                     "pairs as fit");
  command.add_option("--cool-down", arguments.cool_down, "Rest before each run (default: 250ms)");
  command.add_option("--contract", arguments.common.contract,
                     "The contract that both are run by (default: each target's own)");
  command.add_option("--time-scale", arguments.common.time_scale,
                     "Multiplies the contract's durations (default: the target's own)");
  command.add_option("--threads", arguments.common.threads, "Threads of the swarm")
      ->check(CLI::Range(1, 64));
  command
      .add_option("--priority", arguments.priority,
                  "realtime (default: before other programs, where that is allowed) or normal")
      ->check(CLI::IsMember({"realtime", "normal"}));
}

}  // namespace

void add_compare(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "compare",
      "Is B worse than A? Two targets, live and by turns, or the results of earlier runs");
  auto arguments = std::make_shared<CompareArguments>();
  command
      ->add_option(
          "subjects", arguments->subjects,
          "A and B: names under scenarios/targets, files or URLs; or result.json files and "
          "report folders")
      ->required();
  command->add_option("--against", arguments->against,
                      "Results of earlier runs (A), to compare the given ones (B) with");
  command->add_option(
      "--fail-if", arguments->fail_if,
      "METRIC>+N% (repeatable), e.g. 'delivery.p99>+10%': judges these metrics, and "
      "by that change");
  command->add_option("--scenario", arguments->scenario,
                      "What both play (default: comparison); of stored results, which scenario");
  add_live(*command, *arguments);
  command->add_option("--seed", arguments->seed, "Seed of the order, the runs and the statistics");
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  add_output(*command, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) {
      return compare_and_report(context, *arguments);
    };
  });
}

}  // namespace streamgauge::cli
