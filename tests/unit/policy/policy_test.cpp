#include "harness/core/policy/policy.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {

namespace {

TEST(Browser, waits_its_reconnection_time_after_every_kind_of_end) {
  Stepper client{browser_spec()};
  EXPECT_EQ(client.step(opened), Decision{Nothing{}});
  EXPECT_EQ(client.step(ended, 1s), Decision{Reconnect{3s}});
  EXPECT_EQ(client.step(failed), Decision{Reconnect{3s}});
  EXPECT_EQ(client.step(failed), Decision{Reconnect{3s}});
  EXPECT_EQ(client.step(ended), Decision{Reconnect{3s}});  // ended without having opened
}

TEST(Browser, a_retry_field_replaces_the_reconnection_time_for_good) {
  Stepper client{browser_spec()};
  client.step(opened);
  EXPECT_EQ(client.step(input::RetryField{250}), Decision{Nothing{}});
  EXPECT_EQ(client.step(ended), Decision{Reconnect{250ms}});
  EXPECT_EQ(client.step(failed), Decision{Reconnect{250ms}});
  client.step(opened);
  client.step(input::RetryField{0});
  EXPECT_EQ(client.step(ended), Decision{Reconnect{0s}});
}

TEST(Browser, an_absurd_retry_field_does_not_overflow) {
  Stepper client{browser_spec()};
  client.step(input::RetryField{~std::uint64_t{0}});
  const Duration delay = client.delay(ended);
  EXPECT_GT(delay, 24h * 365);
  EXPECT_GT(client.now + delay, client.now);
}

TEST(Browser, whatever_is_not_an_event_stream_ends_it_for_good) {
  for (const int status :
       {201, 204, 206, 300, 304, 400, 401, 403, 404, 408, 410, 429, 500, 502, 503, 504}) {
    Stepper client{browser_spec()};
    EXPECT_EQ(client.step(answered(status, 1s)), (Decision{GiveUp{Reason::final_status, status}}));
  }
  Stepper client{browser_spec()};
  EXPECT_EQ(client.step(answered(200)), (Decision{GiveUp{Reason::not_event_stream, 200}}));
}

TEST(None, never_has_a_second_connection) {
  PolicySpec spec;
  spec.kind = PolicyKind::none;
  EXPECT_EQ(Stepper{spec}.step(ended), (Decision{GiveUp{Reason::single_connection, 0}}));
  EXPECT_EQ(Stepper{spec}.step(failed), (Decision{GiveUp{Reason::single_connection, 0}}));
  EXPECT_EQ(Stepper{spec}.step(answered(503, 1s)), (Decision{GiveUp{Reason::final_status, 503}}));
  EXPECT_EQ(Stepper{spec}.step(answered(200)), (Decision{GiveUp{Reason::not_event_stream, 200}}));
}

TEST(AnyPolicy, comes_back_at_once_when_the_scenario_says_so) {
  for (const PolicyKind kind : {PolicyKind::none, PolicyKind::browser, PolicyKind::agent}) {
    PolicySpec spec = agent_spec(0.5);
    spec.kind = kind;
    Stepper client{spec};
    client.step(opened);
    EXPECT_EQ(client.step(input::Restarted{}, 1s), Decision{Reconnect{0s}});
    EXPECT_FALSE(client.state.open);
  }
}

TEST(Agent, doubles_its_delay_up_to_the_cap) {
  Stepper client{agent_spec(0)};
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
    EXPECT_EQ(client.step(failed, 1s), Decision{Reconnect{expected}});
  }
}

TEST(Agent, counts_every_kind_of_failure_alike) {
  Stepper client{agent_spec(0)};
  EXPECT_EQ(client.delay(failed), 1s);
  EXPECT_EQ(client.delay(answered(503)), 2s);
  EXPECT_EQ(client.delay(ended), 4s);
  EXPECT_EQ(client.delay(answered(429)), 8s);
}

TEST(Agent, ten_thousand_failures_do_not_overflow) {
  Stepper client{agent_spec(0.5)};
  for (int i = 0; i < 10'000; ++i) {
    const Duration delay = client.delay(failed, 1s);
    ASSERT_GE(delay, 500ms);
    ASSERT_LE(delay, 30s);
  }
}

TEST(Agent, a_factor_of_one_is_a_fixed_delay) {
  PolicySpec spec = agent_spec(0);
  spec.backoff_factor = 1;
  Stepper client{spec};
  EXPECT_EQ(client.delay(failed), 1s);
  EXPECT_EQ(client.delay(failed), 1s);
}

