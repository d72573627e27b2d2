#include "harness/core/scenario/scenario.hpp"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Contract stated() {
  Contract c;
  c.heartbeat.emplace();
  c.heartbeat->every = seconds{15};
  c.eviction.emplace();
  c.eviction->stalled_after = seconds{90};
  return c;
}

TEST(Resolve, takes_absolute_spans_as_they_are) {
  EXPECT_EQ(resolve({TimeUnit::absolute, seconds{2}, 0}, scaled(stated(), 0.1)), seconds{2});
}

TEST(Resolve, follows_the_contract_and_its_scale) {
  EXPECT_EQ(resolve({TimeUnit::heartbeat, {}, 3.5}, stated()), milliseconds{52500});
  EXPECT_EQ(resolve({TimeUnit::heartbeat, {}, 3.5}, scaled(stated(), 0.1)), milliseconds{5250});
  EXPECT_EQ(resolve({TimeUnit::eviction, {}, 1.5}, stated()), seconds{135});
}

TEST(Resolve, stands_in_for_what_the_contract_does_not_state) {
  EXPECT_EQ(resolve({TimeUnit::heartbeat, {}, 3}, Contract{}), seconds{3});
  EXPECT_EQ(resolve({TimeUnit::eviction, {}, 2}, Contract{}), seconds{10});
  EXPECT_EQ(resolve({TimeUnit::liveness, {}, 2}, Contract{}), seconds{6});
  EXPECT_EQ(resolve({TimeUnit::header_timeout, {}, 2}, Contract{}), seconds{2});
  EXPECT_EQ(resolve({TimeUnit::grace, {}, 2}, Contract{}), seconds{10});
  EXPECT_EQ(resolve({TimeUnit::recovery, {}, 2}, Contract{}), seconds{10});
}

TEST(Resolve, knows_the_terms_of_clients_drains_and_storms) {
  Contract c;
  c.client.emplace();
  c.client->liveness = seconds{40};
  c.client->header_timeout = seconds{15};
  c.drain = DrainTerms{seconds{60}};
  c.storm = StormTerms{seconds{20}};
  EXPECT_EQ(resolve({TimeUnit::liveness, {}, 1.5}, c), seconds{60});
  EXPECT_EQ(resolve({TimeUnit::header_timeout, {}, 2}, c), seconds{30});
  EXPECT_EQ(resolve({TimeUnit::grace, {}, 0.5}, c), seconds{30});
  EXPECT_EQ(resolve({TimeUnit::recovery, {}, 1}, c), seconds{20});
}

TEST(Resolve, replaces_only_constants_that_the_contract_states_and_the_group_asks_for) {
  Contract c;
  c.client.emplace();
  c.client->backoff_base = seconds{2};
  c.client->fallback_after = 3;
  PolicySpec asks;
  asks.kind = PolicyKind::agent;
  asks.from_contract = true;
  asks.jitter = 0.7;
  const PolicySpec resolved = resolve(asks, c);
  EXPECT_EQ(resolved.backoff_base, seconds{2});
  EXPECT_EQ(resolved.fallback_after, 3u);
  EXPECT_EQ(resolved.jitter, 0.7);
  EXPECT_FALSE(resolved.liveness);
  EXPECT_EQ(resolve(asks, Contract{}).backoff_base, seconds{1});
  EXPECT_EQ(resolve(PolicySpec{}, c).backoff_base, seconds{1});
}

TEST(Resolve, never_caps_a_delay_below_its_base) {
  Contract c;
  c.client.emplace();
  c.client->backoff_base = seconds{60};
  PolicySpec asks;
  asks.from_contract = true;
  EXPECT_EQ(resolve(asks, c).backoff_cap, seconds{60});
}

TEST(Resolve, counts_streams_from_the_contracts_limits) {
  using Base = StreamCount::Base;
  Contract c;
  c.limits.streams_total = 600;
  c.limits.streams_per_user = 10;
  EXPECT_EQ(resolve(StreamCount{Base::absolute, 7}, c), 7u);
  EXPECT_EQ(resolve(StreamCount{Base::streams_total, 8}, c), 608u);
  EXPECT_EQ(resolve(StreamCount{Base::streams_per_user, 0}, c), 10u);
  EXPECT_EQ(resolve(StreamCount{Base::streams_per_user, -20}, c), 1u);
  EXPECT_EQ(resolve(StreamCount{Base::streams_total, 8}, Contract{}), 8u);
  c.limits.streams_total = 1'000'000'000;
  EXPECT_EQ(resolve(StreamCount{Base::streams_total, 8}, c), 2'000'000u);
}

TEST(ResolveStreams, fills_every_group) {
  Scenario scenario;
  scenario.groups.resize(2);
  scenario.groups[0].count = {StreamCount::Base::streams_per_user, 3};
  scenario.groups[1].count = {StreamCount::Base::absolute, 5};
  Contract c;
  c.limits.streams_per_user = 10;
  resolve_streams(scenario, c);
  EXPECT_EQ(scenario.groups[0].streams, 13u);
  EXPECT_EQ(scenario.groups[1].streams, 5u);
}

TEST(StreamsOfItsOwn, are_told_of_scripts_that_do_not_count_by_the_limit) {
  Scenario scenario;
  scenario.groups.resize(2);
  scenario.groups[0].streams = 600;
  scenario.groups[1].streams = 10;
  EXPECT_EQ(streams_of_its_own(scenario), 610u);
  scenario.groups[1].count = {StreamCount::Base::streams_total, 8};
  EXPECT_EQ(streams_of_its_own(scenario), std::nullopt);
}

TEST(MemberText, numbers_the_members_where_the_pattern_says) {
  EXPECT_EQ(member_text("", 3), "");
  EXPECT_EQ(member_text("same", 3), "same");
  EXPECT_EQ(member_text("node-{n}-{n}", 12), "node-12-12");
}

TEST(Resolve, never_overflows) {
  Contract c = stated();
  c.heartbeat->every = std::chrono::hours{24 * 365 * 200};
  EXPECT_GT(resolve({TimeUnit::heartbeat, {}, 1000}, c), Duration::zero());
}

TEST(ScenarioWords, are_those_of_the_files) {
  EXPECT_EQ(to_string(PhaseKind::settle), "settle");
  EXPECT_EQ(to_string(PhaseKind::drain), "drain");
  EXPECT_EQ(to_string(PolicyKind::none), "none");
  EXPECT_EQ(to_string(PolicyKind::agent), "agent");
}

}  // namespace
}  // namespace streamgauge
