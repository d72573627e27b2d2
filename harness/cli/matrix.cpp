#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/progress.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/client_matrix.hpp"
#include "harness/run/proxy_matrix.hpp"
#include "reports/matrix_console.hpp"
#include "reports/matrix_html.hpp"
#include "reports/matrix_json.hpp"
#include "reports/report_dir.hpp"

namespace streamgauge::cli {

namespace {

namespace fs = std::filesystem;

struct MatrixArguments {
  std::string what;
  run::ProxyMatrixOptions proxies;
  run::ClientMatrixOptions clients;
  std::string report_dir;
  Output output;
};

/// A kind of matrix; to add one: a function and a line in `kinds`.
struct Kind {
  std::string_view what;
  Result<Matrix> (*make)(const Context&, const MatrixArguments&, const run::PlanHooks&);
};

Result<Matrix> make_proxies(const Context& context, const MatrixArguments& arguments,
                            const run::PlanHooks& hooks) {
  return run::proxy_matrix(context.home, arguments.proxies, hooks);
}

Result<Matrix> make_clients(const Context& context, const MatrixArguments& arguments,
                            const run::PlanHooks& hooks) {
  run::ClientSuiteHooks suite;
  suite.interrupted = hooks.interrupted;
  suite.progress = [&hooks](std::size_t done, std::size_t all) {
    run::PlanProgress progress;
    progress.done = done;
    progress.total = all;
    progress.running.resize(2);  // several at once: only their number is shown
    if (hooks.progress) hooks.progress(progress);
  };
  auto made = run::client_matrix(context.home, arguments.clients, suite);
  if (!made) return made.error();
  return std::move(made->matrix);
}

constexpr Kind kinds[] = {{"proxies", make_proxies}, {"clients", make_clients}};

Result<void> write_file(const fs::path& path, std::string_view text) {
  const fs::path part = path.string() + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code failed;
  if (out) fs::rename(part, path, failed);
  if (out && !failed) return {};
  return target_error(fmt::format("cannot write {}", path.string()));
}

Result<void> write(const Context& context, const Matrix& matrix, const ReportFolder& folder) {
  std::error_code failed;
  fs::create_directories(folder.path, failed);
  if (failed) {
    return target_error(
        fmt::format("cannot make the report folder {}: {}", folder.path, failed.message()));
  }
  const fs::path path = folder.path;
  auto console = console_options(folder.path, false);
  console.colour = false;
  console.width_columns = 160;
  if (auto done = write_file(path / "console.txt", reports::write_matrix_console(matrix, console));
      !done) {
    return done;
  }
  if (auto done = write_file(path / "matrix.json", reports::write_matrix_json(matrix)); !done) {
    return done;
  }
  if (auto done = write_file(path / "report.html", reports::write_matrix_html(matrix)); !done) {
    return done;
  }
  if (!folder.latest) return {};
  return reports::point_latest(fs::path(context.home.root) / "out" / "latest", folder.path);
}

ExitCode matrix(const Context& context, const MatrixArguments& arguments) {
  const ReportFolder folder =
      report_folder(context, "matrix-" + arguments.what, arguments.report_dir, net::now());
  run::PlanHooks hooks;
  hooks.interrupted = &watch_for_interrupt();
  ProgressLine line(!arguments.output.quiet);
  hooks.progress = [&line](const run::PlanProgress& progress) { line.show(progress); };
  for (const Kind& kind : kinds) {
    if (kind.what != arguments.what) continue;
    auto made = kind.make(context, arguments, hooks);
    line.wipe();
    if (!made) return complain(made.error());
    made->command = context.typed;
    const auto written = write(context, *made, folder);
    if (arguments.output.json) {
      fmt::print("{}", reports::write_matrix_json(*made));
    } else {
      fmt::print("{}", reports::write_matrix_console(
                           *made, console_options(folder.path, arguments.output.quiet)));
    }
    std::fflush(stdout);
    return written ? exit_code(*made) : complain(written.error());
  }
  return ExitCode::usage;  // not reached: the command line accepts only the names of `kinds`
}

}  // namespace

void add_matrix(CLI::App& app, Chosen& chosen) {
  auto* command =
      app.add_subcommand("matrix", "All proxies (or clients) against what matters to a stream");
  auto arguments = std::make_shared<MatrixArguments>();
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.what);
  command->add_option("what", arguments->what, "What the rows are")
      ->required()
      ->check(CLI::IsMember(names));
  auto& proxies = arguments->proxies;
  command
      ->add_option("--proxies", proxies.proxies,
                   "Names under scenarios/proxies, files, or chaos:FAULT=… (default: all)")
      ->delimiter(',');
  command->add_option("--check", proxies.checks, "Columns by the check's id")->delimiter(',');
  command->add_option("--target", proxies.target,
                      "What stands behind each proxy (default: reference)");
  command->add_option("--contract", proxies.contract, "The target's guarantees (default: path)");
  command->add_option("--seed", proxies.seed, "Seed of everything random in the runs");
  command->add_option("--jobs", proxies.jobs, "Proxies at a time (default: 2)")
      ->check(CLI::Range(1, 16));
  command
      ->add_option("--clients", arguments->clients.clients,
                   "Clients by name: eventsource-4, chromium, ... (default: all)")
      ->delimiter(',');
  command
      ->add_option("--case", arguments->clients.suite.cases,
                   "Client cases: ids, or patterns with * and ?")
      ->delimiter(',');
  command->add_option("--report", arguments->report_dir, "Folder for the reports");
  add_output(*command, arguments->output);
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return matrix(context, *arguments); };
  });
}

}  // namespace streamgauge::cli
