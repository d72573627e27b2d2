#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::NodePtr;
using yaml::Reading;

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

/// The index of the name that `key` holds; fails the reading when there is no such name.
std::uint16_t index_of(Reading& reading, std::string_view key, const Node& node,
                       std::string_view what, const std::vector<std::string>& names) {
  const auto it = std::find(names.begin(), names.end(), node.text);
  if (node.kind == yaml::Kind::scalar && it != names.end()) {
    return static_cast<std::uint16_t>(it - names.begin());
  }
  const std::string hint =
      node.kind == yaml::Kind::scalar ? did_you_mean(node.text, names) : std::string{};
  reading.fail(node.mark, fmt::format("key '{}': found {}, which is no {} here{}; there {}: {}",
                                      key, yaml::found(node), what, hint,
                                      names.size() == 1 ? "is" : "are", fmt::join(names, ", ")));
  return 0;
}

std::vector<std::string> group_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const ClientGroup& group : scenario.groups) names.push_back(group.name);
  return names;
}

/// A channel's name under `key`; where the scenario has but one, it need not be named.
std::uint16_t read_channel(const Mapping& map, const std::vector<std::string>& channels) {
  const Node* node = map.get("channel");
  if (node == nullptr && channels.size() > 1) {
    node = map.require("channel", "one of: " + fmt::format("{}", fmt::join(channels, ", ")));
  }
  return node == nullptr ? std::uint16_t{0}
                         : index_of(map.reading(), "channel", *node, "channel", channels);
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

void read_policy(Reading& reading, const Node& node, PolicySpec& out) {
  const auto kind = yaml::one_of<PolicyKind>(scenario_words::policy_kind);
  if (node.kind == yaml::Kind::scalar) {
    if (const auto value = kind.parse(node.text)) {
      out.kind = *value;
      return;
    }
    return reading.fail_value("policy", node, kind.expected + ", or a mapping with the key 'kind'");
  }
  const Mapping map{reading,
                    node,
                    "policy",
                    "policy",
                    {"kind", "reconnect", "backoff_base", "backoff_factor", "backoff_cap", "jitter",
                     "stable_after", "header_timeout"}};
  map.need("kind", kind, out.kind);
  const auto only_for = [&](PolicyKind user, std::string_view key) {
    const Node* value = map.get(key);
    if (value != nullptr && out.kind != user) {
      reading.fail(value->mark, fmt::format("key '{}': only the policy '{}' has it, not '{}'", key,
                                            to_string(user), to_string(out.kind)));
    }
  };
  only_for(PolicyKind::browser, "reconnect");
  for (const std::string_view key :
       {"backoff_base", "backoff_factor", "backoff_cap", "jitter", "stable_after"}) {
    only_for(PolicyKind::agent, key);
  }
  map.take("reconnect", yaml::duration(yaml::Zero::allowed), out.reconnect);
  map.take("backoff_base", yaml::duration(), out.backoff_base);
  map.take("backoff_factor", yaml::number(1, 100), out.backoff_factor);
  map.take("backoff_cap", yaml::duration(), out.backoff_cap);
  map.take("jitter", yaml::number(0, 1), out.jitter);
  map.take("stable_after", yaml::duration(yaml::Zero::allowed), out.stable_after);
  map.take("header_timeout", yaml::duration(), out.header_timeout);
  if (reading.ok() && out.backoff_cap < out.backoff_base) {
    reading.fail(node.mark, "policy: backoff_cap must not be less than backoff_base");
  }
}

void read_group(Reading& reading, const Node& node, Scenario& out) {
  const Mapping map{
      reading,
      node,
      "a group",
      "groups",
      {"name", "streams", "channel", "policy", "ramp", "receive_buffer", "read_rate"}};
  ClientGroup group;
  map.need("name", yaml::name("a group's name"), group.name);
  map.take("streams", scenario_forms::streams(), group.streams);
  group.count = {StreamCount::Base::absolute, group.streams};
  group.channel_index = read_channel(map, out.channels);
  if (const Node* policy = map.get("policy")) read_policy(reading, *policy, group.policy);
  map.take("ramp", scenario_forms::ramp(), group.ramp);
  map.take("receive_buffer", scenario_forms::receive_buffer(), group.receive_buffer_bytes);
  map.take("read_rate", scenario_forms::read_rate(), group.read_bytes_per_s);
  if (!reading.ok()) return;
  group.channel = out.channels[group.channel_index];
  const auto names = group_names(out);
  if (std::find(names.begin(), names.end(), group.name) != names.end()) {
    reading.fail(node.mark, fmt::format("a second group is named '{}'", group.name));
  }
  out.groups.push_back(std::move(group));
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

std::uint16_t read_group_name(const Mapping& map, const Scenario& scenario) {
  const Node* node = map.require("group", "a group's name");
  return node == nullptr ? std::uint16_t{0}
                         : index_of(map.reading(), "group", *node, "group", group_names(scenario));
}

Action read_stop_reading(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading, node, "stop_reading", "stop_reading", {"group", "resume_after"}};
  action::StopReading out{read_group_name(map, scenario), std::nullopt};
  map.take("resume_after", span_form(), out.resume_after);
  return out;
}

Action read_resume_reading(Reading& reading, const Node& node, const Scenario& scenario) {
  return action::ResumeReading{
      index_of(reading, "resume_reading", node, "group", group_names(scenario))};
}

Action read_close_streams(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading,
                    node,
                    "close_streams",
                    "close_streams",
                    {"group", "abort", "spread", "return_at_once"}};
  action::CloseStreams out{read_group_name(map, scenario), AbortKind::fin, Span{}, false};
  bool abort = false;
  map.take("abort", yaml::boolean(), abort);
  out.how = abort ? AbortKind::reset : AbortKind::fin;
  map.take("spread", span_form(yaml::Zero::allowed), out.spread);
  map.take("return_at_once", yaml::boolean(), out.return_at_once);
  return out;
}

