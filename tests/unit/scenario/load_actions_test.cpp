#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/core/scenario/load.hpp"

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A scenario with one action; the group `late` joins later, and does so in a second phase.
std::string with_action(std::string_view action) {
  return "scenario: s\nchannels: [one, two]\ngroups:\n"
         "  - {name: g, channel: two}\n  - {name: late, channel: one, join: later}\n"
         "phases:\n  - {name: p, for: 5s, actions: [{" +
         std::string{action} +
         "}]}\n  - {name: q, for: 1s, actions: [{join: {group: late}}]}\nchecks: [a.b]\n";
}

Action read(std::string_view action) {
  const auto scenario = load_scenario(with_action(action), "s.yaml");
  EXPECT_TRUE(scenario) << scenario.error().message;
  return scenario ? scenario->phases[0].actions[0].action : Action{action::ResumeReading{9}};
}

std::string error_of_action(std::string_view action) {
  const auto scenario = load_scenario(with_action(action), "s.yaml");
  return scenario ? "read" : scenario.error().message;
}

TEST(LoadActions, lets_a_group_join_later) {
  const auto join = std::get<action::Join>(read("join: {group: late, spread: 2s}"));
  EXPECT_EQ(join.group, 1);
  EXPECT_EQ(join.spread.absolute, seconds{2});
  EXPECT_EQ(std::get<action::Join>(read("join: {group: late}")).spread.absolute, Duration{0});
}

TEST(LoadActions, stalls_a_path_in_the_clients_own_terms) {
  const auto stall = std::get<action::StallPath>(read("stall_path: {group: g, for: 1.2 liveness}"));
  EXPECT_EQ(stall.group, 0);
  EXPECT_EQ(stall.length, (Span{TimeUnit::liveness, {}, 1.2}));
}

TEST(LoadActions, reads_spans_in_every_unit) {
  for (const auto& [word, unit] :
       {std::pair{"heartbeat", TimeUnit::heartbeat}, std::pair{"eviction", TimeUnit::eviction},
        std::pair{"liveness", TimeUnit::liveness}, std::pair{"grace", TimeUnit::grace},
        std::pair{"header_timeout", TimeUnit::header_timeout},
        std::pair{"recovery", TimeUnit::recovery}}) {
    const auto freeze = std::get<action::Freeze>(read(fmt::format("freeze: {{for: 2 {}}}", word)));
    EXPECT_EQ(freeze.length, (Span{unit, {}, 2})) << word;
  }
}

TEST(LoadActions, kills_and_stops_the_target) {
  EXPECT_EQ(std::get<action::KillTarget>(read("kill_target: {restart_after: 300ms}"))
                .restart_after.absolute,
            milliseconds{300});
  EXPECT_EQ(
      std::get<action::KillTarget>(read("kill_target: {restart_after: 0s}")).restart_after.absolute,
      Duration{0});
  EXPECT_TRUE(std::get<action::StopTarget>(read("stop_target: {standby: true}")).standby);
  EXPECT_FALSE(std::get<action::StopTarget>(read("stop_target: {}")).standby);
}

TEST(LoadActions, a_stop_with_a_second_instance_needs_one) {
  const auto needs = [](std::string_view action) {
    return needs_standby(*load_scenario(with_action(action), "s.yaml"));
  };
  EXPECT_TRUE(needs("stop_target: {standby: true}"));
  EXPECT_FALSE(needs("stop_target: {standby: false}"));
  EXPECT_FALSE(needs("freeze: {for: 1s}"));
}

TEST(LoadActions, a_command_is_about_a_groups_channel_or_about_the_one_that_is_named) {
  const auto of_group = std::get<action::Command>(read("command: {name: close, group: g}"));
  EXPECT_EQ(of_group.name, "close");
  EXPECT_EQ(of_group.group, std::uint16_t{0});
  EXPECT_EQ(of_group.channel, 1);
  const auto of_channel = std::get<action::Command>(read("command: {name: finish, channel: two}"));
  EXPECT_FALSE(of_channel.group);
  EXPECT_EQ(of_channel.channel, 1);
  const auto only = load_scenario(
      "scenario: s\nchannels: [c]\ngroups: [{name: g}]\nphases: [{name: p, for: 1s, actions: "
      "[{command: {name: drain}}]}]\nchecks: [a.b]",
      "s.yaml");
  ASSERT_TRUE(only) << only.error().message;
  EXPECT_EQ(std::get<action::Command>(only->phases[0].actions[0].action).channel, 0);
}

TEST(LoadActions, closes_streams_in_four_ways) {
  const auto how = [](std::string_view keys) {
    return std::get<action::CloseStreams>(
               read(fmt::format("close_streams: {{group: g, {}}}", keys)))
        .how;
  };
  EXPECT_EQ(how("how: fin"), AbortKind::fin);
  EXPECT_EQ(how("how: reset"), AbortKind::reset);
  EXPECT_EQ(how("how: half-close"), AbortKind::half_close);
  EXPECT_EQ(how("how: vanish"), AbortKind::vanish);
  EXPECT_EQ(how("abort: true"), AbortKind::reset);
  EXPECT_EQ(how("abort: false"), AbortKind::fin);
  EXPECT_EQ(how("spread: 1s"), AbortKind::fin);
}

TEST(LoadActions, says_what_is_wrong_and_where) {
  struct Case {
    std::string_view action, error;
  };
  for (const Case& c : {
           Case{"close_streams: {group: g, how: vanish, abort: true}",
                "s.yaml:7:66: key 'how': 'abort' says it already ('abort: true' is 'how: reset')"},
           Case{"close_streams: {group: g, how: slam}",
                "s.yaml:7:66: key 'how': found 'slam', expected one of: fin, reset, half-close, "
                "vanish"},
           Case{"join: {group: g}",
                "s.yaml:7:49: key 'group': 'g' joins at the start; to join here it needs 'join: "
                "later' in its group"},
           Case{"stall_path: {group: g}",
                "s.yaml:7:47: missing key 'for' in stall_path, expected a span such as 2s or 3 "
                "heartbeat (also of eviction, liveness, header_timeout, grace, recovery)"},
           Case{"kill_target: {}",
                "s.yaml:7:48: missing key 'restart_after' in kill_target, expected a span such as "
                "2s or 3 heartbeat (also of eviction, liveness, header_timeout, grace, recovery)"},
           Case{"command: {name: explode, channel: one}",
                "s.yaml:7:51: key 'name': found 'explode', expected one of: drain, revoke, close, "
                "finish"},
           Case{"command: {name: close}",
                "s.yaml:7:44: missing key 'channel' in command, expected one of: one, two"},
           Case{"command: {name: close, group: h, channel: one}",
                "s.yaml:7:65: key 'group': found 'h', which is no group here; there are: g, "
                "late"},
           Case{"at: 5001ms, stop_target: {}",
                "s.yaml:7:39: key 'at': '5001ms' is after the end of the phase 'p'"},
       }) {
    EXPECT_EQ(error_of_action(c.action), c.error) << c.action;
  }
}

}  // namespace
}  // namespace streamgauge
