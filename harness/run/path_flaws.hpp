// The flaws of paths: what a proxy can get wrong, done by the built-in chaos proxy, to prove that
// the checks which watch paths fire. To add one: a line in the table.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::run {

struct PathFlaw {
  std::string_view id, description, source;
  std::vector<std::string_view> expected;  // checks of which at least one must fail
  std::vector<std::string_view> related;   // checks that may fail, too
  std::string_view path;                   // as --path says it
  std::string_view scenario;               // that shows it
  void (*alter)(PolicySpec&) = nullptr;    // applied to every group; null: nothing
};

[[nodiscard]] const std::vector<PathFlaw>& path_flaws();
[[nodiscard]] const PathFlaw* find_path_flaw(std::string_view id);

}  // namespace streamgauge::run
