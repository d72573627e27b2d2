// The query of a request target: percent-decoding and look-up by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamgauge::server {

struct Target {
  std::string path;  // as sent, without the query
  std::vector<std::pair<std::string, std::string>> query;

  /// The first of that name, or `otherwise`.
  [[nodiscard]] std::string get(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] bool has(std::string_view name) const;
};

/// nullopt when a % is not followed by two hexadecimal digits. '+' reads as a space.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

}  // namespace streamgauge::server
