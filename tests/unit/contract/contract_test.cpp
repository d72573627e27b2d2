#include "harness/core/contract/contract.hpp"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Contract stated() {
  Contract c;
  c.headers.within = milliseconds{500};
  c.heartbeat.emplace();
  c.heartbeat->every = seconds{15};
  c.heartbeat->first_within = seconds{20};
  c.retry = seconds{3};
  c.queue.emplace();
  c.queue->events_max = 64;
  c.eviction = EvictionTerms{seconds{90}, 0.25};
  c.replay.emplace();
  c.replay->within = seconds{300};
  c.delivery = DeliveryTerms{milliseconds{250}, milliseconds{100}};
  c.drain = DrainTerms{seconds{10}, seconds{1}, seconds{20}, seconds{2}};
  c.limits.retry_after = seconds{30};
  c.identity = IdentityTerms{};
  c.auth = AuthTerms{};
  c.storm = StormTerms{seconds{10}, 0.25};
  c.client.emplace();
  c.client->header_timeout = seconds{15};
  c.client->liveness = seconds{40};
  c.client->backoff_base = seconds{1};
  c.client->backoff_cap = seconds{30};
  c.client->stable_after = seconds{5};
  c.client->fallback_for = seconds{60};
  c.tokens = TokenTerms{seconds{1}, milliseconds{500}};
  c.deliberate_close = DeliberateCloseTerms{seconds{2}};
  return c;
}

TEST(Scaled, compresses_waiting_but_not_work) {
  const Contract c = scaled(stated(), 0.1);
  EXPECT_EQ(c.heartbeat->every, milliseconds{1500});
  EXPECT_EQ(c.heartbeat->first_within, milliseconds{2000});
  EXPECT_EQ(c.retry, milliseconds{300});
  EXPECT_EQ(c.eviction->stalled_after, seconds{9});
  EXPECT_EQ(c.replay->within, seconds{30});
  EXPECT_EQ(c.drain->grace, seconds{1});
  EXPECT_EQ(c.drain->retry_hint, milliseconds{100});
  EXPECT_EQ(c.drain->exit_within, seconds{2});
  EXPECT_EQ(c.drain->spread, milliseconds{200});
  EXPECT_EQ(c.limits.retry_after, seconds{3});
  EXPECT_EQ(c.storm->recovered_within, seconds{1});
  EXPECT_EQ(c.client->header_timeout, milliseconds{1500});
  EXPECT_EQ(c.client->liveness, seconds{4});
  EXPECT_EQ(c.client->backoff_base, milliseconds{100});
  EXPECT_EQ(c.client->backoff_cap, seconds{3});
  EXPECT_EQ(c.client->stable_after, milliseconds{500});
  EXPECT_EQ(c.client->fallback_for, seconds{6});
  EXPECT_EQ(c.deliberate_close->retry, milliseconds{200});
  EXPECT_EQ(c.identity, stated().identity);
  EXPECT_EQ(c.auth, stated().auth);
  EXPECT_EQ(c.tokens, stated().tokens);
  EXPECT_EQ(c.headers.within, milliseconds{500});
  EXPECT_EQ(c.delivery, stated().delivery);
  EXPECT_EQ(c.queue, stated().queue);
  EXPECT_DOUBLE_EQ(c.time_scale, 0.1);
}

TEST(Scaled, multiplies_scales) {
  EXPECT_DOUBLE_EQ(scaled(scaled(stated(), 0.5), 0.5).time_scale, 0.25);
  EXPECT_EQ(scaled(stated(), 1.0), stated());
}

TEST(Scaled, states_nothing_that_was_not_stated) {
  Contract scaled_one = scaled(Contract{}, 0.5);
  scaled_one.time_scale = 1.0;
  EXPECT_EQ(scaled_one, Contract{});
}

TEST(ContractWords, are_those_of_the_files) {
  EXPECT_EQ(to_string(HeartbeatForm::event), "event");
  EXPECT_EQ(to_string(HeartbeatUnderTraffic::reset), "reset");
  EXPECT_EQ(to_string(Overflow::drop_oldest), "drop-oldest");
  EXPECT_EQ(to_string(TooOld::status_410), "status-410");
}

}  // namespace
}  // namespace streamgauge
