// The hops of a path, from the words of a command line or a scenario to what is started.
#pragma once

#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/proxy_spec.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

/// A hop as it was said, and what that stands for.
struct PlannedHop {
  std::string word;  // "nginx-default", "./mine.yaml", "chaos:idle-cut=5s"
  std::string text;  // of its file; empty for faults said on the spot
  ProxySpec spec;
};

/// A name under scenarios/proxies, a path, or "chaos" with faults; errors as target_named().
[[nodiscard]] Result<PlannedHop> hop_named(const Home& home, const std::string& word);
[[nodiscard]] Result<std::vector<PlannedHop>> hops_named(const Home& home,
                                                         const std::vector<std::string>& words);

/// "none" alone is a path without hops.
[[nodiscard]] std::vector<std::string> path_words(const std::string& typed);

[[nodiscard]] std::vector<std::string> names_of(const std::vector<PlannedHop>& hops);

}  // namespace streamgauge::run
