// Waiting for a truth instead of sleeping for it (the bound only ends a test that has failed), and
// what was written by then.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
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

/// What a file holds; empty when it is not there.
[[nodiscard]] inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace streamgauge::net
