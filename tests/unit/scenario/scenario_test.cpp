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
