// Ctrl-C and SIGTERM: the first asks the run to end in order, the second ends the program at once
// (children die with it, see net/process.hpp).
#pragma once

#include <atomic>

namespace streamgauge::cli {

/// Installs the handlers; the flag turns true with the first signal.
[[nodiscard]] const std::atomic<bool>& watch_for_interrupt();

}  // namespace streamgauge::cli
