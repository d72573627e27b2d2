#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/base/units.hpp"
#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::uint32_t message_bytes = 64 * 1024;

/// stalled_after 4 s +/- 25 %. Readers 1 and 2 stop at 10 s; one 64 KiB event every 20 ms, so that
/// the kernel's 4 MiB + 8 KiB are full after 1.3 s.
struct EvictionWorld : World {
  EvictionWorld() {
    scenario.groups[1].receive_buffer_bytes = 4096;
    contract.queue = QueueTerms{};
    contract.queue->events_max = 16;
    contract.queue->overflow = Overflow::drop_oldest;
    contract.eviction = EvictionTerms{};
    contract.eviction->stalled_after = 4s;
  }
};

Story stalled(int events = 900) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1).open(2, 0ms, 1);
  for (int i = 1; i <= 4; ++i) s.sample(i * 2s, 50_MiB, 20);
  s.phase(10s, 1).stop(1, 10s).stop(2, 10s);
  for (int i = 0; i < events; ++i) {
    s.published(10s + i * 20ms, static_cast<std::uint64_t>(i) + 1, 200, message_bytes);
  }
  return s;
}

TEST(Eviction, passes_readers_given_up_in_time) {
  EvictionWorld w;
  auto s = stalled();
  s.gone(1, 15s).gone(2, 16s).phase(30s, 3);
  for (const auto* id : {"eviction.within", "eviction.by-progress", "eviction.not-early"}) {
    EXPECT_EQ(w.judge(id, s), Verdict::pass) << id;
  }
}

TEST(Eviction, fails_readers_that_are_never_given_up) {
  EvictionWorld w;
  auto s = stalled();
  s.gone(1, 15s).phase(30s, 3).close(2, 30s);
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::fail);
  EXPECT_EQ(w.judge("eviction.by-progress", s), Verdict::fail);
  EXPECT_THAT(w.finding("eviction.by-progress", s).reason, HasSubstr("attempts, not progress"));
}

TEST(Eviction, counts_from_the_stall_and_judges_the_bound_below_and_above) {
  EvictionWorld w;  // full at 11.28 s or 11.3 s; + 5 s + 250 ms + 4 ms
  for (const auto& [when, verdict] :
       {std::pair{16500ms, Verdict::pass}, {16600ms, Verdict::fail}}) {
    auto s = stalled();
    s.gone(1, when).gone(2, 15s).phase(30s, 3);
    EXPECT_EQ(w.judge("eviction.within", s), verdict) << when.count();
  }
}

TEST(Eviction, does_not_count_from_the_stop_when_the_kernel_may_have_been_full_at_any_time) {
  EvictionWorld w;
  Story s;
  s.phase(0ms, 0).open(1, 0ms, 1).phase(10s, 1).stop(1, 10s);
  for (int i = 0; i < 200; ++i) {  // 64 KiB every 200 ms: 4 MiB + 8 KiB are full at 23 s, or before
    s.published(10s + i * 200ms, static_cast<std::uint64_t>(i) + 1, 200, message_bytes);
  }
  s.gone(1, 20s).phase(60s, 3);
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::pass);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::pass);
}

TEST(Eviction, proves_nothing_by_readers_that_another_machine_seems_to_keep) {
  EvictionWorld w;
  w.target.spawn.reset();
  w.target.url = "https://sse.example.org";
  auto s = stalled();
  s.phase(30s, 3).close(1, 30s).close(2, 30s);
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.by-progress", s), Verdict::inconclusive);
  w.target.url = "http://localhost:8080";
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::fail);
}

