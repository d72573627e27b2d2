#include <gtest/gtest.h>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {
namespace {

using decision::Pause;

PolicySpec fetch_spec() {
  PolicySpec spec = policy_defaults(PolicyKind::fetch);
  spec.jitter = 0;
  return spec;
}
const Input hidden = input::Hidden{};
const Input shown = input::Shown{};
const Input token_changed = input::TokenChanged{};

TEST(Fetch, has_ten_seconds_to_connect_and_backs_off_to_thirty) {
  EXPECT_EQ(head_within(fetch_spec()), 10s);
  Stepper client{fetch_spec()};
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    EXPECT_EQ(client.delay(failed, 1s), expected);
  }
}

TEST(Fetch, starts_anew_after_a_stable_stream_and_not_with_each_one) {
  Stepper client{fetch_spec()};
  client.step(failed);
  client.step(failed);
  client.step(opened);
  EXPECT_EQ(client.delay(drained, 1s), 4s);
  client.step(opened);
  EXPECT_EQ(client.delay(drained, 5s), 1s);
}

TEST(Fetch, refused_credentials_stop_it_until_there_are_others) {
  for (const int status : {401, 403}) {
    Stepper client{fetch_spec()};
    client.step(failed);
    client.step(failed);
    EXPECT_EQ(client.step(answered(status)), (Decision{GiveUp{Reason::final_status, status}}));
    EXPECT_EQ(client.step(token_changed, 1h), Decision{Reconnect{0s}});
    EXPECT_EQ(client.delay(failed), 1s) << "the backoff starts anew, too";
  }
}

TEST(Fetch, takes_a_404_for_push_is_off_and_probes_now_and_then) {
  Stepper client{fetch_spec()};
  EXPECT_EQ(client.delay(answered(404)), 300s);
  EXPECT_TRUE(client.state.off);
  EXPECT_EQ(client.delay(answered(404), 300s), 300s) << "no backoff, no churn";
  client.step(opened, 300s);
  EXPECT_FALSE(client.state.off);
  EXPECT_EQ(client.delay(drained, 1s), 1s);
}

TEST(Fetch, a_probe_that_reaches_nobody_is_an_ordinary_failure) {
  Stepper client{fetch_spec()};
  client.step(answered(404));
  EXPECT_EQ(client.delay(failed, 300s), 1s);
  EXPECT_FALSE(client.state.off);
}

TEST(Fetch, without_a_time_to_probe_a_404_is_the_end) {
  PolicySpec spec = fetch_spec();
  spec.probe_after = {};
  EXPECT_EQ(Stepper{spec}.step(answered(404)), (Decision{GiveUp{Reason::final_status, 404}}));
}

TEST(Fetch, a_new_token_asks_again_where_push_was_off) {
  Stepper client{fetch_spec()};
  client.step(answered(404));
  EXPECT_EQ(client.step(token_changed), Decision{Reconnect{0s}});
  EXPECT_FALSE(client.state.off);
}

TEST(Fetch, holds_and_plans_no_connection_in_the_background) {
  Stepper client{fetch_spec()};
  client.step(opened);
  EXPECT_EQ(client.step(hidden), Decision{Pause{}});
  EXPECT_EQ(client.step(drained), Decision{Pause{}});
  EXPECT_EQ(client.step(failed), Decision{Pause{}});
  EXPECT_EQ(client.step(input::Restarted{}), Decision{Pause{}});
  EXPECT_EQ(client.step(token_changed), Decision{Pause{}});
  EXPECT_EQ(client.step(shown), Decision{Reconnect{0s}});
  EXPECT_EQ(client.step(shown), Decision{Nothing{}}) << "it was in front already";
}

TEST(Fetch, that_was_told_push_is_off_is_not_hurried_by_being_looked_at) {
  Stepper client{fetch_spec()};
  client.step(answered(404));
  client.step(hidden);
  EXPECT_EQ(client.step(shown), Decision{Reconnect{300s}});
}

TEST(Fetch, a_time_in_the_background_does_not_count_as_a_stable_stream) {
  Stepper client{fetch_spec()};
  client.step(failed);
  client.step(opened);
  client.step(hidden, 1s);
  client.step(shown, 1h);
  EXPECT_EQ(client.delay(failed), 2s);
}

TEST(Fetch, stops_at_what_is_no_stream_and_at_what_is_final) {
  EXPECT_EQ(Stepper{fetch_spec()}.step(answered(200)),
            (Decision{GiveUp{Reason::not_event_stream, 200}}));
  EXPECT_EQ(Stepper{fetch_spec()}.step(answered(204)),
            (Decision{GiveUp{Reason::final_status, 204}}));
  EXPECT_EQ(Stepper{fetch_spec()}.delay(answered(429, 7s)), 7s);
}

TEST(Pages, mean_nothing_to_who_is_none) {
  for (const PolicyKind kind :
       {PolicyKind::none, PolicyKind::browser, PolicyKind::agent, PolicyKind::naive}) {
    Stepper client{policy_defaults(kind)};
    for (const Input& input : {hidden, shown, token_changed}) {
      EXPECT_EQ(client.step(input), Decision{Nothing{}});
    }
  }
}

}  // namespace
}  // namespace streamgauge::policy
