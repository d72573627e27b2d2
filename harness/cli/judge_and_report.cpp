#include "harness/cli/judge_and_report.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "harness/cli/interrupt.hpp"
#include "harness/cli/live_view.hpp"
#include "harness/cli/progress.hpp"
#include "harness/cli/tell_github.hpp"
#include "harness/core/base/nearest.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/run_plan.hpp"
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

/// Paths are shown relative to where the user stands, if that is shorter.
std::string shown(const fs::path& path) {
  std::error_code failed;
  const std::string relative = fs::proximate(path, failed).string();
  return failed || relative.starts_with("..") ? path.string() : relative;
}

/// The folder, and the permission to write histories into it while the run runs.
Result<void> make_folder(const std::string& path) {
  std::error_code why;
  fs::create_directories(path, why);
  if (!why) return {};
  return target_error(fmt::format("cannot make the report folder {}: {}", path, why.message()));
}

Result<void> write(const Context& context, const RunResult& result, const ReportFolder& folder) {
  if (auto written = reports::write_report(result, folder.path); !written) return written;
  if (!folder.latest) return {};
  return reports::point_latest(fs::path(context.home.root) / "out" / "latest", folder.path);
}

}  // namespace

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

ExitCode complain(const Error& error) {
  fmt::print(stderr, "streamgauge: {}\n", error.message);
  return error.exit_code;
}

ReportFolder report_folder(const Context& context, const std::string& label,
                           const std::string& wanted, Instant started) {
  if (!wanted.empty()) return {wanted, false};
  const std::string name = fs::path(label).stem().string();
  const fs::path out = fs::path(context.home.root) / "out";
  return {reports::default_report_folder(out, name, started).string(), true};
}

ExitCode report(const Context& context, const RunResult& result, const ReportFolder& folder,
                const Output& output) {
  const auto written = write(context, result, folder);
  if (output.json) {
    fmt::print("{}\n", reports::write_result_json(result));
  } else {
    fmt::print("{}",
               reports::write_console(result, console_options(shown(folder.path), output.quiet)));
  }
  tell_github(result, output.json ? stderr : stdout);
  std::fflush(stdout);
  return written ? exit_code(result) : complain(written.error());
}

Result<std::optional<Baseline>> read_baseline(const Context& context, const std::string& file,
                                              const std::vector<std::string>& scenarios,
                                              const std::vector<std::string>& ids) {
  if (file.empty()) return std::optional<Baseline>{};
  const auto text = run::read_file(file);
  if (!text) return text.error();
  auto baseline = load_baseline(*text, file, ids);
  if (!baseline) return baseline.error();
  std::vector<std::string> known = run::names_in(context.home, "");
  known.insert(known.end(), scenarios.begin(), scenarios.end());
  for (const auto* entries : {&baseline->expected_failures, &baseline->known_flaky}) {
    for (const BaselineEntry& entry : *entries) {
      if (entry.scenario.empty() || std::count(known.begin(), known.end(), entry.scenario) > 0) {
        continue;
      }
      const std::vector<std::string_view> names(known.begin(), known.end());
      return usage_error(fmt::format("{}: no scenario named '{}'{}", entry.where, entry.scenario,
                                     did_you_mean(entry.scenario, names)));
    }
  }
  return std::optional(std::move(*baseline));
}

ExitCode judge_and_report(const Context& context, const std::string& label,
                          const run::Options& options, const Output& output) {
  auto plan = run::make_plan(context.home, options);
  if (!plan) return complain(plan.error());
  std::vector<std::string> scenarios;
  for (const run::PlannedScenario& planned : plan->scenarios) {
    scenarios.push_back(planned.scenario.name);
  }
  const auto baseline = read_baseline(context, options.baseline, scenarios);
  if (!baseline) return complain(baseline.error());

  const ReportFolder folder = report_folder(context, label, options.report_dir, net::now());
  if (options.record) {
    if (auto made = make_folder(folder.path); !made) return complain(made.error());
    plan->record_folder = folder.path;
    plan->history_per_scenario = options.scenarios.empty();
  }
  auto live = LiveView::open(output.live, output.metrics);
  if (!live) return complain(live.error());
  run::PlanHooks hooks;
  hooks.interrupted = &watch_for_interrupt();
  RunResult result;
  {
    ProgressLine line(!output.quiet);
    hooks.progress = [&line, view = live->get()](const run::PlanProgress& progress) {
      line.show(progress);
      if (view != nullptr) view->show(progress);
    };
    result = run::run_plan(context.home, *plan, hooks);
  }
  result.command = context.typed;
  if (*baseline) apply_baseline(**baseline, result);
  const ExitCode code = report(context, result, folder, output);
  if (*live) (*live)->over(result, shown(folder.path));
  return code;
}

}  // namespace streamgauge::cli
