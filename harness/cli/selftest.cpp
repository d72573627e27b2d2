#include "harness/run/selftest.hpp"

#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/progress.hpp"
#include "harness/net/clock.hpp"

namespace streamgauge::cli {

namespace {

struct SelftestArguments {
  run::SelftestOptions options;
  std::string report_dir;
  Output output;
};

ExitCode selftest(const Context& context, const SelftestArguments& arguments) {
  const ReportFolder folder = report_folder(context, "selftest", arguments.report_dir, net::now());
  run::PlanHooks hooks;
  hooks.interrupted = &watch_for_interrupt();
  ProgressLine line(!arguments.output.quiet);
  hooks.progress = [&line](const run::PlanProgress& progress) { line.show(progress); };
  auto result = run::selftest(context.home, arguments.options, hooks);
  line.wipe();
  if (!result) return complain(result.error());
  result->command = context.typed;
  return report(context, *result, folder, arguments.output);
}

}  // namespace

void add_selftest(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "selftest", "Switches on every flaw in turn: each must be caught by the check it names");
  auto arguments = std::make_shared<SelftestArguments>();
  command->add_option("--flaw", arguments->options.flaws, "Only these flaws (ids)")->delimiter(',');
  command->add_option("--jobs", arguments->options.jobs, "Scenarios at once (default: 6)")
      ->check(CLI::Range(1, 64));
  command->add_option("--seed", arguments->options.seed, "Seed of everything random in the runs");
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  add_output(*command, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return selftest(context, *arguments); };
  });
}

}  // namespace streamgauge::cli
