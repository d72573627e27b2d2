// Progress of a long command: one line that redraws itself on a terminal, plain lines elsewhere.
// Everything goes to stderr: stdout is for results.
#pragma once

#include <map>
#include <string>

#include "harness/cli/live_history.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::cli {

class ProgressLine {
 public:
  explicit ProgressLine(bool shown);
  ~ProgressLine() { wipe(); }
  void wipe();
  /// Not by two threads at once.
  void show(const run::PlanProgress& progress);

 private:
  void show_on_terminal(const run::PlanProgress& progress);
  void show_as_lines(const run::PlanProgress& progress);

  bool shown_;
  bool terminal_;
  LiveHistory history_;
  std::size_t drawn_ = 0;                          // columns in use
  std::map<std::string, std::string> last_phase_;  // of each scenario: what was said last
};

}  // namespace streamgauge::cli
