#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge::yaml {
namespace {

/// One line for a message: unprintable ASCII escaped, cut (between characters) when long.
std::string shown(std::string_view text) {
  constexpr std::size_t bytes_max = 60;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool in_character = (byte & 0xc0u) == 0x80u;
    if (out.size() >= bytes_max && !in_character) return out + "...";
    if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

NodePtr nested(std::string_view dotted_path, NodePtr leaf) {
  for (std::string_view rest = dotted_path;;) {
    const std::size_t dot = rest.rfind('.');
    auto outer = std::make_shared<Node>();
    outer->kind = Kind::mapping;
    outer->nodes = leaf->nodes + 2;
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    outer->entries.push_back({std::string{rest.substr(begin)}, {}, std::move(leaf)});
    leaf = std::move(outer);
    if (dot == std::string_view::npos) return leaf;
    rest = rest.substr(0, dot);
  }
}

void Reading::fail(Mark mark, std::string_view sentence) {
  if (error_) return;
  error_ = usage_error(mark.line == 0
                           ? fmt::format("{}: {}", where_, sentence)
                           : fmt::format("{}:{}:{}: {}", where_, mark.line, mark.column, sentence));
}

void Reading::fail_value(std::string_view key, const Node& node, std::string_view expected) {
  fail(node.mark, fmt::format("key '{}': found {}, expected {}", key, found(node), expected));
}

std::string found(const Node& node) {
  switch (node.kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::list:
      return "a list";
    case Kind::mapping:
      return "a mapping";
    case Kind::scalar:
      break;
  }
  return fmt::format("'{}'", shown(node.text));
}

std::optional<Assignment> assigned(Reading& reading, std::string_view assignment,
                                   std::string_view example) {
  const std::size_t equals = assignment.find('=');
  const std::string_view path = assignment.substr(0, std::min(equals, assignment.size()));
  const bool has_gap = path.empty() || path.front() == '.' || path.back() == '.' ||
                       path.find("..") != std::string_view::npos;
  constexpr std::size_t depth_max = 8;
  const auto dots = static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
  if (equals == std::string_view::npos || has_gap || dots >= depth_max) {
    reading.fail({}, fmt::format("expected key=value such as {}", example));
    return std::nullopt;
  }
  const std::string_view value = assignment.substr(equals + 1);
  if (!value.starts_with('[')) {
    auto leaf = std::make_shared<Node>();
    leaf->kind = value.empty() ? Kind::nothing : Kind::scalar;
    leaf->text = value;
    return Assignment{std::string{path}, std::move(leaf)};
  }
  const auto list = parse(value, "the list");
  if (!list) {
    reading.fail({}, list.error().message);
    return std::nullopt;
  }
  return Assignment{std::string{path}, *list};
}

Mapping::Mapping(Reading& reading, const Node& node, std::string name, std::string_view key,
                 std::vector<std::string_view> keys)
    : reading_{reading}, node_{node}, name_{std::move(name)} {
  if (!reading.ok()) return;
  const std::string accepted = fmt::format("{}", fmt::join(keys, ", "));
  if (node.kind != Kind::mapping) {
    const std::string expected = fmt::format("a mapping with the keys {}", accepted);
    if (key.empty()) {
      reading.fail(node.mark, fmt::format("found {}, expected {}", found(node), expected));
    } else {
      reading.fail_value(key, node, expected);
    }
    return;
  }
  for (std::size_t i = 0; i < node.entries.size() && reading.ok(); ++i) {
    const Entry& entry = node.entries[i];
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
      reading.fail(entry.mark,
                   fmt::format("unknown key '{}' in {}{}; accepted: {}", shown(entry.key), name_,
                               did_you_mean(entry.key, keys), accepted));
    }
    for (std::size_t j = 0; j < i && reading.ok(); ++j) {
      if (node.entries[j].key != entry.key) continue;
      reading.fail(entry.mark, fmt::format("key '{}': given twice in {}, first on line {}",
                                           entry.key, name_, node.entries[j].mark.line));
    }
  }
}

const Node* Mapping::get(std::string_view key) const {
  if (!reading_.ok()) return nullptr;
  for (const Entry& entry : node_.entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

const Node* Mapping::require(std::string_view key, std::string_view expected) const {
  const Node* node = get(key);
  if (node == nullptr) {
    reading_.fail(node_.mark,
                  fmt::format("missing key '{}' in {}, expected {}", key, name_, expected));
  }
  return node;
}

std::vector<NodePtr> items(Reading& reading, std::string_view key, const Node& node,
                           std::string_view expected) {
  if (!reading.ok()) return {};
  if (node.kind != Kind::list) {
    reading.fail_value(key, node, expected);
    return {};
  }
  return node.items;
}

}  // namespace streamgauge::yaml
