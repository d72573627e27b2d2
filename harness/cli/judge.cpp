#include "harness/cli/commands.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/saved_run.hpp"

namespace streamgauge::cli {

namespace {

struct JudgeArguments {
  std::vector<std::string> histories;
  std::string baseline, report_dir;
  bool strict = false;
  Output output;
};

ExitCode judge(const Context& context, const JudgeArguments& arguments) {
  auto result = run::judge_histories(context.home, arguments.histories, arguments.strict);
  if (!result) return complain(result.error());
  result->command = context.typed;
  std::vector<std::string> scenarios;
  for (const ScenarioResult& scenario : result->scenarios) scenarios.push_back(scenario.scenario);
  const auto baseline = read_baseline(context, arguments.baseline, scenarios);
  if (!baseline) return complain(baseline.error());
  if (*baseline) apply_baseline(**baseline, *result);
  return report(context, *result, report_folder(context, "judge", arguments.report_dir, net::now()),
                arguments.output);
}

}  // namespace

void add_judge(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("judge", "Judges a recorded run again, without a network");
  auto arguments = std::make_shared<JudgeArguments>();
  command
      ->add_option("history", arguments->histories,
                   "The *.sgh files that gate or run --record has written, all of one run")
      ->required();
  command->add_option("--baseline", arguments->baseline, "What is known to fail (YAML)");
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  command->add_flag("--strict", arguments->strict, "A violated SHOULD fails, too");
  add_output(*command, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return judge(context, *arguments); };
  });
}

}  // namespace streamgauge::cli
