// A live target: resolved, started if it is to be started, ready for streams.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/process.hpp"
#include "harness/net/processor_use.hpp"
#include "harness/net/swarm.hpp"

namespace streamgauge::net {

struct TargetOptions {
  std::string build_dir;      // for {build}
  std::string contract_yaml;  // written to {contract_file}
  double time_scale = 1.0;
  std::vector<std::string> flaws;   // become "--flaw ID ..." for {flaw_args}
  std::vector<std::string> search;  // folders with programs, before PATH
};

class Target {
 public:
  /// Spawns (private temporary folder, free ports, files expanded) and waits until ready, or, for a
  /// URL, resolves and connects once. Errors carry ExitCode::target and a sentence with the cause:
  /// program not found (and the packages that bring it), early exit with the end of its output,
  /// not ready within its time, refused, unresolvable. Answers within 5 s for a URL. What is wrong
  /// with the URL's text, https included, carries ExitCode::usage.
  /// Ready is whatever answers `ready_path` with a status other than 503. A path in the URL stands
  /// before `events_path` and the publish path; with the default events path it is the path of the
  /// stream itself, query included.
  /// Before a spawn, what harnesses that were killed have left behind is ended and removed.
  [[nodiscard]] static Result<Target> open(const TargetSpec& spec, const TargetOptions& options);
  Target(Target&&) noexcept;
  Target& operator=(Target&&) noexcept;
  ~Target();  // stops, reaps, removes the temporary folder

  [[nodiscard]] const StreamEndpoint& streams() const;
  [[nodiscard]] std::optional<PublishTemplate> publish() const;
  [[nodiscard]] std::optional<fact::Sample> sample() const;  // spawned targets only
  /// Of its threads, as thread_times(); empty unless it is spawned and runs.
  [[nodiscard]] ThreadTimes processor_times() const;
  /// How a spawned target ended, or why a URL no longer answers; nullopt while it is well.
  [[nodiscard]] std::optional<std::string> died();
  [[nodiscard]] bool spawned() const;
  void freeze();  // SIGSTOP to the group
  void thaw();    // SIGCONT
  /// Orderly stop; returns how the process ended.
  std::string stop();

 private:
  Target();
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
