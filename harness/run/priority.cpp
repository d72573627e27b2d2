#include "harness/run/priority.hpp"

#include <sched.h>

#include <cerrno>
#include <cstring>

namespace streamgauge::run {

std::string take_real_time_priority() {
  sched_param param{};
  param.sched_priority = ::sched_get_priority_min(SCHED_RR);
  if (::sched_setscheduler(0, SCHED_RR, &param) == 0) {
    return "harness and spawned targets ran with real-time priority";
  }
  return std::string("harness and targets ran with normal priority (real-time: ") +
         std::strerror(errno) + "): other programs disturb the comparison more";
}

}  // namespace streamgauge::run
