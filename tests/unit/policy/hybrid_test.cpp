#include <gtest/gtest.h>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {
namespace {

PolicySpec hybrid_spec(Downlink downlink = Downlink::automatic) {
  PolicySpec spec = policy_defaults(PolicyKind::hybrid);
  spec.downlink = downlink;
  return spec;
}

TEST(Hybrid, begins_with_the_constants_of_the_agent_that_it_was_made_after) {
  const PolicySpec spec = hybrid_spec();
  EXPECT_EQ(spec.reconnect, 2s);
  EXPECT_EQ(spec.liveness, 40s);
  EXPECT_EQ(spec.fallback_after, 3u);
  EXPECT_EQ(spec.fallback_for, 5min);
  EXPECT_EQ(spec.limits.line_bytes_max, 256u << 10);
  EXPECT_EQ(spec.limits.event_bytes_max, 1u << 20);
  EXPECT_EQ(spec.limits.error_body_bytes_max, 1u << 10);
}

TEST(Hybrid, comes_back_after_its_delay_whatever_ended_the_stream) {
  Stepper client{hybrid_spec()};
  client.step(opened);
  EXPECT_EQ(client.delay(drained, 1s), 2s);
  EXPECT_EQ(client.delay(failed), 2s);
  EXPECT_EQ(client.delay(silent), 2s);
}

TEST(Hybrid, polls_after_three_unhealthy_streams_in_a_row) {
  Stepper client{hybrid_spec()};
  client.step(failed);
  client.step(answered(502));
  EXPECT_FALSE(client.state.on_fallback);
  client.step(opened);
  client.step(stillborn);
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Hybrid, a_preamble_and_then_silence_is_unhealthy) {
  Stepper client{hybrid_spec()};
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(client.state.on_fallback);
    client.step(opened);
    client.step(silent, 40s);
  }
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Hybrid, a_stream_that_brought_something_ends_the_row) {
  Stepper client{hybrid_spec()};
  client.step(failed);
  client.step(failed);
  client.step(opened);
  client.step(drained, 1ms);
  client.step(failed);
  client.step(failed);
  EXPECT_FALSE(client.state.on_fallback);
}

TEST(Hybrid, probes_the_stream_again_after_its_time_of_polling) {
  Stepper client{hybrid_spec()};
  for (int i = 0; i < 3; ++i) client.step(failed);
  ASSERT_TRUE(client.state.on_fallback);
  client.step(opened);
  client.step(drained, 5min - 1ns);
  EXPECT_TRUE(client.state.on_fallback);
  EXPECT_FALSE(fallback_over(client.state, client.now));
  client.now += 1ns;
  EXPECT_TRUE(fallback_over(client.state, client.now));
  EXPECT_EQ(client.step(input::FallbackOver{}), Decision{Reconnect{0s}});
  EXPECT_FALSE(client.state.on_fallback);
  client.step(silent);
  client.step(silent);
  EXPECT_FALSE(client.state.on_fallback) << "the probe has a row of its own";
  client.step(silent);
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Hybrid, that_may_only_stream_never_polls_and_one_that_may_only_poll_never_streams) {
  Stepper streams{hybrid_spec(Downlink::sse)};
  for (int i = 0; i < 100; ++i) streams.step(failed, 1h);
  EXPECT_FALSE(streams.state.on_fallback);
  Stepper polls{hybrid_spec(Downlink::poll)};
  EXPECT_TRUE(polls.state.on_fallback);
  for (int i = 0; i < 100; ++i) polls.step(failed, 1h);
  EXPECT_TRUE(polls.state.on_fallback);
  EXPECT_FALSE(fallback_over(polls.state, polls.now));
}

TEST(Hybrid, wrong_credentials_end_it_and_a_missing_stream_leads_to_polls) {
  for (const int status : {401, 403}) {
    EXPECT_EQ(Stepper{hybrid_spec()}.step(answered(status)),
              (Decision{GiveUp{Reason::final_status, status}}));
  }
  Stepper client{hybrid_spec()};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.delay(answered(404)), 2s);
  EXPECT_TRUE(client.state.on_fallback);
  EXPECT_EQ(client.step(answered(404)), (Decision{GiveUp{Reason::final_status, 404}}));
}

TEST(Hybrid, a_page_in_place_of_the_stream_counts_as_one_that_does_not_get_through) {
  Stepper client{hybrid_spec()};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.delay(answered(200)), 2s);
  EXPECT_TRUE(client.state.on_fallback);
  Stepper only{hybrid_spec(Downlink::sse)};
  EXPECT_EQ(only.step(answered(200)), (Decision{GiveUp{Reason::not_event_stream, 200}}));
}

TEST(Hybrid, waits_as_long_as_a_503_asks_for) {
  EXPECT_EQ(Stepper{hybrid_spec()}.delay(answered(503, 30s)), 30s);
  EXPECT_EQ(Stepper{hybrid_spec()}.delay(answered(503, 1s)), 2s);
  PolicySpec deaf = hybrid_spec();
  deaf.honours_retry_after = false;
  EXPECT_EQ(Stepper{deaf}.delay(answered(503, 30s)), 2s);
}

TEST(Hybrid, is_alive_or_not_also_before_the_head) {
  PolicySpec spec = hybrid_spec();
  EXPECT_EQ(head_within(spec), 40s);
  spec.header_timeout = 15s;
  EXPECT_EQ(head_within(spec), 15s);
  spec.header_timeout = 50s;
  EXPECT_EQ(head_within(spec), 40s);
  spec.header_timeout.reset();
  spec.defects.add(Defect::liveness_after_head);
  EXPECT_EQ(head_within(spec), std::nullopt);
  spec = agent_spec(0);
  spec.liveness = 40s;
  EXPECT_EQ(head_within(spec), std::nullopt) << "of other policies, liveness is the open stream's";
}

TEST(Mirrors, are_tried_at_once_until_the_list_is_through) {
  Stepper client{hybrid_spec()};
  client.state.mirrors = 2;
  EXPECT_EQ(client.delay(failed), 0s);
  EXPECT_EQ(client.state.mirror, 1);
  EXPECT_EQ(client.delay(answered(503)), 0s);
  EXPECT_EQ(client.state.mirror, 2);
  EXPECT_EQ(client.delay(input::Ended{true}), 2s);
  EXPECT_EQ(client.state.mirror, 0);
  EXPECT_EQ(client.state.misses, 1) << "the whole list is one miss";
}

TEST(Mirrors, are_for_the_first_connection_only) {
  Stepper client{hybrid_spec()};
  client.state.mirrors = 2;
  client.step(failed);
  client.step(opened);
  EXPECT_EQ(client.delay(drained, 1s), 2s);
  EXPECT_EQ(client.state.mirror, 1) << "it stays where its stream was";
  EXPECT_EQ(client.delay(failed), 2s);
  EXPECT_EQ(client.state.mirror, 1);
}

TEST(Mirrors, a_refusal_that_every_server_would_give_leads_to_none) {
  Stepper client{agent_spec(0)};
  client.state.mirrors = 2;
  EXPECT_EQ(client.step(answered(401)), (Decision{GiveUp{Reason::final_status, 401}}));
  EXPECT_EQ(client.state.mirror, 0);
}

}  // namespace
}  // namespace streamgauge::policy
