// What was done in a run, and when: phases, faults, what becomes of the target, and the actions of
// the timeline that leave no fact of their own (they are marked at their planned time after the
// phase's begin).
//
// Every fold of a run is told the same facts about it, so merging is a union. Bounded: `marks_max`
// marks; later ones are dropped, phases first of all are few.
#pragma once

#include <string>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/result/run_result.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge {

class MarkFold {
 public:
  static constexpr std::size_t marks_max = 200;
  /// Marks of one name that follow each other so closely are one: a command is given once for each
  /// client of a group.
  static constexpr Duration together = std::chrono::milliseconds{250};

  MarkFold(const Scenario& scenario, const Contract& contract);

  /// Takes facts about the run; others do not matter.
  void on(const Record& record);
  void merge(const MarkFold& other);
  /// Ascending in time, without actions that the run's end came before.
  [[nodiscard]] std::vector<Mark> marks() const;

 private:
  struct Planned {
    Duration begin{};  // after the phase's
    std::optional<Duration> length;
    std::string name;
  };
  struct PlannedPhase {
    std::string name;
    std::vector<Planned> actions;
  };

  void begin_phase(std::size_t index, Instant at);
  void add(Mark mark);
  void end(Mark::Kind kind, std::string_view name, Instant at);

  std::vector<PlannedPhase> phases_;
  std::vector<Mark> marks_;
  std::optional<Instant> ended_;
};

}  // namespace streamgauge
