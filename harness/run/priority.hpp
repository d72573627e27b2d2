// A place before other programs for the harness and what it starts.
//
// On a machine that also compiles, a wait for a processor is longer than most servers take to
// answer: it drowns what is to be compared. Real-time scheduling (sched(7), SCHED_RR) lets both
// sides run when they have something to do. The kernel keeps 5 % of the processors for everybody
// else (sched_rt_runtime_us), whatever a target does.
#pragma once

#include <string>

namespace streamgauge::run {

/// For this thread, and the threads and processes that it starts from now on. What became of it, as
/// a sentence; who may not (no root, no CAP_SYS_NICE) stays where he is, which is no error.
[[nodiscard]] std::string take_real_time_priority();

}  // namespace streamgauge::run
