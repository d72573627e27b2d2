// Jobs side by side: most of a scenario's time is waiting.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace streamgauge::run {

struct Lanes {
  std::size_t all = 1;    // jobs at a time
  std::size_t heavy = 1;  // of these: heavy ones
};

/// Calls job(i) for each i below heavy.size(), each once, on threads of its own, and returns when
/// all have ended. Jobs begin in the order of their numbers, but a heavy one lets others pass while
/// its lanes are taken. What a job throws comes out here, after all others have ended.
void at_once(const std::vector<bool>& heavy, Lanes lanes,
             const std::function<void(std::size_t)>& job);

}  // namespace streamgauge::run
