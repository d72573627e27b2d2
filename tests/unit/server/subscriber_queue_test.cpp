#include "reference-server/core/subscriber_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

QueueBounds bounds(std::uint64_t events, Overflow overflow, bool critical_kept = true,
                   std::string lag = "lag") {
  QueueBounds made;
  made.events_max = events;
  made.overflow = overflow;
  made.critical_kept = critical_kept;
  made.lag_event = std::move(lag);
  return made;
}

constexpr auto normal = MessageClass::normal;
constexpr auto critical = MessageClass::critical;

/// Writes everything; "1 lag2 4!" means event 1, a notice of two dropped, critical event 4.
std::string flush(SubscriberQueue& queue, const QueueBounds& of) {
  std::string text;
  std::array<std::string_view, 4> pieces;
  while (const std::size_t n = queue.gather(pieces, Framing::plain, of)) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < n; ++i) {
      text += pieces[i];
      bytes += pieces[i].size();
    }
    queue.consume(bytes, Framing::plain);
  }
  std::string words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\n\n", at) + 2;
    const std::string block = text.substr(at, end - at);
    at = end;
    if (!words.empty()) words += ' ';
    if (block.starts_with("event: lag\n")) {
      words += "lag" + block.substr(block.find("dropped ") + 8,
                                    block.find(" events") - block.find("dropped ") - 8);
    } else {
      words += block.substr(6, block.find('\n') - 6);
    }
  }
  return words;
}

EventPtr named(int n, MessageClass as = normal) {
  return Event::of(fmt::format("data: {}\n\n", n), {as, static_cast<std::uint64_t>(n), {}, {}, t0});
}

struct Case {
  const char* what;
  Overflow overflow;
  bool critical_kept;
  std::vector<int> pushed;  // negative: critical
  const char* expected;     // ends with " X" when the answer was to disconnect
};

TEST(SubscriberQueue, overflows_as_its_bounds_say) {
  const Case cases[] = {
      {"at the bound nothing is dropped", Overflow::drop_oldest, true, {1, 2, 3}, "1 2 3"},
      {"above it the oldest goes", Overflow::drop_oldest, true, {1, 2, 3, 4}, "lag1 2 3 4"},
      {"gaps add up", Overflow::drop_oldest, true, {1, 2, 3, 4, 5, 6, 7}, "lag4 5 6 7"},
      {"critical ones stay, the notice stands where the gap is",
       Overflow::drop_oldest,
       true,
       {1, -2, 3, 4, 5},
       "lag1 -2 lag1 4 5"},
      {"a gap that closes joins its notices",
       Overflow::drop_oldest,
       true,
       {-1, 2, 3, 4, 5, 6},
       "-1 lag3 5 6"},
      {"a normal one finds only critical ones: it goes itself",
       Overflow::drop_oldest,
       true,
       {-1, -2, -3, 4, 5},
       "-1 -2 -3 lag2"},
      {"a critical one finds only critical ones: disconnect",
       Overflow::drop_oldest,
       true,
       {-1, -2, -3, -4},
       "-1 -2 -3 X"},
      {"a critical one displaces normal ones",
       Overflow::drop_oldest,
       true,
       {1, 2, -3, -4, -5},
       "lag2 -3 -4 -5"},
      {"critical is like any other unless kept",
       Overflow::drop_oldest,
       false,
       {-1, 2, 3, 4},
       "lag1 2 3 4"},
      {"drop newest refuses what comes",
       Overflow::drop_newest,
       true,
       {1, 2, 3, 4, 5},
       "1 2 3 lag2"},
      {"drop newest still lets a critical one in",
       Overflow::drop_newest,
       true,
       {1, 2, 3, 4, -5},
       "1 2 lag2 -5"},
      {"disconnect says so", Overflow::disconnect, true, {1, 2, 3, 4}, "1 2 3 X"},
      {"disconnect at the bound says nothing", Overflow::disconnect, true, {1, 2, 3}, "1 2 3"},
      {"disconnect holds for critical ones too",
       Overflow::disconnect,
       true,
       {1, 2, 3, -4},
       "1 2 3 X"},
  };
  for (const Case& one : cases) {
    SubscriberQueue queue;
    const QueueBounds of = bounds(3, one.overflow, one.critical_kept);
    bool disconnect = false;
    for (const int n : one.pushed) {
      disconnect |= queue.push(named(n, n < 0 ? critical : normal), of).disconnect;
      EXPECT_LE(queue.events(), 3u) << one.what;
    }
    EXPECT_EQ(flush(queue, of) + (disconnect ? " X" : ""), one.expected) << one.what;
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0u) << one.what;
  }
}

