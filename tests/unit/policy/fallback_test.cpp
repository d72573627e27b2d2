#include <gtest/gtest.h>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {
namespace {

PolicySpec fallback_spec() {
  PolicySpec spec = agent_spec(0);
  spec.fallback_after = 3;
  spec.fallback_for = 60s;
  return spec;
}
const Input timed_out = input::Ended{true};

TEST(Fallback, is_taken_after_so_many_misses_of_any_kind_in_a_row) {
  Stepper client{fallback_spec()};
  EXPECT_EQ(client.delay(failed), 1s);
  EXPECT_EQ(client.delay(timed_out), 2s);
  EXPECT_FALSE(client.state.on_fallback);
  client.step(opened);
  EXPECT_EQ(client.delay(ended, 1s), 1s) << "a change of address starts the backoff anew";
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Fallback, a_connection_that_ends_without_a_stream_is_a_miss) {
  Stepper client{fallback_spec()};
  for (int i = 0; i < 3; ++i) client.step(ended);
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Fallback, a_stream_that_lived_ends_the_row) {
  Stepper client{fallback_spec()};
  client.step(failed);
  client.step(failed);
  client.step(opened);
  client.step(ended, 5s);
  EXPECT_EQ(client.state.misses, 0);
  client.step(failed);
  client.step(failed);
  EXPECT_FALSE(client.state.on_fallback);
}

TEST(Fallback, a_long_stream_that_falls_silent_is_the_first_miss_of_a_new_row) {
  Stepper client{fallback_spec()};
  client.step(failed);
  client.step(failed);
  client.step(opened);
  client.step(timed_out, 1h);
  EXPECT_EQ(client.state.misses, 1);
  EXPECT_FALSE(client.state.on_fallback);
}

TEST(Fallback, a_refusal_neither_counts_nor_ends_the_row) {
  Stepper client{fallback_spec()};
  client.step(failed);
  client.step(failed);
  for (int i = 0; i < 5; ++i) client.step(answered(503));
  EXPECT_FALSE(client.state.on_fallback);
  client.step(failed);
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Fallback, lasts_for_its_time_and_then_the_own_address_gets_its_row_again) {
  Stepper client{fallback_spec()};
  for (int i = 0; i < 3; ++i) client.step(failed);
  ASSERT_TRUE(client.state.on_fallback);
  client.step(opened);
  client.step(ended, 60s - 1ns);
  EXPECT_TRUE(client.state.on_fallback);
  EXPECT_FALSE(fallback_over(client.state, client.now));
  client.step(opened, 1ns);
  EXPECT_TRUE(fallback_over(client.state, client.now));
  EXPECT_EQ(client.delay(input::FallbackOver{}), 1s);
  EXPECT_FALSE(client.state.on_fallback);
  client.step(failed);
  client.step(failed);
  EXPECT_FALSE(client.state.on_fallback);
  client.step(failed);
  EXPECT_TRUE(client.state.on_fallback);
}

TEST(Fallback, without_a_time_is_for_ever_and_without_a_count_never) {
  PolicySpec spec = fallback_spec();
  spec.fallback_for = {};
  Stepper stays{spec};
  for (int i = 0; i < 3; ++i) stays.step(failed);
  for (int i = 0; i < 10; ++i) stays.step(failed, 24h * 365);
  EXPECT_TRUE(stays.state.on_fallback);
  spec.fallback_after = 0;
  Stepper never{spec};
  for (int i = 0; i < 1000; ++i) never.step(failed);
  EXPECT_FALSE(never.state.on_fallback);
}

TEST(Fallback, is_for_browsers_too_but_not_for_who_connects_once) {
  PolicySpec spec = fallback_spec();
  spec.kind = PolicyKind::browser;
  Stepper browser{spec};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(browser.delay(failed), 3s);
  EXPECT_TRUE(browser.state.on_fallback);
  spec.kind = PolicyKind::none;
  spec.fallback_after = 1;
  Stepper once{spec};
  once.step(failed);
  EXPECT_FALSE(once.state.on_fallback);
}

TEST(Fallback, coming_back_on_order_is_no_miss) {
  PolicySpec spec = fallback_spec();
  spec.fallback_after = 1;
  Stepper client{spec};
  client.step(opened);
  client.step(input::Restarted{});
  EXPECT_FALSE(client.state.on_fallback);
}

}  // namespace
}  // namespace streamgauge::policy
