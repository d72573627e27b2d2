#include "harness/cli/options.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace streamgauge::cli {

void add_common(CLI::App& command, run::Options& options, Output& output) {
  command.add_option("--contract", options.contract,
                     "The guarantees to judge by: a name under scenarios/contracts, or a path");
  command.add_option("--only", options.families, "Families of checks, e.g. heartbeat,eviction")
      ->delimiter(',');
  command.add_option("--check", options.checks, "Checks by id, e.g. heartbeat.cadence")
      ->delimiter(',');
  command.add_option("--path", options.path,
                     "What lies between clients and target, from the clients: names under "
                     "scenarios/proxies, files, chaos:FAULT=…, with commas between; 'none': "
                     "nothing, whatever the scenario says");
  command.add_option("--time-scale", options.time_scale,
                     "Multiplies the contract's durations (default: the target's own)");
  command.add_option("--seed", options.seed, "Seed of everything random in the run");
  command
      .add_option("--flaw", options.flaws,
                  "Switches on a deliberate violation in the reference server or in the clients "
                  "(repeatable)")
      ->delimiter(',');
  command.add_option("--baseline", options.baseline,
                     "What is known to fail (YAML): it does not fail the run, unless it passes");
  command.add_flag("--record", options.record, "Keeps every record, to be judged again (*.sgh)");
  command.add_option("--report", options.report_dir, "Folder for the reports");
  command.add_option("--threads", options.threads, "Threads of the swarm")
      ->check(CLI::Range(1, 64));
  command
      .add_option("--jobs", options.jobs,
                  "Scenarios at once, where the target can be started for each (default: 4)")
      ->check(CLI::Range(1, 64));
  command.add_flag("--strict", options.strict, "A violated SHOULD fails, too");
  command.add_flag("--live{127.0.0.1:0}", output.live,
                   "Shows the run in a browser while it goes on; --live=ADDR says where "
                   "(default: any free port of 127.0.0.1)");
  command.add_option("--metrics", output.metrics,
                     "Serves /metrics (OpenMetrics) while the run goes on, e.g. 127.0.0.1:9464");
  add_output(command, output);
}

void add_output(CLI::App& command, Output& output) {
  command.add_flag("--json", output.json, "Prints result.json instead of the table");
  command.add_flag("--quiet", output.quiet, "Prints what did not pass and the verdict only");
}

}  // namespace streamgauge::cli
