#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/core/contract/load.hpp"
#include "harness/core/scenario/load.hpp"
#include "spans.hpp"

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::string file_text(const std::string& path) {
  std::ifstream in{std::string{SG_SOURCE_DIR "/"} + path};
  EXPECT_TRUE(in) << path;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string error_of(std::string_view yaml) {
  const auto scenario = load_scenario(yaml, "s.yaml");
  return scenario ? "read" : scenario.error().message;
}

/// A small scenario in which each test puts one thing wrong.
std::string with(std::string_view group, std::string_view phase, std::string_view rest = "") {
  std::string out = "scenario: s\nchannels: [one, two]\ngroups:\n  - {name: g, channel: one";
  out.append(group).append("}\nphases:\n  - {name: p, for: 5s").append(phase).append("}\n");
  return out.append("checks: [wire.*]\n").append(rest);
}

TEST(LoadScenario, reads_every_key) {
  const auto s = load_scenario(R"(scenario: all
description: Everything.
channels: [a, b]
groups:
  - name: browsers
    streams: 5
    channel: b
    policy: {kind: browser, reconnect: 1s, header_timeout: 4s}
    ramp: 2s
    receive_buffer: 4KiB
    read_rate: 64KiB/s
  - name: agents
    channel: a
    policy: {kind: agent, backoff_base: 2s, backoff_factor: 3, backoff_cap: 9s, jitter: 1,
             stable_after: 0s}
  - {name: plain, channel: a, policy: none}
phases:
  - name: first
    kind: fault
    for: 3 heartbeat
    publish:
      - {channel: b, rate: 600/m, size: 1KiB, critical_every: 7}
      - {channel: a, rate: 1/s}
    actions:
      - stop_reading: {group: agents, resume_after: 0.5 eviction}
      - {at: 1 heartbeat, stop_reading: {group: plain}}
      - {at: 1s, resume_reading: plain}
      - {at: 2s, close_streams: {group: browsers, abort: true, spread: 100ms, return_at_once: true}}
      - {at: 3 heartbeat, freeze: {for: 2s}}
      - {at: 0s, publish_probes: b}
  - {name: second, for: 1.35 eviction}
checks: [wire.*, delivery.no-loss]
connect_within: 20s
seed: 7
alone: true
)",
                               "s.yaml");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->name, "all");
  EXPECT_EQ(s->description, "Everything.");
  EXPECT_EQ(s->file, "s.yaml");
  EXPECT_THAT(s->channels, ElementsAre("a", "b"));
  EXPECT_THAT(s->checks, ElementsAre("wire.*", "delivery.no-loss"));
  EXPECT_EQ(s->connect_within, seconds{20});
  EXPECT_EQ(s->seed, 7u);
  EXPECT_TRUE(s->alone);

  ASSERT_EQ(s->groups.size(), 3u);
  const ClientGroup& browsers = s->groups[0];
  EXPECT_EQ(browsers.streams, 5u);
  EXPECT_EQ(browsers.channel, "b");
  EXPECT_EQ(browsers.channel_index, 1);
  EXPECT_EQ(browsers.policy.kind, PolicyKind::browser);
  EXPECT_EQ(browsers.policy.reconnect, seconds{1});
  EXPECT_EQ(browsers.policy.header_timeout, seconds{4});
  EXPECT_EQ(browsers.ramp, seconds{2});
  EXPECT_EQ(browsers.receive_buffer_bytes, 4096u);
  EXPECT_EQ(browsers.read_bytes_per_s, 65536.0);
  const PolicySpec& agent = s->groups[1].policy;
  EXPECT_EQ(agent.kind, PolicyKind::agent);
  EXPECT_EQ(agent.backoff_base, seconds{2});
  EXPECT_EQ(agent.backoff_factor, 3.0);
  EXPECT_EQ(agent.backoff_cap, seconds{9});
  EXPECT_EQ(agent.jitter, 1.0);
  EXPECT_EQ(agent.stable_after, Duration{0});
  EXPECT_EQ(s->groups[2].policy.kind, PolicyKind::none);
  EXPECT_EQ(s->groups[2].streams, 1u);

  ASSERT_EQ(s->phases.size(), 2u);
  const Phase& first = s->phases[0];
  EXPECT_EQ(first.kind, PhaseKind::fault);
  EXPECT_EQ(first.length, heartbeats(3));
  ASSERT_EQ(first.publish.size(), 2u);
  EXPECT_EQ(first.publish[0].channel, "b");
  EXPECT_EQ(first.publish[0].channel_index, 1);
  EXPECT_DOUBLE_EQ(first.publish[0].events_per_s, 10);
  EXPECT_EQ(first.publish[0].size_bytes, 1024u);
  EXPECT_EQ(first.publish[0].critical_every, 7u);
  EXPECT_EQ(first.publish[1].size_bytes, 256u);

  ASSERT_EQ(first.actions.size(), 6u);
  EXPECT_EQ(first.actions[0].at, absolute({}));
  const auto& stop = std::get<action::StopReading>(first.actions[0].action);
  EXPECT_EQ(stop.group, 1);
  EXPECT_EQ(stop.resume_after, evictions(0.5));
  const auto& for_ever = std::get<action::StopReading>(first.actions[1].action);
  EXPECT_EQ(first.actions[1].at, heartbeats(1));
  EXPECT_EQ(for_ever.group, 2);
  EXPECT_FALSE(for_ever.resume_after);
  EXPECT_EQ(std::get<action::ResumeReading>(first.actions[2].action).group, 2);
  const auto& close = std::get<action::CloseStreams>(first.actions[3].action);
  EXPECT_EQ(close.group, 0);
  EXPECT_EQ(close.how, AbortKind::reset);
  EXPECT_EQ(close.spread, absolute(milliseconds{100}));
  EXPECT_TRUE(close.return_at_once);
  EXPECT_EQ(std::get<action::Freeze>(first.actions[4].action).length, absolute(seconds{2}));
  EXPECT_EQ(std::get<action::PublishProbes>(first.actions[5].action).channel, 1);
  EXPECT_EQ(s->phases[1].kind, PhaseKind::control);
  EXPECT_EQ(s->phases[1].length, evictions(1.35));
}

