#include "harness/core/scenario/placeholders.hpp"

#include <algorithm>

namespace streamgauge {
namespace {

bool is_placeholder(std::string_view inside) {
  return !inside.empty() && std::all_of(inside.begin(), inside.end(),
                                        [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// Calls `visit` with each word in braces, until it says true.
template <class Visit>
std::optional<std::string_view> first_placeholder(std::string_view text, Visit visit) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    if (is_placeholder(inside) && visit(inside)) return inside;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> unknown_placeholder(std::string_view text,
                                                    std::span<const std::string_view> known) {
  return first_placeholder(text, [&](std::string_view inside) {
    return std::find(known.begin(), known.end(), inside) == known.end();
  });
}

bool mentions(std::string_view text, std::string_view name) {
  return first_placeholder(text, [&](std::string_view inside) { return inside == name; })
      .has_value();
}

}  // namespace streamgauge
