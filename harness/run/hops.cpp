#include "harness/run/hops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "harness/core/fault/fault.hpp"

namespace streamgauge::run {

namespace {

constexpr std::string_view chaos = "chaos";
constexpr std::string_view chaos_with = "chaos:";

Result<PlannedHop> chaos_hop(const std::string& word) {
  PlannedHop hop;
  hop.word = hop.spec.name = word;
  hop.spec.description = "The built-in chaos proxy.";
  std::string_view rest = word;
  rest.remove_prefix(std::min(rest.size(), chaos_with.size()));
  if (rest.empty()) return hop;
  if (auto read = fault::parse_faults(rest); !read) {
    return usage_error(fmt::format("--path: {}: {}", word, read.error().message));
  }
  hop.spec.faults.emplace_back(rest);
  return hop;
}

}  // namespace

Result<PlannedHop> hop_named(const Home& home, const std::string& word) {
  if (word.empty()) {
    return usage_error(
        "--path: an empty hop; expected names under scenarios/proxies, files, or chaos:FAULT=…, "
        "with commas between");
  }
  if (word == chaos || word.starts_with(chaos_with)) return chaos_hop(word);
  PlannedHop hop;
  hop.word = word;
  auto spec = proxy_named(home, word, &hop.text);
  if (!spec) return spec.error();
  hop.spec = std::move(*spec);
  return hop;
}

Result<std::vector<PlannedHop>> hops_named(const Home& home,
                                           const std::vector<std::string>& words) {
  std::vector<PlannedHop> hops;
  for (const auto& word : words) {
    auto hop = hop_named(home, word);
    if (!hop) return hop.error();
    hops.push_back(std::move(*hop));
  }
  return hops;
}

std::vector<std::string> path_words(const std::string& typed) {
  return typed == "none" ? std::vector<std::string>{} : split_path(typed);
}

std::vector<std::string> names_of(const std::vector<PlannedHop>& hops) {
  std::vector<std::string> names;
  for (const auto& hop : hops) names.push_back(hop.spec.name);
  return names;
}

}  // namespace streamgauge::run
