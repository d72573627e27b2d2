#include "harness/core/compare/threshold.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/core/base/nearest.hpp"
#include "harness/core/compare/metric.hpp"

namespace streamgauge::compare {
namespace {

constexpr double percent_max = 1000;
constexpr std::string_view form = "METRIC>+N%, such as delivery.p99>+10%";

std::vector<std::string_view> judgeable() {
  std::vector<std::string_view> ids;
  for (const Metric& metric : metrics()) {
    if (metric.delta > 0) ids.push_back(metric.id);
  }
  return ids;
}

Error wrong(std::string_view text, std::string_view why) {
  return usage_error(fmt::format("--fail-if '{}': {}", text, why));
}

/// Digits, with a point between digits; nothing else.
std::optional<double> percent_of(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return std::nullopt;
  double percent = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return percent;
}

Result<std::size_t> metric_named(std::string_view text, std::string_view id) {
  const auto ids = judgeable();
  const auto found = find_metric(id);
  if (found && metrics()[*found].delta > 0) return *found;
  if (found) {
    return wrong(text, fmt::format("{} is the luck of a single event and is not judged; accepted "
                                   "are {}",
                                   id, fmt::join(ids, ", ")));
  }
  return wrong(text, fmt::format("no metric '{}'{}; accepted are {}", id, did_you_mean(id, ids),
                                 fmt::join(ids, ", ")));
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
  std::string bare;
  std::copy_if(text.begin(), text.end(), std::back_inserter(bare),
               [](char c) { return c != ' ' && c != '\t'; });
  const auto sign = bare.find('>');
  if (sign == std::string::npos) return wrong(text, fmt::format("expected {}", form));
  const auto metric = metric_named(text, std::string_view(bare).substr(0, sign));
  if (!metric) return metric.error();
  std::string_view change = std::string_view(bare).substr(sign + 1);
  if (change.starts_with('+')) change.remove_prefix(1);
  if (!change.ends_with('%')) {
    return wrong(text, fmt::format("'{}' is no share: expected {}", change, form));
  }
  change.remove_suffix(1);
  const auto percent = percent_of(change);
  if (!percent || !(*percent > 0 && *percent <= percent_max)) {
    return wrong(text, fmt::format("'{}' per cent: expected a number above 0 and up to {}", change,
                                   percent_max));
  }
  return Threshold{*metric, *percent / 100};
}

Result<std::vector<Threshold>> thresholds(const std::vector<std::string>& texts) {
  std::vector<Threshold> all;
  for (const std::string& text : texts) {
    const auto one = parse_threshold(text);
    if (!one) return one.error();
    const bool twice = std::any_of(all.begin(), all.end(),
                                   [&](const Threshold& t) { return t.metric == one->metric; });
    if (twice) return wrong(text, "this metric has a threshold already");
    all.push_back(*one);
  }
  if (!texts.empty()) return all;
  for (std::size_t i = 0; i < metrics().size(); ++i) {
    if (metrics()[i].by_default) all.push_back({i, metrics()[i].delta});
  }
  return all;
}

}  // namespace streamgauge::compare
