#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::string_view gzip_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n";

/// 60 events, `apart`, to two readers; `release` says when the one that was due at `due` arrives.
template <class Release>
Story paced(Duration apart, Release release, std::string_view head = good_head) {
  Story s;
  s.phase(0ms, 0);
  for (const StreamId stream : {0u, 1u}) s.join(stream, 0ms).connect(stream, 0ms);
  for (const StreamId stream : {0u, 1u}) s.head(stream, 1ms, 200, head);
  for (int i = 1; i <= 60; ++i) {
    const auto due = 1s + i * apart;
    s.published(due, static_cast<std::uint64_t>(i));
    for (const StreamId stream : {0u, 1u}) {
      s.event(stream, release(due), static_cast<std::uint64_t>(i), due);
    }
  }
  s.phase(1s + 70 * apart, 3).close(0, 1s + 70 * apart).close(1, 1s + 70 * apart);
  return s;
}

/// Released at the next multiple of `window`.
auto windows(Duration window) {
  return [window](Duration due) { return (due / window + 1) * window; };
}

TEST(BufferedHeads, pass_when_they_come_at_once) {
  const World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms).phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.headers-prompt", s), Verdict::pass);
  EXPECT_EQ(w.judge("buffering.headers-prompt", Story{}), Verdict::inconclusive);
}

TEST(BufferedHeads, are_told_apart_by_what_came_with_them) {
  World w;
  Story first;
  first.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).head(0, 3s).event(0, 3001ms, 1).phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.headers-prompt", first), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.headers-prompt", first).reason, HasSubstr("first body bytes"));
  Story bundle;
  bundle.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).head(0, 3s);
  for (std::uint64_t i = 1; i < 9; ++i) bundle.event(0, 3001ms, i, 1s);
  bundle.phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.headers-prompt", bundle), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.headers-prompt", bundle).reason, HasSubstr("had to fill"));
  Story never;
  never.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.headers-prompt", never), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.headers-prompt", never).reason,
              HasSubstr("holds even the head"));
  w.noise.measured = false;
  EXPECT_EQ(w.judge("buffering.headers-prompt", never), Verdict::inconclusive);
}

TEST(BufferedHeads, excuse_a_path_that_the_harness_made_silent) {
  const World w;
  Story s;
  s.phase(0ms, 0).open(1, 0ms).join(0, 0ms).connect(0, 0ms).add(0, 0ms, fact::Deafened{});
  s.close(0, 5s, Ending::timed_out).phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.headers-prompt", s), Verdict::pass);
}

TEST(BufferedEvents, pass_one_by_one) {
  const World w;
  const auto s = paced(100ms, [](Duration due) { return due + 2ms; });
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::pass);
  EXPECT_EQ(w.judge("buffering.no-coalescing", s), Verdict::pass);
}

TEST(BufferedEvents, fail_held_ones_and_name_the_buffer_or_the_compressor) {
  World w;
  const auto s = paced(100ms, windows(2s));
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.events-prompt", s).reason, HasSubstr("20 came at once"));
  const auto zipped = paced(100ms, windows(2s), gzip_head);
  EXPECT_EQ(w.judge("buffering.events-prompt", zipped), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.events-prompt", zipped).reason, HasSubstr("gzip"));
  w.noise.lag_max = 400ms;
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::inconclusive);
}

TEST(BufferedEvents, count_those_that_never_came) {
  const World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  for (int i = 1; i <= 60; ++i) s.published(1s + i * 100ms, static_cast<std::uint64_t>(i));
  s.phase(9s, 3).close(0, 9s);
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.events-prompt", s).reason, HasSubstr("not one came through"));
}

TEST(BufferedEvents, excuse_single_late_ones_and_need_enough_of_them) {
  const World w;
  const auto s =
      paced(100ms, [](Duration due) { return due % 2s < 100ms ? due + 900ms : due + 2ms; });
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::pass);
  Story few;
  few.phase(0ms, 0).open(0, 0ms).event(0, 1s, 1).event(0, 2s, 2).phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.events-prompt", few), Verdict::inconclusive);
  EXPECT_EQ(w.judge("buffering.no-coalescing", few), Verdict::inconclusive);
}

