// What the timeline does to the target's processes: freezes them, kills and restarts them, tells
// them to stop; and looks after them meanwhile.
//
//   up --freeze--> frozen --thaw--> up
//   up --kill--> down --(restart_after)--> restarting --(ready)--> up
//   up --stop--> stopping --(exit)--> gone
//                         --(exit_within, and twice that for goodwill)--> killed, gone
//
// An action that the target cannot follow is not carried out, and a note says so: checks see no
// such fact and judge without it. Death is looked for only where nobody has ordered it.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "harness/net/ready_poller.hpp"
#include "harness/run/rig.hpp"
#include "harness/run/target_commands.hpp"

namespace streamgauge::run {

class TargetActions {
 public:
  /// Both outlive it; `rig` is open.
  TargetActions(Rig& rig, const Plan& plan, const Scenario& scenario);
  /// Waits for a restart under way; TargetOptions::interrupted ends that wait.
  ~TargetActions();
  TargetActions(const TargetActions&) = delete;

  void freeze();
  void thaw();
  void kill(Duration restart_after);
  void stop(bool with_standby);
  void command(const action::Command& command);
  /// A stop is near: readiness is watched from now on.
  void watch_readiness();

  /// What is due, and what has come about. Returns why the run cannot go on, if it cannot.
  [[nodiscard]] std::optional<Error> tick(Instant now);
  /// The timeline is over: what is frozen or down must come back now.
  void timeline_over(Instant now);
  /// Something ordered has not come to its end.
  [[nodiscard]] bool busy() const;

  /// Of the first instance while it runs.
  [[nodiscard]] std::optional<fact::Sample> sample() const;
  /// Of both instances.
  [[nodiscard]] net::ThreadTimes processor_times() const;
  /// How the instance that serves has died; nullopt while its end would be our doing.
  [[nodiscard]] std::optional<std::string> died();

  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  enum class State : std::uint8_t { up, frozen, down, restarting, stopping, gone };

  void note(std::string text);
  void report_answers();
  void report_readiness();
  [[nodiscard]] std::optional<Error> take_restart(Instant now);
  void look_for_exit(Instant now);
  [[nodiscard]] Duration exit_within() const;

  Rig& rig_;
  const Plan& plan_;
  const Scenario& scenario_;
  State state_ = State::up;
  bool switched_ = false;
  Instant due_{};  // down: the restart; stopping: the end of patience
  std::future<Result<void>> restart_;
  std::unique_ptr<net::ReadyPoller> poller_;
  TargetCommands commands_;
  std::vector<std::string> notes_;
};

}  // namespace streamgauge::run