TEST(LoadScenario, needs_no_channel_names_where_there_is_but_one) {
  const auto s = load_scenario(
      "scenario: s\nchannels: [only]\ngroups: [{name: g}]\n"
      "phases: [{name: p, for: 1s, publish: [{rate: 1/s}]}]\nchecks: [a.b]",
      "s.yaml");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->groups[0].channel, "only");
  EXPECT_EQ(s->phases[0].publish[0].channel, "only");
}

TEST(LoadScenario, says_what_is_wrong_and_where) {
  EXPECT_EQ(error_of(with("", "")), "read");
  struct Case {
    std::string yaml, error;
  };
  for (
      const Case& c : {
          Case{
              with(", recieve_buffer: 4KiB", ""),
              "s.yaml:4:29: unknown key 'recieve_buffer' in a group (did you mean "
              "'receive_buffer'?); accepted: name, streams, channel, policy, ramp, receive_buffer, "
              "read_rate, join, id, user, token, request, path_stall, accept_gzip, transport, "
              "method, headers, body, last_event_id"},
          Case{with(", streams: 0", ""),
               "s.yaml:4:38: key 'streams': found '0', expected a whole number from 1 to 2000000, "
               "or in terms of the contract as streams_total + 8 or streams_per_user"},
          Case{with(", streams: 2000001", ""),
               "s.yaml:4:38: key 'streams': found '2000001', expected a whole number from 1 to "
               "2000000, or in terms of the contract as streams_total + 8 or streams_per_user"},
          Case{with(", streams: 2000000", ""), "read"},
          Case{with(", streams: 2000000}\n  - {name: h, channel: one", ""),
               "s.yaml:5:5: 2000001 streams with those of the groups before, expected at most "
               "2000000 "
               "in all"},
          Case{with("}\n  - {name: g, channel: one", ""),
               "s.yaml:5:5: a second group is named 'g'"},
          Case{with("}\n  - {name: h, channel: on", ""),
               "s.yaml:5:24: key 'channel': found 'on', which is no channel here (did you mean "
               "'one'?); there are: one, two"},
          Case{with("}\n  - {name: h", ""),
               "s.yaml:5:5: missing key 'channel' in a group, expected one of: one, two"},
          Case{with("}\n  - {channel: one", ""),
               "s.yaml:5:5: missing key 'name' in a group, expected a group's name of letters, "
               "digits, "
               "'-' and '_', at most 64"},
          Case{with(", policy: robot", ""),
               "s.yaml:4:37: key 'policy': found 'robot', expected one of: none, browser, agent, "
               "hybrid, fetch, naive, or a mapping with the key 'kind'"},
          Case{with(", policy: {jitter: 1}", ""),
               "s.yaml:4:37: missing key 'kind' in policy, expected one of: none, browser, agent, "
               "hybrid, fetch, naive"},
          Case{with(", policy: {kind: browser, jitter: 1}", ""),
               "s.yaml:4:61: key 'jitter': only the policies 'agent', 'fetch' have it, not "
               "'browser'"},
          Case{with(", policy: {kind: agent, reconnect: 1s}", ""),
               "s.yaml:4:62: key 'reconnect': only the policies 'browser', 'hybrid', 'naive' have "
               "it, "
               "not 'agent'"},
          Case{with(", policy: {kind: agent, jitter: 1.1}", ""),
               "s.yaml:4:59: key 'jitter': found '1.1', expected a number from 0 to 1"},
          Case{with(", policy: {kind: agent, backoff_base: 31s}", ""),
               "s.yaml:4:37: policy: backoff_cap must not be less than backoff_base"},
          Case{with(", receive_buffer: 1023", ""),
               "s.yaml:4:45: key 'receive_buffer': found '1023', expected a size such as 256B, "
               "64KiB, "
               "1MiB, from 1 KiB to 1 GiB"},
          Case{with("", ", publish: [{channel: one}]"),
               "s.yaml:6:34: missing key 'rate' in a publication, expected a rate such as 10/s or "
               "600/m, above 0, at most 1000000/s"},
          Case{with("", ", publish: [{channel: one, rate: 1000001/s}]"),
               "s.yaml:6:55: key 'rate': found '1000001/s', expected a rate such as 10/s or 600/m, "
               "above 0, at most 1000000/s"},
          Case{with("", ", publish: [{channel: one, rate: 1000000/s, size: 16MiB}]"), "read"},
          Case{with("", ", publish: [{channel: one, rate: 1/s, size: 16777217}]"),
               "s.yaml:6:66: key 'size': found '16777217', expected a size such as 256B, 64KiB, "
               "1MiB, "
               "from 1 B to 16 MiB"},
          Case{with("", ", publish: {channel: one}"),
               "s.yaml:6:33: key 'publish': found a mapping, expected a list of publications"},
          Case{with("", ", kind: chaos"),
               "s.yaml:6:30: key 'kind': found 'chaos', expected one of: "
               "settle, control, fault, heal, drain"},
          Case{with("", "}\n  - {name: p, for: 1s"), "s.yaml:7:5: a second phase is named 'p'"},
          Case{with("", "}\n  - {name: q, for: 3 heartbeats"),
               "s.yaml:7:20: key 'for': found '3 heartbeats', expected a span such as 2s or "
               "3 heartbeat (also of eviction, liveness, header_timeout, grace, recovery)"},
          Case{with("", "}\n  - {name: q"),
               "s.yaml:7:5: missing key 'for' in a phase, expected a span such as 2s or 3 "
               "heartbeat (also of eviction, liveness, header_timeout, grace, recovery)"},
          Case{with("", ", actions: [{stop_reading: {group: h}}]"),
               "s.yaml:6:57: key 'group': found 'h', which is no group here; there is: g"},
          Case{
              with("", ", actions: [{stop_reading: g}]"),
              "s.yaml:6:49: key 'stop_reading': found 'g', expected a mapping with the keys group, "
              "resume_after"},
          Case{with("", ", actions: [{publish_probes: three}]"),
               "s.yaml:6:51: key 'publish_probes': found 'three', which is no channel here; there "
               "are: one, two"},
          Case{with("", ", actions: [{at: 1s}]"),
               "s.yaml:6:34: an action has exactly one of the keys stop_reading, resume_reading, "
               "close_streams, freeze, publish_probes, join, stall_path, kill_target, stop_target, "
               "command, hide, show, change_token, turn_hop, add_fault, "
               "remove_faults; found 0"},
          Case{with("", ", actions: [{freeze: {for: 1s}, resume_reading: g}]"),
               "s.yaml:6:34: an action has exactly one of the keys stop_reading, resume_reading, "
               "close_streams, freeze, publish_probes, join, stall_path, kill_target, stop_target, "
               "command, hide, show, change_token, turn_hop, add_fault, "
               "remove_faults; found 2"},
          Case{with("", ", actions: [{freeze: {}}]"),
               "s.yaml:6:43: missing key 'for' in freeze, expected a span such as 2s or 3 "
               "heartbeat (also of eviction, liveness, header_timeout, grace, recovery)"},
          Case{with("", ", actions: [{at: 5s, resume_reading: g}]"), "read"},
          Case{with("", ", actions: [{at: 5001ms, resume_reading: g}]"),
               "s.yaml:6:39: key 'at': '5001ms' is after the end of the phase 'p'"},
          Case{with("", ", actions: [{at: 9 heartbeat, resume_reading: g}]"), "read"},
          Case{with("", "", "seed: -1"),
               "s.yaml:8:7: key 'seed': found '-1', expected a whole number from 0 to 4294967295"},
          Case{with("", "", "connect_within: 0"),
               "s.yaml:8:17: key 'connect_within': found '0', expected a duration such as 250ms, "
               "15s, "
               "2m, at most 1 h"},
      }) {
    EXPECT_EQ(error_of(c.yaml), c.error) << c.yaml;
  }
}

