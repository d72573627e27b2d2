#include <fmt/format.h>

#include <algorithm>

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/scenario_reading.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::NodePtr;
using yaml::Reading;
using namespace scenario_reading;

constexpr std::size_t entries_max = 1000;  // groups, channels, phases: indexes are 16 bits

/// The items of a required list that has at least one and not too many.
std::vector<NodePtr> some(const Mapping& map, std::string_view key, std::string_view expected) {
  const Node* node = map.require(key, expected);
  if (node == nullptr) return {};
  auto list = yaml::items(map.reading(), key, *node, expected);
  if (map.reading().ok() && (list.empty() || list.size() > entries_max)) {
    map.reading().fail(node->mark, fmt::format("key '{}': found {} entries, expected 1 to {}", key,
                                               list.size(), entries_max));
  }
  return list;
}

void read_channels(const Mapping& map, Scenario& out) {
  const auto form = yaml::name("a channel's name");
  for (const NodePtr& item : some(map, "channels", "a list of names")) {
    const auto name = item->kind == yaml::Kind::scalar ? form.parse(item->text) : std::nullopt;
    if (!name) return map.reading().fail_value("channels", *item, form.expected);
    if (std::find(out.channels.begin(), out.channels.end(), *name) != out.channels.end()) {
      map.reading().fail(item->mark, fmt::format("key 'channels': '{}' is listed twice", *name));
    }
    out.channels.push_back(*name);
  }
}

Publication read_publication(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{
      reading, node, "a publication", "publish", {"channel", "rate", "size", "critical_every"}};
  Publication out;
  out.channel_index = read_channel(map, scenario.channels);
  map.need("rate", scenario_forms::events_per_s(), out.events_per_s);
  map.take("size", scenario_forms::event_size(), out.size_bytes);
  map.take("critical_every", scenario_forms::critical_every(), out.critical_every);
  if (reading.ok()) out.channel = scenario.channels[out.channel_index];
  return out;
}

void read_phase(Reading& reading, const Node& node, Scenario& out) {
  const Mapping map{
      reading, node, "a phase", "phases", {"name", "kind", "for", "publish", "actions"}};
  Phase phase;
  map.need("name", yaml::name("a phase's name"), phase.name);
  map.take("kind", yaml::one_of<PhaseKind>(scenario_words::phase_kind), phase.kind);
  map.need("for", span_form(), phase.length);
  if (const Node* list = map.get("publish")) {
    for (const NodePtr& item : yaml::items(reading, "publish", *list, "a list of publications")) {
      phase.publish.push_back(read_publication(reading, *item, out));
    }
  }
  if (const Node* list = map.get("actions")) {
    for (const NodePtr& item : yaml::items(reading, "actions", *list, "a list of actions")) {
      read_action(reading, *item, out, phase);
    }
  }
  for (const Phase& other : out.phases) {
    if (reading.ok() && other.name == phase.name) {
      reading.fail(node.mark, fmt::format("a second phase is named '{}'", phase.name));
    }
  }
  if (reading.ok()) out.phases.push_back(std::move(phase));
}

/// "family.name" or "family.*"; whether there is such a check is for those who know the table.
yaml::Form<std::string> check_form() {
  return {"a check's id such as delivery.no-loss, or a family such as delivery.*",
          [](std::string_view t) -> std::optional<std::string> {
            const auto part = [](std::string_view p) {
              return !p.empty() && std::all_of(p.begin(), p.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
              });
            };
            const std::size_t dot = t.find('.');
            if (dot == std::string_view::npos || t.size() > 100) return std::nullopt;
            const std::string_view name = t.substr(dot + 1);
            if (!part(t.substr(0, dot)) || (name != "*" && !part(name))) return std::nullopt;
            return std::string{t};
          }};
}

void read_checks(const Mapping& map, Scenario& out) {
  const auto form = check_form();
  for (const NodePtr& item : some(map, "checks", "a list of checks")) {
    const auto id = item->kind == yaml::Kind::scalar ? form.parse(item->text) : std::nullopt;
    if (!id) return map.reading().fail_value("checks", *item, form.expected);
    if (std::find(out.checks.begin(), out.checks.end(), *id) != out.checks.end()) {
      map.reading().fail(item->mark, fmt::format("key 'checks': '{}' is listed twice", *id));
    }
    out.checks.push_back(*id);
  }
}

void read_scenario(Reading& reading, const Node& node, Scenario& out) {
  const Mapping map{reading,
                    node,
                    "a scenario",
                    "",
                    {"scenario", "description", "channels", "groups", "phases", "checks",
                     "connect_within", "seed", "alone", "path"}};
  map.need("scenario", yaml::name("a name"), out.name);
  map.take("description", yaml::text(), out.description);
  read_channels(map, out);
  std::uint64_t streams = 0;
  for (const NodePtr& item : some(map, "groups", "a list of groups")) {
    read_group(reading, *item, out);
    if (!reading.ok()) return;
    streams += out.groups.back().streams;
    if (streams > scenario_forms::streams_max) {
      return reading.fail(item->mark, fmt::format("{} streams with those of the groups before, "
                                                  "expected at most {} in all",
                                                  streams, scenario_forms::streams_max));
    }
  }
  for (const NodePtr& item : some(map, "phases", "a list of phases")) {
    read_phase(reading, *item, out);
  }
  check_joins(reading, node.mark, out);
  read_checks(map, out);
  map.take("alone", yaml::boolean(), out.alone);
  map.take_list("path", yaml::line("a hop such as nginx-default, or a list of them"), out.path);
  map.take("connect_within", scenario_forms::connect_within(), out.connect_within);
  map.take("seed", scenario_forms::seed(), out.seed);
}

}  // namespace

Result<Scenario> load_scenario(std::string_view yaml, std::string file) {
  const auto root = yaml::parse(yaml, file);
  if (!root) return root.error();
  Reading reading{file};
  Scenario scenario;
  scenario.file = std::move(file);
  read_scenario(reading, **root, scenario);
  if (!reading.ok()) return *reading.error();
  return scenario;
}

}  // namespace streamgauge
