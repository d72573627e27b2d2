#include "reference-server/core/heartbeat_wheel.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

TEST(HeartbeatWheel, is_never_early_and_at_most_one_slot_late) {
  HeartbeatWheel wheel(1s, t0);
  std::mt19937_64 random(1);
  std::vector<WheelEntry> entries(500);
  for (WheelEntry& entry : entries) {
    wheel.schedule(entry, t0 + Duration{static_cast<std::int64_t>(random() % 3'000'000'000)});
  }
  std::size_t out = 0;
  for (Instant at = t0; at <= t0 + 3100ms; at += 1ms) {
    while (WheelEntry* entry = wheel.pop_due(at)) {
      ++out;
      EXPECT_LE(entry->due, at);
      EXPECT_LE(at - entry->due, wheel.width() + 1ms);
    }
  }
  EXPECT_EQ(out, entries.size());
}

TEST(HeartbeatWheel, names_the_next_wake_and_finds_something_then) {
  HeartbeatWheel wheel(1s, t0);
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
  WheelEntry entry;
  wheel.schedule(entry, t0 + 700ms);
  ASSERT_TRUE(wheel.next_wake());
  EXPECT_GE(*wheel.next_wake(), t0 + 700ms);
  EXPECT_EQ(wheel.pop_due(*wheel.next_wake() - 1ns), nullptr);
  EXPECT_EQ(wheel.pop_due(*wheel.next_wake()), &entry);
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
}

TEST(HeartbeatWheel, gives_each_entry_once_after_a_long_sleep) {
  HeartbeatWheel wheel(1s, t0);
  std::vector<WheelEntry> entries(50);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    wheel.schedule(entries[i], t0 + 20ms * static_cast<int>(i));
  }
  const Instant late = t0 + 100s;
  std::size_t out = 0;
  while (WheelEntry* entry = wheel.pop_due(late)) {
    ++out;
    wheel.schedule(*entry, late + 1s);
  }
  EXPECT_EQ(out, entries.size());
}

TEST(HeartbeatWheel, forgets_an_entry_that_ends) {
  HeartbeatWheel wheel(1s, t0);
  {
    WheelEntry entry;
    wheel.schedule(entry, t0 + 10ms);
  }
  EXPECT_EQ(wheel.pop_due(t0 + 2s), nullptr);
}

}  // namespace
}  // namespace streamgauge::server