TEST(SubscriberQueue, is_bounded_in_bytes_at_below_and_above) {
  for (const std::size_t size : {39u, 40u, 41u}) {
    SubscriberQueue queue;
    QueueBounds of = bounds(100, Overflow::drop_oldest);
    of.bytes_max = 100;
    queue.push(sized(1, 60), of);
    const auto pushed = queue.push(sized(2, size), of);
    EXPECT_EQ(pushed.dropped_normal, size > 40 ? 1u : 0u) << size;
    EXPECT_LE(queue.bytes(), 100u) << size;
  }
}

TEST(SubscriberQueue, takes_an_event_above_the_byte_bound_only_when_nothing_else_waits) {
  SubscriberQueue queue;
  QueueBounds of = bounds(100, Overflow::drop_oldest);
  of.bytes_max = 100;
  EXPECT_EQ(queue.push(sized(1, 500), of).dropped_normal, 0u);
  EXPECT_EQ(queue.events(), 1u);
  queue.clear_unsent();
  queue.push_started(sized(1, 60), 5);
  queue.push(sized(2, 20), of);
  // It cannot fit beside the one that is being written, so nothing is dropped for it in vain.
  EXPECT_EQ(queue.push(sized(3, 500), of).dropped_normal, 1u);
  EXPECT_EQ(queue.events(), 2u);
}

TEST(SubscriberQueue, never_drops_or_repeats_what_is_partly_written) {
  const QueueBounds of = bounds(2, Overflow::drop_oldest);
  SubscriberQueue queue;
  const EventPtr first = named(1);
  queue.push_started(first, 4);
  for (int n = 2; n < 10; ++n) queue.push(named(n), of);
  std::array<std::string_view, 8> pieces;
  const std::size_t n = queue.gather(pieces, Framing::plain, of);
  ASSERT_EQ(n, 3u);
  EXPECT_EQ(pieces[0], ": 1\n\n");
  EXPECT_EQ(pieces[1], "event: lag\ndata: dropped 7 events\n\n");
  EXPECT_EQ(pieces[2], "data: 9\n\n");
}

TEST(SubscriberQueue, leaves_a_notice_alone_once_it_has_begun_to_leave) {
  const QueueBounds of = bounds(2, Overflow::drop_oldest);
  SubscriberQueue queue;
  for (int n = 1; n <= 3; ++n) queue.push(named(n), of);
  std::array<std::string_view, 8> pieces;
  ASSERT_EQ(queue.gather(pieces, Framing::plain, of), 3u);
  const std::string begun{pieces[0].substr(0, 10)};
  queue.consume(10, Framing::plain);
  queue.push(named(4), of);
  queue.push(named(5), of);
  ASSERT_EQ(queue.gather(pieces, Framing::plain, of), 4u);
  EXPECT_EQ(begun + std::string{pieces[0]}, "event: lag\ndata: dropped 1 events\n\n");
  EXPECT_EQ(pieces[1], "event: lag\ndata: dropped 2 events\n\n");
  EXPECT_EQ(pieces[2], "data: 4\n\n");
}

TEST(SubscriberQueue, renews_a_notice_that_was_gathered_but_not_taken) {
  const QueueBounds of = bounds(1, Overflow::drop_oldest);
  SubscriberQueue queue;
  queue.push(named(1), of);
  queue.push(named(2), of);
  std::array<std::string_view, 8> pieces;
  (void)queue.gather(pieces, Framing::plain, of);
  queue.push(named(3), of);
  EXPECT_EQ(flush(queue, of), "lag2 3");
}

TEST(SubscriberQueue, counts_gaps_silently_when_no_notice_is_wanted) {
  const QueueBounds of = bounds(2, Overflow::drop_oldest, true, "");
  SubscriberQueue queue;
  std::uint32_t dropped = 0;
  for (int n = 1; n <= 5; ++n) dropped += queue.push(named(n), of).dropped_normal;
  EXPECT_EQ(dropped, 3u);
  EXPECT_EQ(flush(queue, of), "4 5");
}

