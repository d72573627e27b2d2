#include "harness/cli/judge_and_report.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "harness/cli/interrupt.hpp"
#include "harness/cli/progress.hpp"
#include "harness/run/engine.hpp"
#include "reports/console.hpp"
#include "reports/report_dir.hpp"
#include "reports/result_json.hpp"

namespace streamgauge::cli {

namespace fs = std::filesystem;

namespace {

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

bool locale_has_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!set(name)) continue;
    const std::string_view value = std::getenv(name);
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
  }
  return true;  // nothing said: containers and CI logs; all of them show UTF-8 today
}

reports::ConsoleOptions console_options(const std::string& folder, bool quiet) {
  reports::ConsoleOptions options;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width_columns = size.ws_col;
  }
  options.colour = (terminal && !set("NO_COLOR")) || set("CLICOLOR_FORCE");
  options.ascii = !locale_has_unicode();
  options.quiet = quiet;
  options.report_folder = folder;
  return options;
}

struct Folder {
  fs::path path;
  bool latest = false;  // a default folder: out/latest shall point to it
};

Folder report_folder(const Context& context, const std::string& label, const run::Options& options,
                     Instant started) {
  if (!options.report_dir.empty()) return {options.report_dir, false};
  const std::string name = fs::path(label).stem().string();
  return {reports::default_report_folder(fs::path(context.home.root) / "out", name, started), true};
}

/// Paths are shown relative to where the user stands, if that is shorter.
std::string shown(const fs::path& path) {
  std::error_code failed;
  const std::string relative = fs::proximate(path, failed).string();
  return failed || relative.starts_with("..") ? path.string() : relative;
}

void complain(const Error& error) {
  fmt::print(stderr, "streamgauge: {}\n", error.message);
}

/// The reports, and out/latest. A report that cannot be written fails the run: a gate whose result
/// is lost has not judged.
Result<void> write(const Context& context, const RunResult& result, const Folder& folder) {
  if (auto written = reports::write_report(result, folder.path); !written) return written;
  if (!folder.latest) return {};
  return reports::point_latest(fs::path(context.home.root) / "out" / "latest", folder.path);
}

}  // namespace

ExitCode judge_and_report(const Context& context, const std::string& label,
                          const run::Options& options, const Output& output) {
  const auto plan = run::make_plan(context.home, options);
  if (!plan) {
    complain(plan.error());
    return plan.error().exit_code;
  }
  run::Hooks hooks;
  hooks.interrupted = &watch_for_interrupt();
  RunResult result;
  {
    ProgressLine line(!output.quiet);
    hooks.progress = [&line](const run::Progress& progress) { line.show(progress); };
    result = run::run_plan(context.home, *plan, hooks);
  }
  result.command = context.typed;
  result.strict = options.strict;

  const Folder folder = report_folder(context, label, options, result.started);
  const auto written = write(context, result, folder);
  if (output.json) {
    fmt::print("{}\n", reports::write_result_json(result));
  } else {
    fmt::print("{}",
               reports::write_console(result, console_options(shown(folder.path), output.quiet)));
  }
  std::fflush(stdout);
  if (!written) {
    complain(written.error());
    return written.error().exit_code;
  }
  return exit_code(result);
}

}  // namespace streamgauge::cli
