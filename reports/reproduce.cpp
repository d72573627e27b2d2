#include "reports/reproduce.hpp"

#include <fmt/format.h>

namespace streamgauge::reports {
namespace {

/// Commands that take a seed and a selection of checks.
bool judges_a_target(std::string_view command) {
  return command.starts_with("streamgauge gate") || command.starts_with("streamgauge run ");
}

bool has_option(std::string_view command, std::string_view option) {
  return command.find(option) != std::string_view::npos;
}

}  // namespace

std::string command_for(const RunResult& run) {
  if (run.command.empty()) return {};
  std::string command = "./" + run.command;
  if (judges_a_target(run.command) && !has_option(run.command, " --seed")) {
    command += fmt::format(" --seed {}", run.seed);
  }
  return command;
}

std::string command_for(const RunResult& run, std::string_view check) {
  if (!judges_a_target(run.command) || has_option(run.command, " --check")) return {};
  return fmt::format("{} --check {}", command_for(run), check);
}

std::size_t scenario_number(const RunResult& run, const ScenarioResult& scenario) {
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    if (&run.scenarios[i] == &scenario) return i + 1;
  }
  return 0;
}

}  // namespace streamgauge::reports
