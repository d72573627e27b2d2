// The way from a fork to another program: what is prepared before it, what the child may do on it,
// and what it reports when it fails. Private to process.cpp.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/net/process.hpp"
#include "harness/net/program.hpp"

namespace streamgauge::net {

/// Everything the child needs between fork and exec, built before: there it may not allocate.
struct ExecPlan {
  std::string path;
  std::string directory;
  std::optional<UserIds> user;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;

  void finish() {
    for (auto& text : arguments) argv.push_back(text.data());
    argv.push_back(nullptr);
    for (auto& text : environment) envp.push_back(text.data());
    envp.push_back(nullptr);
  }
};

[[nodiscard]] ExecPlan make_plan(const ProcessSpec& spec, const FoundProgram& found);

/// What the child reports through the pipe when it cannot become the program.
struct StartFailure {
  enum class Step : int { parent_gone, user, directory, exec } step;
  int error;
};

[[nodiscard]] std::string describe(const StartFailure& failure, const ExecPlan& plan);

/// Forks with all signals blocked, so that no handler of the harness runs in the child. The child
/// takes `input` and `output` as its own and becomes the program, or writes a StartFailure to
/// `report`. Returns its number, or -1 with errno.
[[nodiscard]] pid_t fork_into(const ExecPlan& plan, int input, int output, int report);

}  // namespace streamgauge::net
