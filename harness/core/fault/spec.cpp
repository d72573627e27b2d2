// Reading and writing faults. The one-line form becomes the tree that a file would have given, so
// that both are read by the same code and complain alike.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "harness/core/base/nearest.hpp"
#include "harness/core/fault/fault.hpp"
#include "harness/core/fault/forms.hpp"

namespace streamgauge::fault {
namespace {

using yaml::Kind;
using yaml::Mapping;
using yaml::Node;
using yaml::NodePtr;
using yaml::Reading;

constexpr std::size_t faults_max = 32;

std::size_t index_of(const FaultSpec& spec, std::string_view name) {
  const auto& parameters = spec.type->parameters;
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& p) { return p.name == name; });
  assert(found != parameters.end());
  return static_cast<std::size_t>(found - parameters.begin());
}

FaultSpec with_fallbacks(const FaultType& type) {
  FaultSpec spec{&type, {}, {}};
  spec.scope.direction = type.direction;
  for (const Parameter& parameter : type.parameters) {
    Value value;
    if (!parameter.fallback.empty()) value = *form_of(parameter).parse(parameter.fallback);
    spec.values.push_back(std::move(value));
  }
  return spec;
}

std::vector<std::string_view> keys_of(const FaultType& type) {
  std::vector<std::string_view> keys;
  for (const Parameter& parameter : type.parameters) keys.push_back(parameter.name);
  for (const std::string_view key : {"share", "times", "from", "until"}) keys.push_back(key);
  if (type.scope.direction) keys.push_back("direction");
  if (type.scope.path) keys.push_back("path");
  if (type.scope.offset) {
    keys.push_back("after_bytes");
    keys.push_back("after_events");
  }
  return keys;
}

yaml::Form<std::string> direction_word() {
  return {"one of: up (client to server), down (server to client), both",
          [](std::string_view t) -> std::optional<std::string> {
            if (t == "up" || t == "down" || t == "both") return std::string{t};
            return std::nullopt;
          }};
}

void read_scope(const Mapping& map, FaultSpec& spec) {
  constexpr std::uint64_t offset_max = std::uint64_t{1} << 40;
  Scope& scope = spec.scope;
  map.take("share", yaml::number_above(0, 1), scope.share);
  map.take("times", yaml::whole(1, offset_max), scope.times);
  map.take("from", yaml::duration(yaml::Zero::allowed), scope.from);
  map.take("until", yaml::duration(), scope.until);
  map.take("path", yaml::line("the beginning of a request's target, such as /events"), scope.path);
  map.take("after_bytes", yaml::size(0, offset_max), scope.after_bytes);
  map.take("after_events", yaml::whole(0, offset_max), scope.after_events);
  std::string direction;
  map.take("direction", direction_word(), direction);
  if (direction == "both") scope.direction.reset();
  if (direction == "up") scope.direction = Direction::up;
  if (direction == "down") scope.direction = Direction::down;
}

/// A null `value`: the name alone.
std::optional<FaultSpec> read_body(Reading& reading, const FaultType& type, yaml::Mark mark,
                                   const Node* value) {
  FaultSpec spec = with_fallbacks(type);
  const std::string name{type.name};
  Node whole;
  whole.kind = Kind::mapping;
  whole.mark = mark;
  if (value != nullptr && value->kind == Kind::scalar) {
    if (type.parameters.empty()) {
      reading.fail_value(name, *value, "no value: this fault has no parameters");
      return std::nullopt;
    }
    whole.entries.push_back(
        {std::string{type.parameters.front().name}, value->mark, std::make_shared<Node>(*value)});
    value = &whole;
  }
  const Node& node = value == nullptr || value->kind == Kind::nothing ? whole : *value;
  const Mapping map{reading, node, fmt::format("fault '{}'", name), name, keys_of(type)};
  for (std::size_t i = 0; i < type.parameters.size(); ++i) {
    const Parameter& parameter = type.parameters[i];
    const auto form = form_of(parameter);
    parameter.required ? map.need(parameter.name, form, spec.values[i])
                       : map.take(parameter.name, form, spec.values[i]);
  }
  read_scope(map, spec);
  if (!reading.ok()) return std::nullopt;
  std::string wrong = type.contradiction != nullptr ? type.contradiction(spec) : std::string{};
  if (wrong.empty() && spec.scope.until && *spec.scope.until <= spec.scope.from) {
    wrong = "key 'until': must be later than 'from'";
  }
  if (!wrong.empty()) {
    reading.fail(mark, fmt::format("fault '{}': {}", name, wrong));
    return std::nullopt;
  }
  return spec;
}

