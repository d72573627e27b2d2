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
  command.add_option("--time-scale", options.time_scale,
                     "Multiplies the contract's durations (default: the target's own)");
  command.add_option("--seed", options.seed, "Seed of everything random in the run");
  command.add_option("--flaw", options.flaws,
                     "Switches on a deliberate violation in the reference server (repeatable)");
  command.add_option("--report", options.report_dir, "Folder for the reports");
  command.add_option("--threads", options.threads, "Threads of the swarm")
      ->check(CLI::Range(1, 64));
  command.add_flag("--strict", options.strict, "A violated SHOULD fails, too");
  command.add_flag("--json", output.json, "Prints result.json instead of the table");
  command.add_flag("--quiet", output.quiet, "Prints what did not pass and the verdict only");
}

}  // namespace streamgauge::cli
