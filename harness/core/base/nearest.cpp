#include "harness/core/base/nearest.hpp"

#include <algorithm>
#include <utility>

namespace streamgauge {
namespace {

// Names longer than this are no typing slip; it also bounds the work for hostile input.
constexpr std::size_t name_bytes_max = 200;

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool contains_either_way(std::string_view a, std::string_view b) {
  const auto& [shorter, longer] = a.size() < b.size() ? std::pair{a, b} : std::pair{b, a};
  return shorter.size() >= 3 && longer.find(shorter) != std::string_view::npos;
}

std::vector<std::string_view> views(std::span<const std::string> names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::vector<std::string> nearest(std::string_view name,
                                 std::span<const std::string_view> candidates, std::size_t max) {
  if (name.empty() || name.size() > name_bytes_max) return {};
  const std::string wanted = lower(name);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > name_bytes_max) continue;
    const std::string have = lower(candidate);
    const std::size_t distance = edit_distance(wanted, have);
    const std::size_t longer = std::max(wanted.size(), have.size());
    if (distance * 3 <= longer || contains_either_way(wanted, have)) {
      near.emplace_back(distance, candidate);
    }
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [distance, candidate] : near) {
    if (out.size() == max) break;
    out.emplace_back(candidate);
  }
  return out;
}

std::vector<std::string> nearest(std::string_view name, std::span<const std::string> candidates,
                                 std::size_t max) {
  return nearest(name, std::span<const std::string_view>{views(candidates)}, max);
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const auto near = nearest(name, candidates);
  if (near.empty()) return {};
  std::string out = " (did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (i > 0) out += i + 1 == near.size() ? " or " : ", ";
    out.append("'").append(near[i]).append("'");
  }
  return out + "?)";
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  return did_you_mean(name, std::span<const std::string_view>{views(candidates)});
}

}  // namespace streamgauge
