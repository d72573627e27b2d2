// Mappings whose keys are the author's own (headers, environment, files), and the placeholders that
// may stand in their texts.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge::placeholders {

using Names = std::span<const std::string_view>;

/// Fails the reading when `text`, the value of `key`, holds a placeholder that is not `known`.
void check_placeholders(yaml::Reading& reading, std::string_view key, const yaml::Node& node,
                        std::string_view text, Names known);

/// The mapping at `key`, in its order; empty when there is none. `names` is what messages call a
/// name that `good_name` accepts.
[[nodiscard]] HeaderList text_map(const yaml::Mapping& map, std::string_view key,
                                  const yaml::Form<std::string>& form,
                                  bool (*good_name)(std::string_view), std::string_view names,
                                  Names known);

/// A header's name (RFC 9110, 5.6.2).
[[nodiscard]] bool is_token(std::string_view name);

}  // namespace streamgauge::placeholders
