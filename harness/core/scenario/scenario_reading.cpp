#include "harness/core/scenario/scenario_reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/base/nearest.hpp"

namespace streamgauge::scenario_reading {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

std::uint16_t index_of(Reading& reading, std::string_view key, const Node& node,
                       std::string_view what, const std::vector<std::string>& names) {
  const auto it = std::find(names.begin(), names.end(), node.text);
  if (node.kind == yaml::Kind::scalar && it != names.end()) {
    return static_cast<std::uint16_t>(it - names.begin());
  }
  const std::string hint =
      node.kind == yaml::Kind::scalar ? did_you_mean(node.text, names) : std::string{};
  reading.fail(node.mark, fmt::format("key '{}': found {}, which is no {} here{}; there {}: {}",
                                      key, yaml::found(node), what, hint,
                                      names.size() == 1 ? "is" : "are", fmt::join(names, ", ")));
  return 0;
}

std::vector<std::string> group_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const ClientGroup& group : scenario.groups) names.push_back(group.name);
  return names;
}

std::uint16_t read_channel(const Mapping& map, const std::vector<std::string>& channels) {
  const Node* node = map.get("channel");
  if (node == nullptr && channels.size() > 1) {
    node = map.require("channel", "one of: " + fmt::format("{}", fmt::join(channels, ", ")));
  }
  return node == nullptr ? std::uint16_t{0}
                         : index_of(map.reading(), "channel", *node, "channel", channels);
}

}  // namespace streamgauge::scenario_reading
