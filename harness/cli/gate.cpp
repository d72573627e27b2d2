#include "harness/cli/commands.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"

namespace streamgauge::cli {

namespace {

struct GateArguments {
  run::Options options;
  Output output;
};

}  // namespace

void add_gate(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("gate", "The CI gate: all families of guarantees");
  auto arguments = std::make_shared<GateArguments>();
  command->add_option("target", arguments->options.target,
                      "A name under scenarios/targets, a path, or a URL (default: reference)");
  add_common(*command, arguments->options, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) {
      return judge_and_report(context, "gate", arguments->options, arguments->output);
    };
  });
}

}  // namespace streamgauge::cli