TEST(LoadScenario, needs_at_least_one_of_each) {
  const std::string tail = "groups: [{name: g}]\nphases: [{name: p, for: 1s}]\n";
  EXPECT_EQ(error_of("scenario: s\nchannels: []\n" + tail + "checks: [a.b]"),
            "s.yaml:2:11: key 'channels': found 0 entries, expected 1 to 1000");
  EXPECT_EQ(error_of("scenario: s\nchannels: [c]\n" + tail + "checks: []"),
            "s.yaml:5:9: key 'checks': found 0 entries, expected 1 to 1000");
  EXPECT_EQ(error_of("scenario: s\nchannels: [c]\n" + tail),
            "s.yaml:1:1: missing key 'checks' in a scenario, expected a list of checks");
  EXPECT_EQ(
      error_of(
          "scenario: s\nchannels: [c]\ngroups: []\nphases: [{name: p, for: 1s}]\nchecks: [a.b]"),
      "s.yaml:3:9: key 'groups': found 0 entries, expected 1 to 1000");
  EXPECT_EQ(error_of("scenario: s\nchannels: [c]\ngroups: [{name: g}]\nphases: []\nchecks: [a.b]"),
            "s.yaml:4:9: key 'phases': found 0 entries, expected 1 to 1000");
  EXPECT_EQ(error_of("scenario: s\nchannels: [c, c]\n" + tail + "checks: [a.b]"),
            "s.yaml:2:15: key 'channels': 'c' is listed twice");
  for (const std::string_view bad : {"loss", "a.", ".b", "a.B", "a.*x", "*"}) {
    EXPECT_EQ(
        error_of("scenario: s\nchannels: [c]\n" + tail + "checks: ['" + std::string{bad} + "']"),
        "s.yaml:5:10: key 'checks': found '" + std::string{bad} +
            "', expected a check's id such as delivery.no-loss, or a family such as delivery.*");
  }
}

