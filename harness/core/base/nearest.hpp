// "did you mean ...?": the names nearest to one that was mistyped.
//
// Distance is that of optimal string alignment (insert, delete, replace, swap neighbours), upper
// and lower case alike. A candidate is near when that distance is at most a third of the longer
// name's length, or when one contains the other (three letters or more): "cadence" finds
// "heartbeat.cadence".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

/// Edits that turn `a` into `b`; time and memory grow with the product of the lengths.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// Near candidates, nearest first, ties in the candidates' order; at most `max`, often none.
[[nodiscard]] std::vector<std::string> nearest(std::string_view name,
                                               std::span<const std::string_view> candidates,
                                               std::size_t max = 3);
[[nodiscard]] std::vector<std::string> nearest(std::string_view name,
                                               std::span<const std::string> candidates,
                                               std::size_t max = 3);

/// " (did you mean 'a' or 'b'?)", to be appended to a message; empty when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string_view> candidates);
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string> candidates);

}  // namespace streamgauge
