// One function a command: adds itself to the command line and answers with the exit code.
// To add a command: a file here and a line in main.cpp.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/run/home.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::cli {

/// What every command gets: where things are, and the command line as typed, for reports.
struct Context {
  run::Home home;
  std::string typed;
};

/// Set by the command that was chosen; run after parsing.
using Chosen = std::function<ExitCode(const Context&)>;

void add_gate(CLI::App& app, Chosen& chosen);
void add_run(CLI::App& app, Chosen& chosen);
void add_judge(CLI::App& app, Chosen& chosen);
void add_selftest(CLI::App& app, Chosen& chosen);
void add_matrix(CLI::App& app, Chosen& chosen);
void add_capacity(CLI::App& app, Chosen& chosen);
void add_compare(CLI::App& app, Chosen& chosen);
void add_client(CLI::App& app, Chosen& chosen);
void add_test_service(CLI::App& app, Chosen& chosen);
void add_list(CLI::App& app, Chosen& chosen);
void add_proxy(CLI::App& app, Chosen& chosen);

}  // namespace streamgauge::cli