std::shared_ptr<Node> scalar(std::string text, yaml::Mark mark) {
  auto node = std::make_shared<Node>();
  node->kind = Kind::scalar;
  node->mark = mark;
  node->text = std::move(text);
  return node;
}

/// "key=value", both unescaped; nullopt when there is no '=', or a '%' leads to no byte.
std::optional<yaml::Entry> entry_of(std::string_view part, yaml::Mark mark) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  auto key = unescaped(part.substr(0, equals));
  auto value = unescaped(part.substr(equals + 1));
  if (!key || !value) return std::nullopt;
  return yaml::Entry{std::move(*key), mark, scalar(std::move(*value), mark)};
}

constexpr std::string_view line_form = "fault=value:key=value, such as latency=50ms:jitter=10ms";

std::optional<FaultSpec> read_line(Reading& reading, std::string_view text, yaml::Mark mark) {
  std::string_view rest = text;
  const auto take = [&rest] {
    const std::string_view part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
  };
  const std::string_view first = take();
  const std::string_view name = first.substr(0, first.find('='));
  const FaultType* type = find_fault(name);
  if (type == nullptr) {
    reading.fail(mark, unknown_fault(name));
    return std::nullopt;
  }
  Node node;
  node.kind = Kind::mapping;
  node.mark = mark;
  const auto add = [&](std::string_view part, bool main) {
    auto entry = entry_of(part, mark);
    if (entry && main && !type->parameters.empty()) entry->key = type->parameters.front().name;
    if (entry && (!main || !type->parameters.empty())) {
      node.entries.push_back(std::move(*entry));
      return;
    }
    const std::string_view hint =
        type->parameters.empty() && main ? "no value: this fault has no parameters" : line_form;
    reading.fail(
        mark, fmt::format("fault '{}': found '{}', expected {}", name, part.substr(0, 60), hint));
  };
  if (first.size() > name.size()) add(first, true);
  bool more = first.size() < text.size();
  while (more && reading.ok()) {
    more = rest.find(':') != std::string_view::npos;
    add(take(), false);
  }
  if (!reading.ok()) return std::nullopt;
  return read_body(reading, *type, mark, &node);
}

std::vector<FaultSpec> read_lines(Reading& reading, std::string_view text, yaml::Mark mark) {
  std::vector<FaultSpec> specs;
  for (std::string_view rest = text;;) {
    const std::string_view part = rest.substr(0, rest.find('+'));
    auto spec = read_line(reading, part, mark);
    if (!spec) return {};
    specs.push_back(std::move(*spec));
    if (specs.size() > faults_max) {
      reading.fail(mark, fmt::format("more than {} faults", faults_max));
      return {};
    }
    if (part.size() == rest.size()) return specs;
    rest.remove_prefix(part.size() + 1);
  }
}

void read_item(Reading& reading, std::string_view key, const Node& node,
               std::vector<FaultSpec>& out) {
  constexpr std::string_view expected = "a fault such as idle-cut=5s, or idle-cut: 5s";
  if (node.kind == Kind::scalar) {
    for (FaultSpec& spec : read_lines(reading, node.text, node.mark)) out.push_back(spec);
    return;
  }
  if (node.kind != Kind::mapping || node.entries.size() != 1) {
    return reading.fail_value(key, node, expected);
  }
  const yaml::Entry& entry = node.entries.front();
  const FaultType* type = find_fault(entry.key);
  if (type == nullptr) return reading.fail(entry.mark, unknown_fault(entry.key));
  if (auto spec = read_body(reading, *type, entry.mark, entry.value.get())) out.push_back(*spec);
}

}  // namespace