Action read_freeze(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "freeze", "freeze", {"for"}};
  action::Freeze out{};
  map.need("for", span_form(), out.length);
  return out;
}

Action read_publish_probes(Reading& reading, const Node& node, const Scenario& scenario) {
  return action::PublishProbes{
      index_of(reading, "publish_probes", node, "channel", scenario.channels)};
}

struct ActionWord {
  std::string_view word;
  Action (*read)(Reading&, const Node&, const Scenario&);
};

/// To add an action: a line here and its struct in scenario.hpp.
constexpr std::array<ActionWord, 5> action_words{{
    {"stop_reading", read_stop_reading},
    {"resume_reading", read_resume_reading},
    {"close_streams", read_close_streams},
    {"freeze", read_freeze},
    {"publish_probes", read_publish_probes},
}};

void read_action(Reading& reading, const Node& node, const Scenario& scenario, Phase& out) {
  std::vector<std::string_view> words;
  for (const ActionWord& each : action_words) words.push_back(each.word);
  std::vector<std::string_view> keys{"at"};
  keys.insert(keys.end(), words.begin(), words.end());
  const Mapping map{reading, node, "an action", "actions", keys};

  TimedAction timed{Span{}, action::Freeze{}};
  map.take("at", span_form(yaml::Zero::allowed), timed.at);
  std::size_t found = 0;
  for (const ActionWord& each : action_words) {
    const Node* value = map.get(each.word);
    if (value == nullptr) continue;
    ++found;
    timed.action = each.read(reading, *value, scenario);
  }
  if (!reading.ok()) return;
  if (found != 1) {
    return reading.fail(node.mark, fmt::format("an action has exactly one of the keys {}; found {}",
                                               fmt::join(words, ", "), found));
  }
  if (surely_longer(timed.at, out.length)) {
    const Node* at = map.get("at");
    return reading.fail(at->mark, fmt::format("key 'at': {} is after the end of the phase '{}'",
                                              yaml::found(*at), out.name));
  }
  out.actions.push_back(std::move(timed));
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
                     "connect_within", "seed"}};
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
  read_checks(map, out);
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
