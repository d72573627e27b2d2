// streamgauge client: the conformance suite, against a policy of ours, a program, or a service.
#include <fmt/format.h>

#include <cstdio>

#include "harness/cli/client_choice.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/progress.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/client_suite.hpp"
#include "reports/report_dir.hpp"

namespace streamgauge::cli {

namespace {

struct ClientArguments {
  ClientChoice choice;
  run::ClientSuiteOptions options;
  std::string baseline, report_dir;
  bool list = false;
  Output output;
};

ExitCode list_cases(const run::ClientSuiteOptions& options) {
  const auto cases = run::choose_cases(options.cases);
  if (!cases) return complain(cases.error());
  for (const client_case::Case* item : *cases) {
    fmt::print("{:<44} {:<6} {}\n", item->id, to_string(item->level), item->requirement);
  }
  return ExitCode::pass;
}

Result<std::optional<Baseline>> read_case_baseline(const Context& context,
                                                   const std::string& file) {
  std::vector<std::string> ids;
  for (const client_case::Case& item : client_case::all_cases()) ids.push_back(item.id);
  return read_baseline(context, file, {"client"}, ids);
}

ExitCode client(const Context& context, const ClientArguments& arguments) {
  if (arguments.list) return list_cases(arguments.options);
  const auto baseline = read_case_baseline(context, arguments.baseline);
  if (!baseline) return complain(baseline.error());
  const auto under_test = client_of(arguments.choice);
  if (!under_test) return complain(under_test.error());
  run::ClientSuiteHooks hooks;
  hooks.interrupted = &watch_for_interrupt();
  ProgressLine line(!arguments.output.quiet);
  hooks.progress = [&line](std::size_t done, std::size_t all) {
    run::PlanProgress progress;
    progress.done = done;
    progress.total = all;
    progress.running.resize(2);  // several at once: only their number is shown
    line.show(progress);
  };
  auto result = run::run_client_suite(**under_test, arguments.options, hooks);
  line.wipe();
  if (!result) return complain(result.error());
  result->run.command = context.typed;
  result->run.flaws = arguments.choice.flaws;
  if (*baseline) apply_baseline(**baseline, result->run);
  const ReportFolder folder =
      report_folder(context, "client", arguments.report_dir, result->run.started);
  for (const run::WireFile& wire : result->wires) {
    const auto written = reports::write_beside(folder.path, wire.name, wire.text);
    if (!written) return complain(written.error());
  }
  return report(context, result->run, folder, arguments.output);
}

}  // namespace

void add_client(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "client", "Judges a client: an adversarial server script for each case of the suite");
  auto arguments = std::make_shared<ClientArguments>();
  add_client_choice(*command, arguments->choice);
  command
      ->add_option("--case", arguments->options.cases,
                   "Only these cases: ids, or patterns with * and ?")
      ->delimiter(',');
  command->add_flag("--list", arguments->list, "Names the cases instead of playing them");
  command
      ->add_option("--jobs", arguments->options.jobs,
                   "Cases at once (default: what the kind of client stands)")
      ->check(CLI::Range(1, 96));
  command->add_option("--baseline", arguments->baseline, "What is known to fail (YAML)");
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  command->add_flag("--strict", arguments->options.strict, "A violated SHOULD fails, too");
  add_output(*command, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return client(context, *arguments); };
  });
}

}  // namespace streamgauge::cli
