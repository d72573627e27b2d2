// Progress of a long command: one line that redraws itself on a terminal, plain lines elsewhere.
// Everything goes to stderr: stdout is for results.
#pragma once

#include <string>

#include "harness/run/engine.hpp"

namespace streamgauge::cli {

class ProgressLine {
 public:
  explicit ProgressLine(bool shown);
  ~ProgressLine();  // wipes the line
  void show(const run::Progress& progress);

 private:
  void show_on_terminal(const run::Progress& progress);
  void show_as_line(const run::Progress& progress);

  bool shown_;
  bool terminal_;
  std::size_t drawn_ = 0;   // columns in use
  std::string last_phase_;  // what the last plain line was about
};

}  // namespace streamgauge::cli