TEST(SubscriberQueue, keeps_control_messages_and_the_heartbeat_out_of_the_bounds) {
  const QueueBounds of = bounds(1, Overflow::drop_oldest);
  SubscriberQueue queue;
  queue.push_control(Event::raw("data: head\n\n"));
  queue.push_heartbeat(Event::of("data: beat\n\n", {MessageClass::heartbeat, 0, {}, {}, {}}));
  queue.push(named(1), of);
  queue.push(named(2), of);
  EXPECT_EQ(queue.events(), 1u);
  EXPECT_EQ(flush(queue, of), "head beat lag1 2");
}

TEST(SubscriberQueue, frames_chunks_and_counts_across_any_split) {
  for (std::size_t step = 1; step < 40; ++step) {
    const QueueBounds of = bounds(10, Overflow::disconnect);
    SubscriberQueue queue;
    for (int n = 1; n <= 3; ++n) queue.push(named(n), of);
    std::string text;
    std::array<std::string_view, 2> pieces;
    std::uint32_t messages = 0;
    while (const std::size_t n = queue.gather(pieces, Framing::chunked, of)) {
      std::string all{pieces[0]};
      if (n > 1) all += pieces[1];
      const std::string taken = all.substr(0, step);
      text += taken;
      messages += queue.consume(taken.size(), Framing::chunked).messages;
    }
    EXPECT_EQ(text, "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n9\r\ndata: 3\n\n\r\n") << step;
    EXPECT_EQ(messages, 3u);
  }
}

/// Random pushes and partial writes against a model that knows only what must hold.
TEST(SubscriberQueue, loses_nothing_unannounced_and_repeats_nothing_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&random](std::uint64_t n) { return random() % n; };
    QueueBounds of =
        bounds(1 + below(8), below(2) == 0 ? Overflow::drop_oldest : Overflow::drop_newest);
    of.bytes_max = below(2) == 0 ? QueueBounds::unlimited : 12 + below(60);
    SubscriberQueue queue;
    std::string text;
    std::uint64_t dropped = 0;
    std::vector<int> criticals;
    int n = 0;
    bool disconnected = false;
    for (int round = 0; round < 200 && !disconnected; ++round) {
      if (below(3) > 0) {
        ++n;
        const bool is_critical = below(6) == 0;
        const auto pushed = queue.push(named(n, is_critical ? critical : normal), of);
        dropped += pushed.dropped_normal;
        EXPECT_EQ(pushed.dropped_critical, 0u);
        disconnected = pushed.disconnect;
        if (is_critical && !disconnected) criticals.push_back(n);
        if (disconnected) --n;
        EXPECT_LE(queue.events(), of.events_max);
      } else {
        std::array<std::string_view, 3> pieces;
        const std::size_t got = queue.gather(pieces, Framing::plain, of);
        std::string all;
        for (std::size_t i = 0; i < got; ++i) all += pieces[i];
        const std::string taken = all.substr(0, below(all.size() + 1));
        text += taken;
        queue.consume(taken.size(), Framing::plain);
      }
    }
    std::array<std::string_view, 64> pieces;
    while (const std::size_t got = queue.gather(pieces, Framing::plain, of)) {
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < got; ++i) {
        text += pieces[i];
        bytes += pieces[i].size();
      }
      queue.consume(bytes, Framing::plain);
    }
    // Walk the bytes: every number is there once, in order, or covered by a notice in its place.
    int next = 1;
    std::uint64_t announced = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\n\n", at);
      ASSERT_NE(end, std::string::npos) << "seed " << seed;
      const std::string block = text.substr(at, end - at);
      at = end + 2;
      if (block.starts_with("event: lag\ndata: dropped ")) {
        const int gap = std::stoi(block.substr(25));
        announced += static_cast<std::uint64_t>(gap);
        for (const int kept : criticals) {
          EXPECT_FALSE(kept >= next && kept < next + gap) << "seed " << seed << ": " << kept;
        }
        next += gap;
      } else {
        ASSERT_EQ(block, fmt::format("data: {}", next)) << "seed " << seed;
        ++next;
      }
    }
    EXPECT_EQ(next, n + 1) << "seed " << seed;
    EXPECT_EQ(announced, dropped) << "seed " << seed;
  }
}

}  // namespace
}  // namespace streamgauge::server