std::optional<Duration> FaultSpec::duration(std::string_view name) const {
  const auto* value = std::get_if<Duration>(&values[index_of(*this, name)]);
  return value != nullptr ? std::optional{*value} : std::nullopt;
}

std::optional<std::uint64_t> FaultSpec::number(std::string_view name) const {
  const auto* value = std::get_if<std::uint64_t>(&values[index_of(*this, name)]);
  return value != nullptr ? std::optional{*value} : std::nullopt;
}

std::string FaultSpec::text(std::string_view name) const {
  const auto* value = std::get_if<std::string>(&values[index_of(*this, name)]);
  return value != nullptr ? *value : std::string{};
}

Result<std::vector<FaultSpec>> parse_faults(std::string_view text) {
  Reading reading{fmt::format("'{}'", text.substr(0, 100))};
  auto specs = read_lines(reading, text, {});
  if (!reading.ok()) return *reading.error();
  return specs;
}

Result<FaultSpec> parse_fault(std::string_view text) {
  auto specs = parse_faults(text);
  if (!specs) return specs.error();
  if (specs->size() != 1) {
    return usage_error(
        fmt::format("'{}': expected one fault, found {}", text.substr(0, 100), specs->size()));
  }
  return std::move(specs->front());
}

std::string to_string(const FaultSpec& spec) {
  const FaultType& type = *spec.type;
  const FaultSpec usual = with_fallbacks(type);
  std::string out{type.name};
  const auto add = [&out](std::string_view key, std::string_view value) {
    out += fmt::format(":{}={}", key, escaped(value));
  };
  for (std::size_t i = 0; i < type.parameters.size(); ++i) {
    if (spec.values[i] == usual.values[i]) continue;
    const Parameter& parameter = type.parameters[i];
    const std::string value = written(spec.values[i], parameter.form);
    i == 0 ? void(out += fmt::format("={}", escaped(value))) : add(parameter.name, value);
  }
  const Scope& scope = spec.scope;
  if (scope.share != 1) add("share", written_share(scope.share));
  if (scope.times) add("times", fmt::format("{}", *scope.times));
  if (scope.direction != usual.scope.direction) {
    add("direction", scope.direction ? to_string(*scope.direction) : "both");
  }
  if (!scope.path.empty()) add("path", scope.path);
  if (scope.from != Duration::zero()) add("from", written(scope.from));
  if (scope.until) add("until", written(*scope.until));
  if (scope.after_bytes != 0) add("after_bytes", fmt::format("{}B", scope.after_bytes));
  if (scope.after_events != 0) add("after_events", fmt::format("{}", scope.after_events));
  return out;
}

std::string to_string(const std::vector<FaultSpec>& specs) {
  std::string out;
  for (const FaultSpec& spec : specs) {
    if (!out.empty()) out += '+';
    out += to_string(spec);
  }
  return out;
}

std::vector<FaultSpec> read_faults(Reading& reading, std::string_view key, const Node& node) {
  std::vector<FaultSpec> specs;
  if (node.kind != Kind::list) {
    if (reading.ok()) read_item(reading, key, node, specs);
    return reading.ok() ? specs : std::vector<FaultSpec>{};
  }
  for (const NodePtr& item : node.items) {
    if (reading.ok()) read_item(reading, key, *item, specs);
  }
  if (specs.size() > faults_max)
    reading.fail(node.mark, fmt::format("more than {} faults", faults_max));
  if (!reading.ok()) return {};
  return specs;
}

FaultSpec scaled(FaultSpec spec, double factor) {
  const auto times = [factor](Duration d) {
    return std::max(Duration{1}, streamgauge::scaled(d, factor));
  };
  for (std::size_t i = 0; i < spec.values.size(); ++i) {
    auto* duration = std::get_if<Duration>(&spec.values[i]);
    if (duration != nullptr && spec.type->parameters[i].scales) *duration = times(*duration);
  }
  if (spec.scope.from != Duration::zero()) spec.scope.from = times(spec.scope.from);
  if (spec.scope.until) spec.scope.until = times(*spec.scope.until);
  return spec;
}

}  // namespace streamgauge::fault
