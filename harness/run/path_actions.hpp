// What the timeline does to the hops of the path, and looking after them meanwhile: the twin of
// TargetActions.
//
//   up --reload--> up        up --restart, kill--> away --(ready again)--> up
//
// An action that a hop cannot follow is not carried out, and a note says so. A hop that ends by
// itself ends the run: its error names the hop and how it ended.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/rig.hpp"

namespace streamgauge::run {

class PathActions {
 public:
  /// Both outlive it; `rig` is open.
  PathActions(Rig& rig, const Plan& plan, const PlannedScenario& planned);
  /// Waits for restarts under way; HopOptions::interrupted ends that wait.
  ~PathActions();
  PathActions(const PathActions&) = delete;

  void turn(const action::TurnHop& turn);
  void add_fault(const action::AddFault& add, Instant now);
  void remove_faults(const action::RemoveFaults& remove);

  /// What is due, and what has come about. Returns why the run cannot go on, if it cannot.
  [[nodiscard]] std::optional<Error> tick(Instant now);
  /// Memory, disk and descriptors of each hop, and what has left the target.
  void sample(Instant now);
  /// A hop has not come back yet.
  [[nodiscard]] bool busy() const;
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// What the hops tell of themselves becomes notes.
  void take_accounts();

 private:
  struct HopState {
    std::future<Result<void>> restart;  // valid: it is away, and another thread's
    std::vector<std::string> faults;    // in force, as facts name them
    std::optional<Instant> faults_until;
    bool dead = false;
  };

  void note(std::string text);
  [[nodiscard]] std::string name_of(std::size_t hop) const;
  void turn_one(std::size_t hop, action::TurnHop::How how);
  void end_faults(std::size_t hop);
  [[nodiscard]] std::optional<Error> take_restart(std::size_t hop, Instant now);
  [[nodiscard]] std::optional<Error> look_after(std::size_t hop, Instant now);

  Rig& rig_;
  const Plan& plan_;
  const PlannedScenario& planned_;
  std::vector<HopState> hops_;  // [0] is hop 1
  Instant looked_after_{};
  std::vector<std::string> notes_;
};

}  // namespace streamgauge::run
