// The options that several commands share.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "harness/run/plan.hpp"

namespace streamgauge::cli {

/// How a result is shown; apart from run::Options, which say what is run.
struct Output {
  std::string live, metrics;  // addresses to listen on while the run goes on; empty: none
  bool json = false;
  bool quiet = false;
};

/// What gate and run share, from --contract to --quiet.
void add_common(CLI::App& command, run::Options& options, Output& output);
/// --json, --quiet.
void add_output(CLI::App& command, Output& output);

}  // namespace streamgauge::cli
