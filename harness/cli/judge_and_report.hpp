// What gate and run have in common: plan, run, write the reports, print, answer the exit code.
#pragma once

#include <string>

#include "harness/cli/commands.hpp"
#include "harness/cli/options.hpp"

namespace streamgauge::cli {

/// `label` names the default report folder: out/<label>/<time>.
[[nodiscard]] ExitCode judge_and_report(const Context& context, const std::string& label,
                                        const run::Options& options, const Output& output);

}  // namespace streamgauge::cli
