// "groups.readers.streams=10000": one value of a loaded scenario, read as a file's would be.
#include <fmt/format.h>

#include <span>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/core/scenario/scenario_forms.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

constexpr std::string_view every = "*";

/// Applies `set` to those of `things` that an entry's key names; a name that fits none is an error.
template <class Thing, class NameOf, class Set>
void for_named(Reading& reading, const Node& node, std::string_view key, std::string_view what,
               std::vector<Thing>& things, NameOf name_of, Set set) {
  if (node.kind != yaml::Kind::mapping) {
    return reading.fail_value(key, node, fmt::format("a {}'s name or '*', then a key", what));
  }
  for (const yaml::Entry& entry : node.entries) {
    bool fits = false;
    std::vector<std::string> names;
    for (Thing& thing : things) {
      names.push_back(name_of(thing));
      if (entry.key != every && entry.key != names.back()) continue;
      fits = true;
      set(*entry.value, thing);
    }
    if (fits) continue;
    reading.fail(entry.mark, fmt::format("there is no {} '{}'{}; there are: {}", what, entry.key,
                                         did_you_mean(entry.key, names), fmt::join(names, ", ")));
  }
}

void set_group(Reading& reading, const Node& node, ClientGroup& group) {
  const Mapping map{reading,
                    node,
                    "a group's values",
                    group.name,
                    {"streams", "ramp", "receive_buffer", "read_rate"}};
  if (map.get("streams") != nullptr) scenario_forms::take_streams(map, group);
  map.take("ramp", scenario_forms::ramp(), group.ramp);
  map.take("receive_buffer", scenario_forms::receive_buffer(), group.receive_buffer_bytes);
  map.take("read_rate", scenario_forms::read_rate(), group.read_bytes_per_s);
}

void set_publication(Reading& reading, const Node& node, Publication& publication) {
  const Mapping map{reading,
                    node,
                    "a publication's values",
                    publication.channel,
                    {"rate", "size", "critical_every"}};
  map.take("rate", scenario_forms::events_per_s(), publication.events_per_s);
  map.take("size", scenario_forms::event_size(), publication.size_bytes);
  map.take("critical_every", scenario_forms::critical_every(), publication.critical_every);
}

struct Changes {
  std::size_t publications = 0;
};

void set_phase(Reading& reading, const Node& node, Phase& phase, bool named, Changes& changes) {
  const Mapping map{reading, node, "a phase's values", phase.name, {"for", "publish"}};
  map.take("for", span_form(), phase.length);
  for (const TimedAction& timed : phase.actions) {
    if (surely_longer(timed.at, phase.length)) {
      reading.fail({}, fmt::format("the phase '{}' would end before its last action", phase.name));
    }
  }
  const Node* publish = map.get("publish");
  // "phases.*.publish..." is for those phases that publish there; by name it must exist.
  if (publish == nullptr || publish->kind != yaml::Kind::mapping) {
    if (publish != nullptr)
      reading.fail_value("publish", *publish, "a channel's name or '*', then a key");
    return;
  }
  const std::string& channel = publish->entries.front().key;
  const auto fits = [&](const Publication& p) { return channel == every || channel == p.channel; };
  std::size_t found = 0;
  for (Publication& publication : phase.publish) {
    if (!fits(publication)) continue;
    ++found;
    set_publication(reading, *publish->entries.front().value, publication);
  }
  changes.publications += found;
  if (found == 0 && named) {
    reading.fail({}, fmt::format("the phase '{}' publishes nothing on '{}'", phase.name, channel));
  }
}

void set_value(Reading& reading, const Node& node, Scenario& scenario) {
  const Mapping map{
      reading, node, "a scenario's values", "", {"groups", "phases", "connect_within", "seed"}};
  if (const Node* groups = map.get("groups")) {
    for_named(
        reading, *groups, "groups", "group", scenario.groups,
        [](const ClientGroup& group) { return group.name; },
        [&](const Node& value, ClientGroup& group) { set_group(reading, value, group); });
  }
  if (const Node* phases = map.get("phases")) {
    const bool named = phases->kind == yaml::Kind::mapping && phases->entries.front().key != every;
    Changes changes;
    for_named(
        reading, *phases, "phases", "phase", scenario.phases,
        [](const Phase& phase) { return phase.name; },
        [&](const Node& value, Phase& phase) { set_phase(reading, value, phase, named, changes); });
    const Node* inner = reading.ok() ? phases->entries.front().value.get() : nullptr;
    if (inner != nullptr && inner->entries.front().key == "publish" && changes.publications == 0) {
      reading.fail({}, "no phase publishes there");
    }
  }
  map.take("connect_within", scenario_forms::connect_within(), scenario.connect_within);
  map.take("seed", scenario_forms::seed(), scenario.seed);
}

std::uint64_t streams_of(const Scenario& scenario) {
  std::uint64_t streams = 0;
  for (const ClientGroup& group : scenario.groups) streams += group.streams;
  return streams;
}

std::string too_many(std::uint64_t streams) {
  return fmt::format("{} streams in all groups, expected at most {}", streams,
                     scenario_forms::streams_max);
}

}  // namespace

Result<void> check_streams(const Scenario& scenario) {
  const std::uint64_t streams = streams_of(scenario);
  if (streams <= scenario_forms::streams_max) return {};
  return usage_error(fmt::format("{}: {}", scenario.file, too_many(streams)));
}

Result<void> set_scenario_value(Scenario& scenario, std::string_view assignment) {
  Reading reading{std::string{assignment.substr(0, 200)}};
  const auto leaf = yaml::assigned(reading, assignment, "groups.readers.streams=10000");
  if (!leaf) return *reading.error();
  Scenario changed = scenario;
  set_value(reading, *yaml::nested(leaf->path, leaf->value), changed);
  const std::uint64_t streams = streams_of(changed);
  if (streams > scenario_forms::streams_max) reading.fail({}, too_many(streams));
  if (!reading.ok()) return *reading.error();
  scenario = std::move(changed);
  return {};
}

}  // namespace streamgauge
