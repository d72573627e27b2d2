#include <gtest/gtest.h>

#include "harness/core/scenario/load.hpp"

namespace streamgauge {
namespace {

using std::chrono::seconds;

Scenario loaded() {
  const auto scenario = load_scenario(R"(scenario: s
channels: [ticks, quotes]
groups:
  - {name: readers, streams: 100, channel: ticks}
  - {name: late, streams: 5, channel: ticks}
phases:
  - {name: warm, for: 1s, publish: [{channel: ticks, rate: 5/s}]}
  - name: steady
    for: 5s
    publish: [{channel: ticks, rate: 50/s}, {channel: quotes, rate: 7/s}]
    actions: [{at: 2s, close_streams: {group: late}}]
  - {name: drain, kind: drain, for: 1s}
checks: [delivery.*]
)",
                                      "s.yaml");
  EXPECT_TRUE(scenario) << scenario.error().message;
  return *scenario;
}

Scenario after(std::string_view assignment) {
  Scenario scenario = loaded();
  const auto result = set_scenario_value(scenario, assignment);
  EXPECT_TRUE(result) << result.error().message;
  return scenario;
}

std::string error_of(std::string_view assignment) {
  Scenario scenario = loaded();
  const auto result = set_scenario_value(scenario, assignment);
  return result ? "set" : result.error().message;
}

TEST(SetScenarioValue, sets_one_group_or_all) {
  EXPECT_EQ(after("groups.readers.streams=10000").groups[0].streams, 10000u);
  EXPECT_EQ(after("groups.readers.streams=10000").groups[1].streams, 5u);
  const Scenario all = after("groups.*.streams=7");
  EXPECT_EQ(all.groups[0].streams, 7u);
  EXPECT_EQ(all.groups[1].streams, 7u);
  EXPECT_EQ(all.groups[0].count, (StreamCount{StreamCount::Base::absolute, 7}));
  EXPECT_EQ(after("groups.late.streams=streams_total - 2").groups[1].count,
            (StreamCount{StreamCount::Base::streams_total, -2}));
  EXPECT_EQ(after("groups.late.ramp=10s").groups[1].ramp, seconds{10});
  EXPECT_EQ(after("groups.late.receive_buffer=8KiB").groups[1].receive_buffer_bytes, 8192u);
  EXPECT_EQ(after("groups.late.read_rate=1KiB/s").groups[1].read_bytes_per_s, 1024.0);
}

TEST(SetScenarioValue, sets_the_publications_of_a_phase_or_of_all) {
  const Scenario one = after("phases.steady.publish.ticks.rate=10/s");
  EXPECT_EQ(one.phases[0].publish[0].events_per_s, 5.0);
  EXPECT_EQ(one.phases[1].publish[0].events_per_s, 10.0);
  EXPECT_EQ(one.phases[1].publish[1].events_per_s, 7.0);
  const Scenario all = after("phases.*.publish.*.rate=10/s");
  EXPECT_EQ(all.phases[0].publish[0].events_per_s, 10.0);
  EXPECT_EQ(all.phases[1].publish[1].events_per_s, 10.0);
  const Scenario quotes = after("phases.*.publish.quotes.size=1KiB");
  EXPECT_EQ(quotes.phases[1].publish[0].size_bytes, 256u);
  EXPECT_EQ(quotes.phases[1].publish[1].size_bytes, 1024u);
  EXPECT_EQ(after("phases.warm.publish.ticks.critical_every=3").phases[0].publish[0].critical_every,
            3u);
}

TEST(SetScenarioValue, sets_lengths_and_the_whole) {
  EXPECT_EQ(after("phases.steady.for=30s").phases[1].length.absolute, seconds{30});
  EXPECT_EQ(after("phases.drain.for=2 heartbeat").phases[2].length.factor, 2.0);
  EXPECT_EQ(after("seed=42").seed, 42u);
  EXPECT_EQ(after("connect_within=60s").connect_within, seconds{60});
}

TEST(CheckStreams, refuses_what_the_contracts_numbers_add_up_to) {
  Scenario scenario = after("groups.readers.streams=streams_total");
  Contract contract;
  contract.limits.streams_total = 1'999'995;
  resolve_streams(scenario, contract);
  EXPECT_TRUE(check_streams(scenario));
  contract.limits.streams_total = 1'999'996;
  resolve_streams(scenario, contract);
  const auto result = check_streams(scenario);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "s.yaml: 2000001 streams in all groups, expected at most 2000000");
}

TEST(SetScenarioValue, says_what_is_wrong_and_changes_nothing) {
  struct Case {
    std::string_view assignment, error;
  };
  for (const Case& c : {
           Case{"groups.readers.streams=0",
                "groups.readers.streams=0: key 'streams': found '0', "
                "expected a whole number from 1 to 2000000, or in terms of the contract as "
                "streams_total + 8 or streams_per_user"},
           Case{"groups.raeders.streams=1",
                "groups.raeders.streams=1: there is no group 'raeders' (did "
                "you mean 'readers'?); there are: readers, late"},
           Case{"groups.readers.channel=x",
                "groups.readers.channel=x: unknown key 'channel' in a group's values; accepted: "
                "streams, "
                "ramp, receive_buffer, read_rate"},
           Case{"groups.readers=1",
                "groups.readers=1: key 'readers': found '1', expected a mapping with "
                "the keys streams, ramp, receive_buffer, read_rate"},
           Case{"groups=1",
                "groups=1: key 'groups': found '1', expected a group's name or '*', then a "
                "key"},
           Case{"phases=1",
                "phases=1: key 'phases': found '1', expected a phase's name or '*', then a "
                "key"},
           Case{"phases.steady.publish=1",
                "phases.steady.publish=1: key 'publish': found '1', expected a channel's name or "
                "'*', "
                "then a key"},
           Case{"phases.warm.publish.quotes.rate=1/s",
                "phases.warm.publish.quotes.rate=1/s: the phase 'warm' publishes nothing on "
                "'quotes'"},
           Case{"phases.*.publish.nosuch.rate=1/s",
                "phases.*.publish.nosuch.rate=1/s: no phase publishes there"},
           Case{"phases.steady.for=1s",
                "phases.steady.for=1s: the phase 'steady' would end before its last action"},
           Case{
               "groups.*.streams=1500000",
               "groups.*.streams=1500000: 3000000 streams in all groups, expected at most 2000000"},
           Case{"streams=5",
                "streams=5: unknown key 'streams' in a scenario's values; accepted: groups, "
                "phases, connect_within, seed"},
           Case{"seed", "seed: expected key=value such as groups.readers.streams=10000"},
       }) {
    EXPECT_EQ(error_of(c.assignment), c.error);
  }
  Scenario scenario = loaded();
  EXPECT_FALSE(set_scenario_value(scenario, "groups.*.streams=1500000"));
  EXPECT_EQ(scenario.groups[0].streams, 100u);
}

}  // namespace
}  // namespace streamgauge
