#include "reference-server/core/replay_ring.hpp"

#include <gtest/gtest.h>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

std::optional<std::uint64_t> sequence_after(const ReplayRing& ring, std::string_view id) {
  const auto position = ring.after(id);
  if (!position) return std::nullopt;
  return *position == ring.end() ? 0 : ring.at(*position)->sequence();
}

TEST(ReplayRing, keeps_exactly_as_many_events_as_stated) {
  ReplayRing ring(7, 0);
  for (std::uint64_t n = 1; n <= 5; ++n) ring.push(message(n), {3, 0, {}}, t0);
  EXPECT_EQ(ring.end() - ring.first(), 3u);
  EXPECT_EQ(ring.at(ring.first())->sequence(), 3u);
}

TEST(ReplayRing, is_off_by_none_at_the_edge_of_what_it_keeps) {
  ReplayRing ring(7, 0);
  for (std::uint64_t n = 1; n <= 5; ++n) ring.push(message(n), {3, 0, {}}, t0);
  EXPECT_EQ(sequence_after(ring, "7-1"), std::nullopt);  // 2 is gone
  EXPECT_EQ(sequence_after(ring, "7-2"), 3u);            // 3, 4 and 5 are all there is after it
  EXPECT_EQ(sequence_after(ring, "7-4"), 5u);
  EXPECT_EQ(sequence_after(ring, "7-5"), 0u);  // nothing missed
}

TEST(ReplayRing, finds_ids_between_those_of_its_channel) {
  ReplayRing ring(7, 0);
  for (const std::uint64_t n : {10u, 20u, 30u}) ring.push(message(n), {3, 0, {}}, t0);
  EXPECT_EQ(sequence_after(ring, "7-15"), 20u);
  EXPECT_EQ(sequence_after(ring, "7-3"), 10u);
}

TEST(ReplayRing, takes_ids_of_another_life_or_another_world_as_too_old) {
  ReplayRing ring(7, 0);
  ring.push(message(1), {3, 0, {}}, t0);
  for (const char* id : {"6-1", "8-1", "hello", "7-", "-1", "7-01", "7-1x", "7-1-1", "07-1"}) {
    EXPECT_EQ(ring.after(id), std::nullopt) << id;
  }
}

TEST(ReplayRing, does_not_vouch_for_what_was_before_the_channel) {
  ReplayRing ring(7, 100);
  EXPECT_EQ(ring.after("7-99"), std::nullopt);
  EXPECT_EQ(ring.after("7-100"), 0u);
}

TEST(ReplayRing, finds_ids_that_the_publisher_chose) {
  ReplayRing ring(7, 0);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    ring.push(
        Event::of("data: x\n\n", {MessageClass::normal, n, fmt::format("order-{}", n), {}, t0}),
        {2, 0, {}}, t0);
  }
  EXPECT_EQ(sequence_after(ring, "order-2"), 3u);
  EXPECT_EQ(ring.after("order-1"), std::nullopt);
}

TEST(ReplayRing, is_bounded_in_bytes) {
  ReplayRing ring(7, 0);
  for (std::uint64_t n = 1; n <= 5; ++n) ring.push(sized(n, 40), {100, 80, {}}, t0);
  EXPECT_EQ(ring.end() - ring.first(), 2u);
  EXPECT_EQ(ring.bytes(), 80u);
  ring.push(sized(6, 81), {100, 80, {}}, t0);
  EXPECT_EQ(ring.end(), ring.first());
  EXPECT_EQ(ring.bytes(), 0u);
}

TEST(ReplayRing, forgets_what_is_older_than_stated_and_not_a_moment_sooner) {
  const ReplayBounds bounds{100, 0, 5s};
  ReplayRing ring(7, 0);
  ring.push(message(1, MessageClass::normal, "x", t0), bounds, t0);
  ring.expire(bounds, t0 + 5s);
  EXPECT_EQ(ring.end() - ring.first(), 1u);
  ring.expire(bounds, t0 + 5s + 1ns);
  EXPECT_EQ(ring.end() - ring.first(), 0u);
  EXPECT_EQ(ring.after("7-0"), std::nullopt);
  EXPECT_EQ(ring.after("7-1"), 1u);
}

TEST(ReplayRing, knows_how_many_critical_messages_came_before) {
  ReplayRing ring(7, 0);
  for (std::uint64_t n = 1; n <= 6; ++n) {
    ring.push(message(n, n % 2 == 0 ? MessageClass::critical : MessageClass::normal), {4, 0, {}},
              t0);
  }
  EXPECT_EQ(ring.criticals_before(ring.first()), 1u);
  EXPECT_EQ(ring.criticals_before(ring.end()), 3u);
}

TEST(EventId, reads_only_what_it_writes) {
  const EventId id{0x18e9ce50e8b8a518, 42};
  EXPECT_EQ(to_string(id), "18e9ce50e8b8a518-42");
  EXPECT_EQ(parse_event_id(to_string(id)), id);
  EXPECT_EQ(parse_event_id("18E9-42"), std::nullopt);
  EXPECT_EQ(parse_event_id("1-18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_event_id(""), std::nullopt);
}

}  // namespace
}  // namespace streamgauge::server
