// What the parts of the scenario reader share; see load.hpp for the whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::scenario_reading {

/// The index of the name that `key` holds; fails the reading when there is no such name.
[[nodiscard]] std::uint16_t index_of(yaml::Reading& reading, std::string_view key,
                                     const yaml::Node& node, std::string_view what,
                                     const std::vector<std::string>& names);
[[nodiscard]] std::vector<std::string> group_names(const Scenario& scenario);
/// A channel's name under `channel`; where the scenario has but one, it need not be named.
[[nodiscard]] std::uint16_t read_channel(const yaml::Mapping& map,
                                         const std::vector<std::string>& channels);

/// A group's policy.
void read_policy(yaml::Reading& reading, const yaml::Node& node, PolicySpec& out);
/// One of the scenario's groups, added to those that it has.
void read_group(yaml::Reading& reading, const yaml::Node& node, Scenario& out);
/// One of a phase's actions; groups and channels are those of `scenario`.
void read_action(yaml::Reading& reading, const yaml::Node& node, const Scenario& scenario,
                 Phase& out);
/// Groups that join later and those that are told to join must be the same; fails the reading.
void check_joins(yaml::Reading& reading, yaml::Mark mark, const Scenario& scenario);

}  // namespace streamgauge::scenario_reading
