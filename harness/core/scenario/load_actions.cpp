// The timeline's actions: one function for each word, and the table of words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "harness/core/fault/fault.hpp"
#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/scenario_reading.hpp"
#include "harness/core/scenario/span_form.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge::scenario_reading {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

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
                    {"group", "how", "abort", "spread", "return_at_once"}};
  action::CloseStreams out{read_group_name(map, scenario), AbortKind::fin, Span{}, false};
  bool abort = false;
  map.take("abort", yaml::boolean(), abort);
  out.how = abort ? AbortKind::reset : AbortKind::fin;
  const Node* how = map.get("how");
  if (how != nullptr && map.get("abort") != nullptr) {
    reading.fail(how->mark, "key 'how': 'abort' says it already ('abort: true' is 'how: reset')");
  }
  map.take("how", yaml::one_of<AbortKind>(scenario_words::abort_kind), out.how);
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

Action read_join(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading, node, "join", "join", {"group", "spread"}};
  action::Join out{read_group_name(map, scenario), Span{}};
  map.take("spread", span_form(yaml::Zero::allowed), out.spread);
  if (reading.ok() && !scenario.groups[out.group].joins_later) {
    reading.fail(map.get("group")->mark,
                 fmt::format("key 'group': '{0}' joins at the start; to join here it needs 'join: "
                             "later' in its group",
                             scenario.groups[out.group].name));
  }
  return out;
}

Action read_stall_path(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading, node, "stall_path", "stall_path", {"group", "for"}};
  action::StallPath out{read_group_name(map, scenario), Span{}};
  map.need("for", span_form(), out.length);
  return out;
}

Action read_kill_target(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "kill_target", "kill_target", {"restart_after"}};
  action::KillTarget out{};
  map.need("restart_after", span_form(yaml::Zero::allowed), out.restart_after);
  return out;
}

Action read_stop_target(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "stop_target", "stop_target", {"standby"}};
  action::StopTarget out{false};
  map.take("standby", yaml::boolean(), out.standby);
  return out;
}

/// With a group and no channel, it is about the group's channel.
Action read_command(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading, node, "command", "command", {"name", "group", "channel"}};
  action::Command out{};
  map.need("name", yaml::as<std::string>(yaml::one_of<std::string_view>(scenario_words::command)),
           out.name);
  if (map.get("group") != nullptr) out.group = read_group_name(map, scenario);
  if (!reading.ok()) return out;
  const bool of_the_group = out.group && map.get("channel") == nullptr;
  out.channel = of_the_group ? scenario.groups[*out.group].channel_index
                             : read_channel(map, scenario.channels);
  return out;
}

Action read_hide(Reading& reading, const Node& node, const Scenario& scenario) {
  return action::SetVisible{index_of(reading, "hide", node, "group", group_names(scenario)), false};
}

Action read_show(Reading& reading, const Node& node, const Scenario& scenario) {
  return action::SetVisible{index_of(reading, "show", node, "group", group_names(scenario)), true};
}

Action read_change_token(Reading& reading, const Node& node, const Scenario& scenario) {
  const Mapping map{reading, node, "change_token", "change_token", {"group", "token"}};
  action::ChangeToken out{read_group_name(map, scenario), Credential::valid};
  map.need("token", yaml::one_of<Credential>(scenario_words::credential), out.credential);
  return out;
}

/// "turn_hop: {how: restart, hop: 1}"; hop 0, each that can, when none is named.
Action read_turn_hop(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "turn_hop", "turn_hop", {"how", "hop"}};
  action::TurnHop out{action::TurnHop::How::reload, 0};
  map.need("how", yaml::one_of<action::TurnHop::How>(scenario_words::turn_hop), out.how);
  map.take("hop", scenario_forms::hop_number(), out.hop);
  return out;
}

Action read_add_fault(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "add_fault", "add_fault", {"fault", "hop", "for"}};
  action::AddFault out{{}, 0, std::nullopt};
  map.need("fault", yaml::line("a fault such as idle-cut=2s"), out.fault);
  if (const Node* text = map.get("fault"); text != nullptr && reading.ok()) {
    if (auto read = fault::parse_faults(out.fault); !read) {
      reading.fail(text->mark, fmt::format("key 'fault': {}", read.error().message));
    }
  }
  map.take("hop", scenario_forms::hop_number(), out.hop);
  map.take("for", span_form(), out.length);
  return out;
}

Action read_remove_faults(Reading& reading, const Node& node, const Scenario&) {
  const Mapping map{reading, node, "remove_faults", "remove_faults", {"hop"}};
  action::RemoveFaults out{0};
  map.take("hop", scenario_forms::hop_number(), out.hop);
  return out;
}

struct ActionWord {
  std::string_view word;
  Action (*read)(Reading&, const Node&, const Scenario&);
};

/// To add an action: a line here and its struct in scenario.hpp.
constexpr std::array<ActionWord, 16> action_words{{
    {"stop_reading", read_stop_reading},
    {"resume_reading", read_resume_reading},
    {"close_streams", read_close_streams},
    {"freeze", read_freeze},
    {"publish_probes", read_publish_probes},
    {"join", read_join},
    {"stall_path", read_stall_path},
    {"kill_target", read_kill_target},
    {"stop_target", read_stop_target},
    {"command", read_command},
    {"hide", read_hide},
    {"show", read_show},
    {"change_token", read_change_token},
    {"turn_hop", read_turn_hop},
    {"add_fault", read_add_fault},
    {"remove_faults", read_remove_faults},
}};

}  // namespace

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

void check_joins(Reading& reading, yaml::Mark mark, const Scenario& scenario) {
  std::vector<bool> told(scenario.groups.size());
  for (const Phase& phase : scenario.phases) {
    for (const TimedAction& timed : phase.actions) {
      if (const auto* join = std::get_if<action::Join>(&timed.action)) told[join->group] = true;
    }
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (!reading.ok() || told[i] || !scenario.groups[i].joins_later) continue;
    reading.fail(mark, fmt::format("the group '{}' joins later, but no action 'join' lets it",
                                   scenario.groups[i].name));
  }
}

}  // namespace streamgauge::scenario_reading
