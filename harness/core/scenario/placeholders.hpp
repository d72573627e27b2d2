// {placeholders}: which of them a text may hold. Replacing them is expand() in target_spec.hpp.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace streamgauge {

/// The first word in braces that is not among `known`. Braces around anything but lower-case
/// letters and '_' are the text's own: JSON, nginx blocks.
[[nodiscard]] std::optional<std::string_view> unknown_placeholder(
    std::string_view text, std::span<const std::string_view> known);

/// Does `text` hold {name}?
[[nodiscard]] bool mentions(std::string_view text, std::string_view name);

}  // namespace streamgauge
