// One hop of a path: a program or the built-in chaos proxy between clients and target.
//
// A path is opened from the target outwards, each hop with the one before as its upstream, so that
// the first hop that the clients meet is started last. Listens on 127.0.0.1 alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/scenario/proxy_spec.hpp"
#include "harness/net/http_probe.hpp"

namespace streamgauge::net {

struct HopOptions {
  std::string build_dir;
  std::vector<std::string> search;  // folders with programs, before PATH
  double time_scale = 1.0;
  const std::atomic<bool>* interrupted = nullptr;
};

class Hop {
 public:
  virtual ~Hop() = default;
  /// Where it listens.
  [[nodiscard]] virtual Addresses addresses() const = 0;
  /// Memory, disk and descriptors; nullopt while it does not run, or cannot be told from the
  /// harness. `hop` of the sample is the caller's to fill in.
  [[nodiscard]] virtual std::optional<fact::HopSample> sample() const = 0;
  /// How it ended by itself; nullopt while it is well, and when its end was ordered.
  [[nodiscard]] virtual std::optional<std::string> died() = 0;
  /// A sentence on what it did itself, such as the latency that it added; empty: nothing is known.
  [[nodiscard]] virtual std::string account() { return {}; }
  /// Tells it to take its configuration again; says how ("SIGHUP"), or nullopt: it cannot.
  [[nodiscard]] virtual std::optional<std::string> reload() { return std::nullopt; }
  /// It can be stopped and started.
  [[nodiscard]] virtual bool can_restart() const { return false; }
  /// SIGKILL, at once; or its stop signal and the wait that its file allows.
  virtual void end([[maybe_unused]] bool killed) {}
  /// After end(): on the same port. Waits until it is ready.
  [[nodiscard]] virtual Result<void> start_again() { return {}; }
  /// A fault as the command line says it, from now on; errors: unknown, or no chaos proxy.
  [[nodiscard]] virtual Result<void> add_fault(const std::string& fault);
  /// All that add_fault() added is taken away.
  virtual void remove_faults() {}
};

/// Errors as Spawned::open(): ExitCode::target and a sentence that begins "proxy 'NAME' ...".
[[nodiscard]] Result<std::unique_ptr<Hop>> open_hop(const ProxySpec& spec,
                                                    const Addresses& upstream,
                                                    const HopOptions& options);

/// The first line with a digit that the program prints when it is asked for its version; empty when
/// it is absent, or the file does not say how to ask.
[[nodiscard]] std::string program_version(const SpawnSpec& spec, const HopOptions& options);

/// Is the program there?
[[nodiscard]] bool program_present(const SpawnSpec& spec, const HopOptions& options);

/// Bytes that files take: those in `folder`, and those without a name that the processes of the
/// family of `root` hold open. nullopt never; what cannot be read counts as nothing.
[[nodiscard]] std::uint64_t disk_bytes(const std::string& folder, pid_t root);

}  // namespace streamgauge::net
