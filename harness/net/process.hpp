// Child processes: started in a process group of their own, sampled over /proc, always reaped.
//
// A child gets PR_SET_PDEATHSIG, so that it does not outlive the harness even when that is killed,
// and its output is kept: the last 64 KiB, for the sentence that explains an early death. An ended
// child is reaped by stop() or by the destructor, not before: until then its number stays taken and
// no signal can reach a stranger. A Process is used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/history/record.hpp"
#include "harness/net/user.hpp"

namespace streamgauge::net {

struct ProcessSpec {
  std::string program;  // looked up on PATH (and `search` first) or a path
  std::vector<std::string> args;
  std::map<std::string, std::string> environment;  // added to the harness's own
  std::vector<std::string> search;                 // folders looked at before PATH
  std::string directory;                           // working directory; empty: inherited
  std::optional<UserIds> user;                     // run as that user; needs root
};

class Process {
 public:
  [[nodiscard]] static Result<Process> start(const ProcessSpec& spec);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();  // kills the group and reaps

  [[nodiscard]] pid_t pid() const;
  /// How it ended ("exit code 1", "signal 9 (Killed)"), or nullopt while it runs.
  [[nodiscard]] std::optional<std::string> ended();
  /// The same as a number: the exit code, or minus the signal that ended it.
  [[nodiscard]] std::optional<int> exit_code();
  void signal(int number);        // to the process
  void signal_group(int number);  // to the whole group (freeze, kill)
  /// Sends `number`, waits; after `within` kills the group. Returns how it ended.
  std::string stop(int number, Duration within);
  /// SIGKILL to the group and to descendants that have left it; reaped, and the others gone, when
  /// it returns (at most a second later).
  void kill_tree();
  [[nodiscard]] std::string output_tail() const;
  /// Inode of the pipe that takes the output: whoever holds its writing end descends from the
  /// child.
  [[nodiscard]] std::uint64_t output_pipe() const;

 private:
  Process();
  struct Body;
  std::unique_ptr<Body> body_;
};

/// Sums over `root` and all its descendants as far as they have not left it (a daemon's second fork
/// has); nullopt when it is gone or /proc is not readable. Memory is RSS: shared pages count in
/// each process, as the exact share (PSS) costs a walk over every page table.
[[nodiscard]] std::optional<fact::Sample> sample_process_tree(pid_t root);

}  // namespace streamgauge::net