TEST(Eviction, cannot_tell_when_too_little_was_published_or_the_machine_was_too_noisy) {
  EvictionWorld w;
  auto s = stalled(40);
  s.phase(30s, 3).close(1, 30s).close(2, 30s);
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.by-progress", s), Verdict::inconclusive);
  auto late = stalled();
  late.gone(1, 20s).gone(2, 15s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.within", late), Verdict::fail);
  w.noise.lag_max = 1100ms;
  EXPECT_EQ(w.judge("eviction.within", late), Verdict::inconclusive);
}

TEST(EvictionNotEarly, fails_readers_given_up_before_their_time) {
  EvictionWorld w;  // not before 3 s
  for (const auto& [when, verdict] :
       {std::pair{12990ms, Verdict::fail}, {12996ms, Verdict::pass}}) {
    auto s = stalled();
    s.gone(1, when).phase(30s, 3);
    EXPECT_EQ(w.judge("eviction.not-early", s), verdict) << when.count();
  }
}

TEST(EvictionNotEarly, lets_a_stated_disconnect_explain_it) {
  EvictionWorld w;
  w.contract.queue->overflow = Overflow::disconnect;
  auto s = stalled();
  s.gone(1, 12s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::inconclusive);
}

TEST(EvictionNotEarly, passes_when_readers_that_pause_are_spared) {
  EvictionWorld w;
  auto s = stalled();
  s.resume(1, 12s).close(1, 30s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::pass);
}

TEST(EvictionNotEarly, does_not_call_a_reader_spared_that_was_closed_when_it_went_on) {
  EvictionWorld w;
  auto s = stalled();
  s.resume(1, 12s).close(1, 12100ms, Ending::eof).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::inconclusive);
}

TEST(EvictionNotEarly, neither_fails_nor_passes_when_the_lag_exceeds_the_margin) {
  EvictionWorld w;
  auto s = stalled();
  s.gone(1, 12900ms).phase(30s, 3);
  w.noise.lag_max = 1001ms;
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::inconclusive);
}

TEST(EvictionNotEarly, fails_eviction_at_half_of_the_time) {
  EvictionWorld w;
  auto s = stalled();
  s.gone(1, 12s).gone(2, 12s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::fail);
  EXPECT_EQ(w.judge("eviction.within", s), Verdict::pass);
}

/// Group 0 reads slowly: one event a second, each of them late by what is told.
Story slow(Duration late, int n = 20) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms, 0);
  for (int i = 1; i <= n; ++i) {
    s.event(0, late + i * 1s, static_cast<std::uint64_t>(i), Duration{i * 1s});
  }
  return s;
}

struct SlowWorld : EvictionWorld {
  SlowWorld() { scenario.groups[0].read_bytes_per_s = 1000; }
};

TEST(EvictionNotEarly, passes_slow_readers_that_are_behind_for_long_and_kept) {
  SlowWorld w;
  auto s = slow(4s);
  s.phase(30s, 3).close(0, 30s);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::pass);
  auto prompt = slow(3900ms);
  prompt.phase(30s, 3).close(0, 30s);
  EXPECT_EQ(w.judge("eviction.not-early", prompt), Verdict::inconclusive);
}

TEST(EvictionNotEarly, fails_the_eviction_of_a_slow_reader_that_takes_bytes) {
  SlowWorld w;
  for (const auto ending : {Ending::reset, Ending::eof, Ending::truncated, Ending::complete}) {
    auto s = slow(4s);
    s.close(0, 25s, ending).phase(30s, 3);
    EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::fail) << to_string(ending);
  }
  auto s = slow(4s);
  s.gone(0, 25s).close(0, 30s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::fail);
  EXPECT_THAT(w.finding("eviction.not-early", s).reason, HasSubstr("read slowly, but went on"));
  w.noise.lag_max = 1001ms;
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::inconclusive);
}

TEST(EvictionNotEarly, lets_slow_readers_be_closed_by_overflow_and_by_a_target_that_goes_down) {
  SlowWorld w;
  auto silent = slow(4s);  // the last event at 24 s: for 3 s it has taken nothing
  silent.close(0, 27s, Ending::reset).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", silent), Verdict::inconclusive);
  auto s = slow(4s);
  s.close(0, 25s, Ending::reset).phase(30s, 3);
  w.contract.queue->overflow = Overflow::disconnect;
  EXPECT_EQ(w.judge("eviction.not-early", s), Verdict::inconclusive);
  w.contract.queue->overflow = Overflow::drop_oldest;
  auto down = slow(4s);
  down.add(no_stream, 24900ms, fact::TargetChanged{TargetEvent::killed, 0, ""});
  down.close(0, 25s, Ending::reset).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.not-early", down), Verdict::inconclusive);
}

