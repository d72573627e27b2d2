#include "harness/core/scenario/text_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/base/nearest.hpp"
#include "harness/core/scenario/placeholders.hpp"

namespace streamgauge::placeholders {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

void check_placeholders(Reading& reading, std::string_view key, const Node& node,
                        std::string_view text, Names known) {
  const auto word = unknown_placeholder(text, known);
  if (!word) return;
  const std::string accepted =
      known.empty() ? "none" : fmt::format("{{{}}}", fmt::join(known, "}, {"));
  reading.fail(node.mark, fmt::format("key '{}': unknown placeholder {{{}}}{}; accepted: {}", key,
                                      *word, did_you_mean(*word, known), accepted));
}

HeaderList text_map(const Mapping& map, std::string_view key, const yaml::Form<std::string>& form,
                    bool (*good_name)(std::string_view), std::string_view names, Names known) {
  const Node* node = map.get(key);
  if (node == nullptr) return {};
  Reading& reading = map.reading();
  if (node->kind != yaml::Kind::mapping) {
    reading.fail_value(key, *node, fmt::format("a mapping from {} to {}", names, form.expected));
    return {};
  }
  HeaderList out;
  std::set<std::string_view> seen;
  for (const yaml::Entry& entry : node->entries) {
    if (!reading.ok()) break;
    if (!good_name(entry.key)) {
      reading.fail(entry.mark, fmt::format("key '{}': '{}' is not {}", key, entry.key, names));
    } else if (!seen.insert(entry.key).second) {
      reading.fail(entry.mark, fmt::format("key '{}': given twice in {}", entry.key, key));
    }
    const Node& value = *entry.value;
    const auto text = value.kind == yaml::Kind::scalar ? form.parse(value.text) : std::nullopt;
    if (!text) {
      reading.fail_value(entry.key, value, form.expected);
      break;
    }
    check_placeholders(reading, entry.key, value, *text, known);
    out.emplace_back(entry.key, *text);
  }
  return out;
}

bool is_token(std::string_view name) {  // RFC 9110, section 5.6.2
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

}  // namespace streamgauge::placeholders
