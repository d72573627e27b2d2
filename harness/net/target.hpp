// A live target: resolved, started if it is to be started, ready for streams.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/process.hpp"
#include "harness/net/processor_use.hpp"
#include "harness/net/publish_request.hpp"
#include "harness/net/spawned.hpp"
#include "harness/net/swarm.hpp"

namespace streamgauge::net {

struct TargetOptions {
  std::string build_dir;      // for {build}
  std::string contract_yaml;  // written to {contract_file}
  double time_scale = 1.0;
  std::vector<std::string> flaws;                  // become "--flaw ID ..." for {flaw_args}
  std::vector<std::string> search;                 // folders with programs, before PATH
  const std::atomic<bool>* interrupted = nullptr;  // waiting for readiness ends when it is true
};

struct CommandAnswer {
  int status = 0;  // 0: no answer
  Instant answered{};
  Duration took{};
  std::string failure;  // why there is no answer
};

class Target {
 public:
  /// Spawns (private temporary folder, free ports, files expanded) and waits until ready, or, for a
  /// URL, resolves and connects once. Errors carry ExitCode::target and a sentence with the cause:
  /// program not found (and the packages that bring it), early exit with the end of its output,
  /// not ready within its time, refused, unresolvable. Answers within 5 s for a URL. What is wrong
  /// with the URL's text, or with the file of its certificates, carries ExitCode::usage.
  /// Ready is whatever answers `ready_path` with a status other than 503. A path in the URL stands
  /// before `events_path` and the publish path; with the default events path it is the path of the
  /// stream itself, query included.
  /// Before a spawn, what harnesses that were killed have left behind is ended and removed.
  /// Several may be opened at once, by several threads; each is used by one thread at a time, but
  /// for command().
  [[nodiscard]] static Result<Target> open(const TargetSpec& spec, const TargetOptions& options);
  Target(Target&&) noexcept;
  Target& operator=(Target&&) noexcept;
  ~Target();  // stops, reaps, removes the temporary folder

  [[nodiscard]] const StreamEndpoint& streams() const;
  [[nodiscard]] std::optional<PublishTemplate> publish() const;
  [[nodiscard]] std::optional<fact::Sample> sample() const;  // spawned targets only
  /// Of its threads, as thread_times(); empty unless it is spawned and runs.
  [[nodiscard]] ThreadTimes processor_times() const;
  /// How a spawned target ended, or why a URL no longer answers; nullopt while it is well, and when
  /// the end was ordered by kill() or order_stop().
  [[nodiscard]] std::optional<std::string> died();
  [[nodiscard]] bool spawned() const;
  void freeze();  // SIGSTOP to the group
  void thaw();    // SIGCONT
  /// Orderly stop; returns how the process ended. Waits, unlike order_stop().
  std::string stop();

  // Below, of spawned targets; others answer with errors, or with nothing.
  /// SIGKILL to all its processes; they are reaped, and its ports kept from strangers, when it
  /// returns. Its folder stays.
  void kill();
  /// After kill(): started again on the same ports and in the same folder with another {epoch};
  /// files that name it are written again. Waits until it is ready, with open()'s errors.
  [[nodiscard]] Result<void> restart();
  /// A second instance with the same {epoch}, on ports and in a folder of its own.
  [[nodiscard]] Result<Target> open_standby() const;
  /// How order_stop() says it: "SIGTERM".
  [[nodiscard]] std::optional<std::string> stop_order() const;
  /// Sends the stop signal; does not wait.
  void order_stop();
  /// Exit code, or minus the signal, once its first process has ended. Does not wait.
  [[nodiscard]] std::optional<int> exited();
  [[nodiscard]] std::optional<ReadyQuestion> ready_question() const;

  /// Does it have that command (at an address that is known)?
  [[nodiscard]] bool takes(const std::string& command) const;
  /// Sends it and waits for the answer, at most 5 s, or until `interrupted`. From any thread, while
  /// the target is not being moved or destroyed.
  [[nodiscard]] CommandAnswer command(const std::string& name, const PublishValues& values,
                                      const std::atomic<bool>* interrupted = nullptr) const;

 private:
  Target();
  [[nodiscard]] bool at_large() const;
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
