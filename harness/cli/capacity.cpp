#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/progress.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/capacity.hpp"
#include "reports/capacity_console.hpp"
#include "reports/capacity_html.hpp"
#include "reports/capacity_json.hpp"
#include "reports/report_dir.hpp"

namespace streamgauge::cli {

namespace {

namespace fs = std::filesystem;

struct CapacityArguments {
  run::CapacityOptions options;
  capacity::Typed typed;
  std::string report_dir;
  Output output;
};

/// capacity.json comes last: whoever sees it sees all.
Result<void> write(const Context& context, const capacity::Capacity& capacity,
                   const ReportFolder& folder) {
  reports::ConsoleOptions plain;
  plain.width_columns = 120;
  plain.report_folder = folder.path;
  const reports::ReportFile files[] = {
      {"console.txt", reports::write_capacity_console(capacity, plain)},
      {"capacity.html", reports::write_capacity_html(capacity)},
      {"capacity.json", reports::write_capacity_json(capacity)}};
  for (const reports::ReportFile& file : files) {
    if (auto done = reports::write_beside(folder.path, file.name, file.content); !done) return done;
  }
  if (!folder.latest) return {};
  return reports::point_latest(fs::path(context.home.root) / "out" / "latest", folder.path);
}

/// A line for each trial that is over; on a terminal what runs is shown beneath.
run::CapacityHooks hooks_of(ProgressLine& line, bool quiet) {
  run::CapacityHooks hooks;
  hooks.plan.interrupted = &watch_for_interrupt();
  if (quiet) return hooks;
  if (isatty(STDERR_FILENO) == 1) {
    hooks.plan.progress = [&line](const run::PlanProgress& progress) { line.show(progress); };
  }
  hooks.trial_done = [&line](const capacity::AxisResult& axis, const capacity::TrialResult& trial) {
    line.wipe();
    fmt::print(stderr, "streamgauge: {}\n", reports::trial_line(axis.axis, trial));
  };
  return hooks;
}

ExitCode capacity_of(const Context& context, const CapacityArguments& arguments) {
  auto request = capacity::read_request(arguments.typed);
  if (!request) return complain(request.error());
  run::CapacityOptions options = arguments.options;
  options.request = std::move(*request);
  const ReportFolder folder = report_folder(context, "capacity", arguments.report_dir, net::now());
  ProgressLine line(!arguments.output.quiet);
  auto measured =
      run::measure_capacity(context.home, options, hooks_of(line, arguments.output.quiet));
  line.wipe();
  if (!measured) return complain(measured.error());
  measured->command = context.typed;
  const auto written = write(context, *measured, folder);
  if (arguments.output.json) {
    fmt::print("{}", reports::write_capacity_json(*measured));
  } else {
    fmt::print("{}", reports::write_capacity_console(
                         *measured, console_options(folder.path, arguments.output.quiet)));
  }
  std::fflush(stdout);
  return written ? exit_code(*measured) : complain(written.error());
}

void add_search(CLI::App& command, capacity::Typed& typed) {
  command
      .add_option("--axis", typed.axes,
                  "What is raised: streams, rate (events per second and stream), or both, one "
                  "after the other (default: both)")
      ->delimiter(',');
  command.add_option("--rate", typed.rate,
                     "Events per second and stream while streams are raised (default: 10)");
  command.add_option("--streams", typed.streams,
                     "Streams while the rate is raised (default: 1000)");
  command.add_option("--need", typed.need,
                     "So much must be held (exit code 1 if not); of one --axis, and no more is "
                     "tried unless --max says so");
  command.add_option("--start", typed.start, "Where the ladder begins, of one --axis");
  command.add_option("--max", typed.max, "Where it ends, of one --axis");
  command.add_option("--repeat", typed.repeat, "Searches that must agree within 15 % (default: 3)");
  command.add_option("--hold", typed.hold, "How long a trial holds its load (default: 4s)");
  command.add_option("--cool-down", typed.cool_down, "Rest between trials (default: 500ms)");
  command.add_option("--budget", typed.budget,
                     "At most so long, for all axes together (default: 15m)");
}

void add_objectives(CLI::App& command, capacity::Typed& typed) {
  command.add_option("--p99", typed.p99,
                     "Delivery at p99, from the intended send time, at most (default: as the "
                     "contract states, else 250ms)");
  command.add_option("--memory", typed.memory,
                     "Memory of the target at its peak, at most, e.g. 512MiB");
  command.add_flag("--no-heartbeats", typed.no_heartbeats, "Heartbeats need not be kept");
  command.add_option("--size", typed.size, "Bytes of an event's data (default: 256)");
}

}  // namespace

void add_capacity(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "capacity", "How many streams and events per second a target holds: ladder, then bisection");
  auto arguments = std::make_shared<CapacityArguments>();
  run::CapacityOptions& options = arguments->options;
  command->add_option("target", options.target,
                      "A name under scenarios/targets, a file, or a URL (default: reference)");
  add_search(*command, arguments->typed);
  add_objectives(*command, arguments->typed);
  command->add_option("--contract", options.contract, "The guarantees to judge by");
  command->add_option("--path", options.path, "What lies between clients and target, as for gate");
  command->add_option("--threads", options.threads, "Threads of the generator (default: 1)")
      ->check(CLI::Range(1, 64));
  command->add_option("--time-scale", options.time_scale,
                      "Multiplies the contract's durations (default: so that heartbeats fit into "
                      "a trial)");
  command->add_option("--seed", options.seed, "Seed of everything random in the trials");
  command->add_option("--flaw", options.flaws, "Switches on a deliberate violation")
      ->delimiter(',');
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  command->add_flag("--json", arguments->output.json, "Prints capacity.json instead of the table");
  command->add_flag("--quiet", arguments->output.quiet, "Prints the answers and the verdict only");
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return capacity_of(context, *arguments); };
  });
}

}  // namespace streamgauge::cli
