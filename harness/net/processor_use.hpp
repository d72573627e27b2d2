// Who got how much of the machine's processors, and who had to wait for one: from /proc (proc(5)).
//
// A thread that can run but does not is waiting for a processor; the kernel adds that time up for
// each thread. It tells a target that is slow from one that was not let run, and a generator that
// has too much to do from one whose machine has.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"

namespace streamgauge::net {

/// Since the thread (or the machine) began.
struct ProcessorTime {
  Duration ran{};
  Duration waited{};  // could have run

  ProcessorTime& operator+=(const ProcessorTime& other) {
    ran += other.ran;
    waited += other.waited;
    return *this;
  }
  friend ProcessorTime operator-(const ProcessorTime& a, const ProcessorTime& b) {
    return {a.ran - b.ran, a.waited - b.waited};
  }
};

struct ThreadTime {
  std::string name;
  ProcessorTime time;
};

/// Of the living threads of a process and its descendants. Empty when the kernel does not say.
using ThreadTimes = std::map<pid_t, ThreadTime>;
[[nodiscard]] ThreadTimes thread_times(pid_t root, bool with_descendants);

/// What each thread that lived at both times used between them; one that began since counts whole.
[[nodiscard]] ThreadTimes between(const ThreadTimes& earlier, const ThreadTimes& later);
[[nodiscard]] ProcessorTime sum(const ThreadTimes& times);

/// Of all processors together, by all of the machine's programs. Zero when the kernel does not say.
[[nodiscard]] Duration machine_busy_time();

// The texts of /proc/PID/task/TID/schedstat and of /proc/stat's first line.
[[nodiscard]] ProcessorTime parse_schedstat(std::string_view text);
[[nodiscard]] Duration parse_busy_time(std::string_view stat, long ticks_per_s);

}  // namespace streamgauge::net
