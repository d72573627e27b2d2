// A program that the harness starts for a run: targets and proxies alike.
//
// It gets a private temporary folder with its files, free ports of 127.0.0.1, and time to become
// ready; the end of its output explains an early death. Ended, its processes are reaped and the
// folder is removed; what harnesses that were killed have left behind goes at the next start.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/port.hpp"
#include "harness/net/process.hpp"
#include "harness/net/program.hpp"
#include "harness/net/run_folder.hpp"

namespace streamgauge::net {

/// What a poller asks to learn whether a program is ready.
struct ReadyQuestion {
  Addresses addresses;
  std::string host;
  std::string path;
  TlsPeer tls = {};
};

struct SpawnOptions {
  std::string what;                                // "target 'nchan'": how sentences begin
  std::string build_dir;                           // for {build}
  std::vector<std::string> search;                 // folders with programs, before PATH
  std::vector<std::string> flaws;                  // become "--flaw ID ..." for {flaw_args}
  std::map<std::string, std::string> files;        // written beside those of the spec, as they are
  std::map<std::string, std::string> file_values;  // placeholders that name one of these files
  std::map<std::string, std::string> values;       // of placeholders beside our own
  const std::atomic<bool>* interrupted = nullptr;  // waiting for readiness ends when it is true
  /// Where it will answer once the placeholders are known.
  std::function<Result<ReadyQuestion>(const std::map<std::string, std::string>&)> where;
};

class Spawned {
 public:
  using Values = std::map<std::string, std::string>;

  /// Placeholders that it knows by itself: {port}, {admin_port}, {dir}, {build}, {prefix}, {user},
  /// {group}, {epoch}. An empty `epoch`: one of its own.
  /// Errors carry ExitCode::target and a sentence with the cause: no such program (and the packages
  /// that bring it), early exit with the end of its output, not ready within its time. A start that
  /// fails because a port has been taken meanwhile is tried again with other ports, once.
  [[nodiscard]] static Result<std::unique_ptr<Spawned>> open(const SpawnSpec& spec,
                                                             SpawnOptions options,
                                                             std::string_view epoch = {});
  Spawned(const Spawned&) = delete;
  ~Spawned();  // stop()

  [[nodiscard]] const Values& values() const { return values_; }
  [[nodiscard]] std::uint16_t port() const { return ports_.first; }
  [[nodiscard]] std::uint16_t admin_port() const { return ports_.second; }
  [[nodiscard]] const ReadyQuestion& question() const { return question_; }
  [[nodiscard]] const std::string& folder() const { return folder_->path(); }

  /// Its first process runs, or has ended by itself: not killed, not stopped.
  [[nodiscard]] bool at_large() const { return process_ && !killed_ && !stopped_; }
  /// And was not started again since.
  [[nodiscard]] bool killed() const { return killed_ && !stopped_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  /// How it ended by itself, with the end of its output; nullopt while it runs, and when its end
  /// was ordered.
  [[nodiscard]] std::optional<std::string> died();
  /// Exit code, or minus the signal, once its first process has ended. Does not wait.
  [[nodiscard]] std::optional<int> exited();

  void signal_group(int number);
  /// To the first process alone.
  void signal(int number);
  /// Sends the stop signal; does not wait.
  void order_stop();
  /// SIGKILL to all its processes; they are reaped, and its ports kept from strangers, when it
  /// returns. Its folder stays.
  void kill();
  /// The stop signal, the wait that the spec allows, then kill(): to be started again.
  void halt();
  /// After kill() or halt(): on the same ports and in the same folder, with another {epoch}; files
  /// that name it are written again. Waits until it is ready, with open()'s errors.
  [[nodiscard]] Result<void> start_again();
  /// Orderly; waits. Returns how it ended. Removes the folder. Idempotent.
  std::string stop();

 private:
  Spawned(const SpawnSpec& spec, SpawnOptions options)
      : spec_(spec), options_(std::move(options)) {}
  Result<void> open(std::string_view epoch);
  Result<void> launch(std::string_view epoch, bool& port_taken);
  Result<void> prepare(std::string_view epoch);
  Result<void> choose_user();
  Result<void> write_files(bool only_with_epoch);
  Result<void> start_process();
  Result<void> wait_until_ready(bool& port_taken);
  [[nodiscard]] bool interrupted() const;

  SpawnSpec spec_;
  SpawnOptions options_;
  FoundProgram found_;
  Values values_;
  ReadyQuestion question_;
  std::pair<std::uint16_t, std::uint16_t> ports_{};
  std::optional<UserIds> user_;      // to whom the process is given
  std::optional<RunFolder> folder_;  // outlives the process that runs from it
  std::optional<Process> process_;
  std::vector<HeldPort> held_;  // while it is killed
  bool killed_ = false;         // and reaped: its number may be a stranger's
  bool ordered_ = false;        // its end is our doing
  std::optional<std::string> stopped_;
};

/// "SIGTERM".
[[nodiscard]] std::string signal_name(int number);

/// The last lines that it printed, as a part of a sentence.
[[nodiscard]] std::string with_output(const Process& process, std::size_t lines_max);

}  // namespace streamgauge::net
