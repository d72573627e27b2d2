// The rig: what lives while one scenario runs (target, clients, publisher), and the folds that they
// report to. It begins and ends them; what happens in between is the engine's.
//
// Facts about the run (phases, faults, what becomes of the target, answers to commands) are told to
// every fold, in order with the records of its thread. Observations (samples, readiness, death) are
// in the engine's own fold alone.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/net/clock.hpp"
#include "harness/net/path.hpp"
#include "harness/net/publisher.hpp"
#include "harness/net/swarm.hpp"
#include "harness/net/target.hpp"
#include "harness/run/fold.hpp"
#include "harness/run/plan.hpp"

namespace streamgauge::run {

/// The threads that load the target: the swarm's and the publisher's. Other scenarios of the same
/// process have theirs.
class GeneratorThreads {
 public:
  void add(pid_t thread);
  /// Of `all` threads of the process, these.
  [[nodiscard]] net::ThreadTimes of(net::ThreadTimes all) const;

 private:
  mutable std::mutex mutex_;
  std::set<pid_t> threads_;
};

/// What each fold showed last; written by the threads of the folds.
class FigureBoard {
 public:
  void put(const RecordSink* fold, LiveFigures figures);
  [[nodiscard]] LiveFigures sum() const;

 private:
  mutable std::mutex mutex_;
  std::map<const RecordSink*, LiveFigures> latest_;
};

class Rig {
 public:
  /// All arguments outlive it.
  Rig(const Home& home, const Plan& plan, const PlannedScenario& planned,
      const CheckContext& context, Instant started, const std::atomic<bool>* interrupted);
  ~Rig();  // close()
  Rig(const Rig&) = delete;

  /// Target (two, when the timeline asks for a standby), folds, publisher; clients begin to
  /// connect.
  [[nodiscard]] Result<void> open();
  /// Everything is ended, the processes reaped. Idempotent.
  void close();
  /// All folds merged; after close().
  [[nodiscard]] std::unique_ptr<Fold> total();
  /// The bytes behind the evidence of `checks`, where they were kept; after close().
  [[nodiscard]] std::vector<WireExcerpt> wire(const std::vector<CheckResult>& checks) const;
  /// False when open() failed before there were any.
  [[nodiscard]] bool had_clients() const { return swarm_ != nullptr; }

  template <class F>
  void tell_all(const F& fact, Instant at = net::now()) {
    const Record record{at, no_stream, fact};
    tell_each([record](RecordSink& sink) { sink.on(record); });
    if (engine_fold_) engine_fold_->on(record);
  }
  void observe(Instant at, const Fact& fact);
  /// Asks every thread for its figures; figures() adds up the latest answers, which are some
  /// milliseconds to a wake-up old.
  void ask_figures();
  [[nodiscard]] LiveFigures figures() const;
  /// A text for facts: it stays until the rig is gone.
  [[nodiscard]] std::string_view keep(std::string text);

  [[nodiscard]] net::Target& target() { return *target_; }
  [[nodiscard]] net::Target* standby() { return standby_ ? &*standby_ : nullptr; }
  [[nodiscard]] net::Path& path() { return *path_; }
  /// Where clients go once the second instance serves: through a path of its own.
  [[nodiscard]] net::StreamEndpoint standby_streams() const;
  /// What has left the target on connections that are open; nullopt: not known here.
  [[nodiscard]] std::optional<std::uint64_t> sent_bytes() const;
  [[nodiscard]] net::Swarm& swarm() { return *swarm_; }
  [[nodiscard]] net::Publisher* publisher() { return publisher_.get(); }
  [[nodiscard]] const GeneratorThreads& generator() const { return *generator_; }
  [[nodiscard]] const net::SwarmStatus& last_swarm_status() const { return swarm_status_; }
  [[nodiscard]] const net::PublisherStatus& last_publisher_status() const {
    return publisher_status_;
  }

 private:
  [[nodiscard]] Result<void> open_targets();
  [[nodiscard]] Result<void> open_paths();
  [[nodiscard]] Result<void> open_clients();
  void open_publisher();
  void tell_each(const std::function<void(RecordSink&)>& tell);
  [[nodiscard]] std::unique_ptr<Fold> new_fold(bool recorded = true) const;

  const Home& home_;
  const Plan& plan_;
  const PlannedScenario& planned_;
  const CheckContext& context_;
  const Instant started_;
  const std::atomic<bool>* interrupted_;

  // Declared before what calls them, so that they outlive it.
  std::set<std::string> texts_;
  std::shared_ptr<GeneratorThreads> generator_ = std::make_shared<GeneratorThreads>();
  std::shared_ptr<FigureBoard> board_ = std::make_shared<FigureBoard>();
  std::vector<std::unique_ptr<Fold>> swarm_folds_;
  std::vector<std::unique_ptr<WireLog>> wire_logs_;
  std::unique_ptr<Fold> publisher_fold_, engine_fold_;
  std::optional<net::Target> target_, standby_;
  std::optional<net::Path> path_, standby_path_;  // end before what lies behind them
  std::unique_ptr<net::Swarm> swarm_;
  std::unique_ptr<net::Publisher> publisher_;
  net::SwarmStatus swarm_status_;
  net::PublisherStatus publisher_status_;
};

}  // namespace streamgauge::run
