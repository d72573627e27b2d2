// What a person sees at the end of a run: one block for each family, one line for each check, the
// reason and the first evidence under each line that does not pass, figures and the verdict last.
//
// Knows no terminal: whether to colour (NO_COLOR, isatty), how wide it is and whether its font has
// more than ASCII is the caller's to find out. All text of the target is made harmless.
#pragma once

#include <cstddef>
#include <string>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

struct ConsoleOptions {
  std::size_t width_columns = 100;  // taken as at least 60 and at most 160
  bool colour = false;
  bool ascii = false;
  bool quiet = false;         // only what did not pass, and the verdict
  std::string report_folder;  // named in the last lines; empty: none was written
};

[[nodiscard]] std::string write_console(const RunResult& run, const ConsoleOptions& options = {});

}  // namespace streamgauge::reports