TEST(Coalescing, catches_a_window_of_205_ms_under_events_every_100_ms) {
  World w;
  const auto s = paced(100ms, windows(205ms));
  EXPECT_EQ(w.judge("buffering.no-coalescing", s), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.no-coalescing", s).reason, HasSubstr("window of about"));
  EXPECT_EQ(w.judge("buffering.events-prompt", s), Verdict::pass);
  w.noise.lag_p99 = w.noise.lag_max = 40ms;
  EXPECT_EQ(w.judge("buffering.no-coalescing", s), Verdict::inconclusive);
}

TEST(Coalescing, does_not_blame_scheduling_noise_nor_a_late_publisher) {
  World w;
  const auto noise = paced(100ms, [](Duration due) {
    return due % 1s < 100ms ? due + 98ms : due + 2ms;  // one in ten waits for its successor
  });
  EXPECT_EQ(w.judge("buffering.no-coalescing", noise), Verdict::pass);
  Story late;
  late.phase(0ms, 0).open(0, 0ms);
  for (int i = 1; i <= 60; ++i) {
    const auto due = i * 100ms;
    const auto sent = (due / 300ms + 1) * 300ms;
    late.published(sent, static_cast<std::uint64_t>(i), 200, 100, sse::EnvelopeKind::normal, 0, 0ms,
                   sent - due);
    late.event(0, sent + 1ms, static_cast<std::uint64_t>(i), due);
  }
  late.phase(9s, 3);
  EXPECT_EQ(w.judge("buffering.no-coalescing", late), Verdict::inconclusive);
}

TEST(Coalescing, leaves_a_replay_alone) {
  const World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).event(0, 10ms, 1).close(0, 20ms, Ending::eof).reopen(0, 10s);
  for (std::uint64_t i = 2; i < 80; ++i) s.event(0, 10s, i, static_cast<int>(i) * 100ms);
  s.phase(20s, 3);
  EXPECT_EQ(w.judge("buffering.no-coalescing", s), Verdict::inconclusive);
}

TEST(BufferedHeartbeats, pass_one_by_one_and_fail_when_withheld) {
  World w;
  w.heartbeat(500ms);
  Story good, clumped, pushed;
  for (auto* s : {&good, &clumped, &pushed}) s->phase(0ms, 0).open(0, 0ms);
  for (int i = 1; i <= 8; ++i) {
    good.comment(0, i * 500ms, "heartbeat");
    clumped.comment(0, (i + 3) / 4 * 2s, "heartbeat");
    pushed.comment(0, 4s, "heartbeat");
  }
  pushed.event(0, 4s, 1);
  for (auto* s : {&good, &clumped, &pushed}) s->phase(4400ms, 3);
  EXPECT_EQ(w.judge("buffering.heartbeats-pass", good), Verdict::pass);
  EXPECT_EQ(w.judge("buffering.heartbeats-pass", clumped), Verdict::fail);
  EXPECT_THAT(w.finding("buffering.heartbeats-pass", clumped).reason, HasSubstr("in clumps"));
  EXPECT_EQ(w.judge("buffering.heartbeats-pass", pushed), Verdict::fail);
  w.noise.lag_max = 200ms;
  EXPECT_EQ(w.judge("buffering.heartbeats-pass", clumped), Verdict::inconclusive);
}

TEST(BufferedHeartbeats, need_idle_streams) {
  World w;
  w.heartbeat(500ms);
  Story s;
  s.phase(0ms, 0).open(0, 0ms).comment(0, 500ms, "heartbeat").phase(600ms, 3);
  EXPECT_EQ(w.judge("buffering.heartbeats-pass", s), Verdict::inconclusive);
}

/// Twelve clients, 30 descriptors; eight leave at 3 s and `left` descriptors are open after.
Story leaving(std::uint32_t left, AbortKind how = AbortKind::reset, unsigned count = 8) {
  Story s;
  for (StreamId i = 0; i < 12; ++i) s.open(i, 0ms);
  s.phase(1s, 0).sample(1500ms, 0, 30).sample(2s, 0, 30).phase(2500ms, 1);
  for (StreamId i = 0; i < count; ++i) s.add(i, 3s, fact::Aborted{how}).close(i, 3s);
  s.sample(3100ms, 0, 30).sample(6s, 0, left).phase(7s, 3);
  for (StreamId i = count; i < 12; ++i) s.close(i, 7s);
  return s;
}

TEST(Aborts, pass_when_the_descriptors_come_back) {
  World w;
  w.heartbeat(500ms);
  for (const auto* id : {"eviction.abort-noticed", "buffering.abort-propagates"}) {
    for (const auto how : {AbortKind::fin, AbortKind::reset}) {
      EXPECT_EQ(w.judge(id, leaving(22, how)), Verdict::pass) << id;
      EXPECT_EQ(w.judge(id, leaving(25, how)), Verdict::pass) << id;
      EXPECT_EQ(w.judge(id, leaving(26, how)), Verdict::fail) << id;
    }
  }
  EXPECT_THAT(w.finding("buffering.abort-propagates", leaving(30)).reason,
              HasSubstr("a proxy must"));
}

TEST(Aborts, need_many_clients_and_a_sample_after_their_time) {
  World w;
  w.heartbeat(500ms);
  EXPECT_EQ(w.judge("eviction.abort-noticed", leaving(30, AbortKind::reset, 3)),
            Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.abort-noticed", leaving(30, AbortKind::vanish)),
            Verdict::inconclusive);
  w.heartbeat(5s);
  EXPECT_EQ(w.judge("eviction.abort-noticed", leaving(30)), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
