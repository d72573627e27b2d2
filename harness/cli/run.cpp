#include "harness/cli/commands.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"

namespace streamgauge::cli {

namespace {

struct RunArguments {
  std::string scenario;
  run::Options options;
  Output output;
};

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("run", "Runs one scenario");
  auto arguments = std::make_shared<RunArguments>();
  command
      ->add_option("scenario", arguments->scenario,
                   "A name under scenarios/, or a path to a YAML file")
      ->required();
  command->add_option("target", arguments->options.target,
                      "A name under scenarios/targets, a path, or a URL (default: reference)");
  command->add_option("--set", arguments->options.settings,
                      "Changes a value of the scenario, e.g. groups.readers.streams=10000");
  add_common(*command, arguments->options, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) {
      arguments->options.scenarios = {arguments->scenario};
      return judge_and_report(context, arguments->scenario, arguments->options, arguments->output);
    };
  });
}

}  // namespace streamgauge::cli
