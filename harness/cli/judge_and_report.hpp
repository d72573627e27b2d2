// What gate and run have in common: plan, run, write the reports, print, answer the exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/cli/commands.hpp"
#include "harness/cli/options.hpp"
#include "harness/core/result/baseline.hpp"
#include "reports/console.hpp"

namespace streamgauge::cli {

/// `label` names the default report folder: out/<label>/<time>. A gate keeps a history a scenario.
[[nodiscard]] ExitCode judge_and_report(const Context& context, const std::string& label,
                                        const run::Options& options, const Output& output);

/// "streamgauge: ..." on stderr; the exit code that the error stands for.
ExitCode complain(const Error& error);

/// How a report looks on this terminal; `folder` is named in its last lines.
[[nodiscard]] reports::ConsoleOptions console_options(const std::string& folder, bool quiet);

/// Where a report goes; `latest`: a default folder, to which out/latest shall point.
struct ReportFolder {
  std::string path;
  bool latest = false;
};
[[nodiscard]] ReportFolder report_folder(const Context& context, const std::string& label,
                                         const std::string& wanted, Instant started);

/// Writes the reports, prints the result, answers its exit code. A report that cannot be written
/// fails the run: a gate whose result is lost has not judged.
[[nodiscard]] ExitCode report(const Context& context, const RunResult& result,
                              const ReportFolder& folder, const Output& output);

/// Nothing for an empty `file`. A scenario that exists neither here nor in `scenarios` is refused,
/// and so is an id that is neither a check's nor in `ids`.
[[nodiscard]] Result<std::optional<Baseline>> read_baseline(
    const Context& context, const std::string& file, const std::vector<std::string>& scenarios,
    const std::vector<std::string>& ids = {});

}  // namespace streamgauge::cli