TEST(EvictionFreesSlot, fails_when_descriptors_stay_open) {
  EvictionWorld w;
  for (const auto& [after, verdict] : {std::pair{18u, Verdict::pass},
                                       {19u, Verdict::pass},
                                       {20u, Verdict::fail},
                                       {25u, Verdict::fail}}) {
    auto s = stalled();
    s.gone(1, 15s).gone(2, 15s).sample(15200ms, 50_MiB, 3).sample(18s, 50_MiB, after);
    s.phase(30s, 3).sample(31s, 50_MiB, 1);
    EXPECT_EQ(w.judge("eviction.frees-slot", s), verdict) << after;
  }
}

/// Readers 1 and 2, evicted at 15 s, and 3 are one user, who may have three streams; 4 joins as
/// that user at `when` and is answered `status`.
struct PlacesWorld : EvictionWorld {
  PlacesWorld() {
    target.events_path = "/events?user={user}";
    contract.limits.streams_per_user = 3;
    scenario.groups.resize(3);
    scenario.groups[1].user = scenario.groups[2].user = "crowd";
    scenario.groups[2].joins_later = true;
  }
};

Story accepts(int status, Duration when = 18s, bool company = true) {
  auto s = stalled();
  if (company) s.open(3, 10s, 1);
  s.gone(1, 15s).gone(2, 15s).sample(17s, 50_MiB, 18);
  if (status != 0) s.join(4, when, 2).connect(4, when).head(4, when, status);
  s.phase(30s, 3);
  return s;
}

TEST(EvictionFreesSlot, passes_when_the_place_of_an_evicted_reader_is_given_again) {
  PlacesWorld w;
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(200)), Verdict::pass);
  EXPECT_EQ(w.finding("eviction.frees-slot", accepts(200)).counts[4].second, 1u);
}

TEST(EvictionFreesSlot, fails_when_the_place_of_an_evicted_reader_is_kept) {
  PlacesWorld w;
  for (const int status : {429, 503}) {
    EXPECT_EQ(w.judge("eviction.frees-slot", accepts(status)), Verdict::fail) << status;
  }
  EXPECT_THAT(w.finding("eviction.frees-slot", accepts(429)).reason, HasSubstr("still registered"));
}

TEST(EvictionFreesSlot, cannot_tell_when_nobody_asks_too_early_or_for_a_place_that_was_free) {
  PlacesWorld w;
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(0)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(429, 15400ms)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(401)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(200, 18s, false)), Verdict::inconclusive);
  auto full = accepts(0);
  for (const StreamId id : {5u, 6u}) full.open(id, 17s, 1);
  full.join(4, 18s, 2).connect(4, 18s).head(4, 18s, 429);
  EXPECT_EQ(w.judge("eviction.frees-slot", full), Verdict::inconclusive);
}

TEST(EvictionFreesSlot, judges_descriptors_alone_where_no_limit_of_a_user_is_stated) {
  PlacesWorld w;
  w.contract.limits.streams_per_user.reset();
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(429)), Verdict::pass);
  w.contract.limits.streams_per_user = 3;
  w.target.events_path = "/events";
  EXPECT_EQ(w.judge("eviction.frees-slot", accepts(429)), Verdict::pass);
}

TEST(EvictionFreesSlot, needs_evictions_and_samples_after_them) {
  EvictionWorld w;
  auto s = stalled();
  s.gone(1, 15s).gone(2, 15s).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.frees-slot", s), Verdict::inconclusive);
  auto none = stalled();
  none.sample(18s, 50_MiB, 20).phase(30s, 3);
  EXPECT_EQ(w.judge("eviction.frees-slot", none), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
