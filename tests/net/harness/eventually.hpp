// Waiting for a truth instead of sleeping for it. The bound only ends a test that has failed.
#pragma once

#include <chrono>
#include <thread>

namespace streamgauge::net {

template <class Condition>
[[nodiscard]] bool eventually(Condition condition,
                              std::chrono::seconds within = std::chrono::seconds{30}) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace streamgauge::net