TEST(LoadScenario, bounds_the_number_of_channels) {
  const auto channels = [](int n) {
    std::string out = "scenario: s\nchannels: [";
    for (int i = 0; i < n; ++i) out += "c" + std::to_string(i) + ", ";
    return out + "]\ngroups: [{name: g, channel: c0}]\nphases: [{name: p, for: 1s}]\nchecks: [a.b]";
  };
  EXPECT_EQ(error_of(channels(1000)), "read");
  EXPECT_EQ(error_of(channels(1001)),
            "s.yaml:2:11: key 'channels': found 1001 entries, expected 1 to 1000");
}

TEST(ShippedScenarios, are_read_and_fit_into_the_gate) {
  auto contract = load_contract(file_text("scenarios/contracts/default.yaml"), "default.yaml");
  ASSERT_TRUE(contract);
  const Contract compressed = scaled(*contract, 0.05);
  std::vector<std::string> names;
  Duration all{};
  for (const auto& entry : std::filesystem::directory_iterator(SG_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string& name = names.emplace_back(entry.path().stem().string());
    const std::string path = "scenarios/" + name + ".yaml";
    auto scenario = load_scenario(file_text(path), path);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->name, name);
    resolve_streams(*scenario, compressed);
    const auto enough = check_streams(*scenario);
    EXPECT_TRUE(enough) << name << ": " << enough.error().message;
    Duration whole_file{};
    for (const Phase& phase : scenario->phases) {
      const Duration length = resolve(phase.length, compressed);
      for (const TimedAction& timed : phase.actions) {
        EXPECT_LE(resolve(timed.at, compressed), length) << name << " " << phase.name;
      }
      whole_file += length;
    }
    EXPECT_LT(whole_file, seconds{24}) << name;
    const bool by_name_only = name == "capacity" || name == "comparison" || name == "stall-points";
    if (!by_name_only) all += whole_file;
  }
  EXPECT_THAT(names, UnorderedElementsAre(
                         "auth", "capacity", "comparison", "deliberate-close", "graceful-drain",
                         "identity", "idle-heartbeat", "last-call", "limits", "proxy-buffering",
                         "proxy-path", "reconnect-storm", "resume", "silent-stall", "slow-consumer",
                         "stall-points", "steady-fanout", "token-stream", "transports"));
  EXPECT_LT(all, seconds{140}) << "four at a time, with starts and ends, in under a minute";
}

}  // namespace
}  // namespace streamgauge