TEST(Agent, jitter_takes_its_share_and_no_more) {
  for (const double jitter : {0.0, 0.25, 0.5, 1.0}) {
    Stepper client{agent_spec(jitter)};
    Duration least = Duration::max(), most = Duration::min();
    for (int i = 0; i < 2000; ++i) {
      client.state.failures = 3;  // 8 s
      const Duration delay = client.delay(failed);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    EXPECT_GE(least, scaled(8s, 1 - jitter));
    EXPECT_LE(most, 8s);
    // The whole share is used, not a corner of it.
    EXPECT_LE(least, scaled(8s, 1 - 0.95 * jitter));
    EXPECT_GE(most, scaled(8s, 1 - 0.05 * jitter));
  }
}

TEST(Agent, two_seeds_part_and_one_seed_repeats_itself) {
  auto delays = [](std::uint64_t seed) {
    Stepper client{agent_spec(0.5), seed};
    std::vector<Duration> all;
    for (int i = 0; i < 5; ++i) all.push_back(client.delay(failed));
    return all;
  };
  EXPECT_EQ(delays(7), delays(7));
  EXPECT_NE(delays(7), delays(8));
}

TEST(Agent, starts_anew_only_after_a_stable_stream) {
  // Up for less than stable_after: a server that accepts and drops is not met at the base delay.
  Stepper flapping{agent_spec(0)};
  flapping.delay(failed);
  flapping.delay(failed);
  flapping.step(opened);
  EXPECT_EQ(flapping.delay(ended, 5s - 1ns), 4s);
  flapping.step(opened, 4s);
  EXPECT_EQ(flapping.delay(ended, 5s), 1s);  // exactly stable
  EXPECT_EQ(flapping.delay(failed), 2s);     // and it grows again from there
}

TEST(Agent, time_between_streams_is_not_time_up) {
  Stepper client{agent_spec(0)};
  client.step(opened);
  EXPECT_EQ(client.delay(ended, 1s), 1s);
  EXPECT_EQ(client.delay(failed, 1h), 2s);
  EXPECT_EQ(client.delay(failed, 1h), 4s);
}

TEST(Agent, stops_at_statuses_that_will_not_change) {
  for (const int status : {201, 204, 300, 304, 400, 401, 403, 404, 405, 410, 422}) {
    Stepper client{agent_spec(0)};
    EXPECT_EQ(client.step(answered(status, 1s)), (Decision{GiveUp{Reason::final_status, status}}));
  }
  Stepper client{agent_spec(0)};
  EXPECT_EQ(client.step(answered(200)), (Decision{GiveUp{Reason::not_event_stream, 200}}));
}

TEST(Agent, comes_again_after_statuses_that_may_change) {
  for (const int status : {408, 425, 429, 500, 501, 502, 503, 504, 599}) {
    Stepper client{agent_spec(0)};
    EXPECT_EQ(client.step(answered(status)), Decision{Reconnect{1s}}) << status;
  }
}

TEST(Agent, retry_after_is_a_minimum_with_the_jitter_on_top) {
  for (const int status : {429, 503}) {
    Stepper client{agent_spec(0.5)};
    std::set<Duration> delays;
    for (int i = 0; i < 100; ++i) {
      client.state.failures = 2;  // 4 s, of which 2 s are random
      const Duration delay = client.delay(answered(status, 10s));
      EXPECT_GE(delay, 10s);
      EXPECT_LE(delay, 12s);
      delays.insert(delay);
    }
    EXPECT_GT(delays.size(), 50u) << "a fleet must not come back in step";
  }
}

TEST(Agent, a_retry_after_below_the_backoff_does_not_shorten_it) {
  Stepper client{agent_spec(0)};
  client.state.failures = 3;
  EXPECT_EQ(client.delay(answered(503, 1s)), 8s);
}

TEST(Agent, retry_after_counts_with_429_and_503_only) {
  Stepper client{agent_spec(0)};
  EXPECT_EQ(client.delay(answered(500, 10s)), 1s);
  EXPECT_EQ(client.delay(answered(503, 10s)), 10s);
  EXPECT_EQ(client.delay(failed), 4s) << "it is for the next attempt, not for good";
}

TEST(Agent, a_retry_field_is_a_minimum_from_then_on) {
  Stepper client{agent_spec(0.5)};
  client.step(opened);
  client.step(input::RetryField{20'000});
  for (int i = 0; i < 3; ++i) {
    const Duration delay = client.delay(ended);
    EXPECT_GE(delay, 20s);
    EXPECT_LE(delay, 22s);
  }
}

TEST(Agent, ignores_retry_after_when_it_is_told_to) {
  PolicySpec spec = agent_spec(0);
  spec.honours_retry_after = false;
  EXPECT_EQ(Stepper{spec}.delay(answered(503, 10s)), 1s);
}

TEST(Agent, that_resets_its_backoff_on_every_open_stays_at_the_base_delay) {
  PolicySpec spec = agent_spec(0);
  Stepper right{spec};
  spec.defects.add(Defect::backoff_reset_on_open);
  Stepper flawed{spec};
  for (const auto expected : {1s, 2s, 4s}) {
    right.step(opened);
    flawed.step(opened);
    EXPECT_EQ(right.delay(ended, 1ms), expected);
    EXPECT_EQ(flawed.delay(ended, 1ms), 1s);
  }
}

TEST(Decisions, read_well) {
  EXPECT_EQ(to_string(Decision{Nothing{}}), "nothing");
  EXPECT_EQ(to_string(Decision{Reconnect{1250ms}}), "reconnect in 1.25 s");
  EXPECT_EQ(to_string(Decision{GiveUp{Reason::final_status, 404}}), "give up: status 404 is final");
  EXPECT_EQ(to_string(GiveUp{}), "the policy allows one connection");
}

}  // namespace
}  // namespace streamgauge::policy
