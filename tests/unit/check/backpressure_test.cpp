#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/lag_fold.hpp"
#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::uint32_t event_bytes = 64 * 1024;

/// Control from 0 s, fault from 10 s, heal from 20 s to 30 s. Group 1 has small buffers: its
/// readers can be kept 4 MiB + 8 KiB by the kernel and 16 events (1 MiB) by the queue.
struct PressureWorld : World {
  explicit PressureWorld(Overflow overflow = Overflow::drop_oldest) {
    scenario.groups[1].receive_buffer_bytes = 4096;
    contract.queue = QueueTerms{};
    contract.queue->events_max = 16;
    contract.queue->overflow = overflow;
    contract.queue->lag_event = "lag";
    contract.queue->critical_kept = true;
    contract.memory.slack_bytes = 1_MiB;
  }
};

/// Healthy stream 0 and reader 1, which stops from 10 s to 20 s while `count` events are published
/// (from seq 101 on, after 100 in the control phase); every 5th is critical.
Story pressure(int count = 200, Duration healthy_latency = 1ms, bool resumes = true) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1);
  for (std::uint64_t seq = 1; seq <= 100; ++seq) {
    const auto when = 1s + static_cast<int>(seq) * 20ms;
    s.published(when, seq, 200, event_bytes);
    s.event(0, when + 1ms, seq, when).event(1, when + 1ms, seq, when);
  }
  s.phase(10s, 1).stop(1, 10s);
  for (int i = 0; i < count; ++i) {
    const auto seq = 101 + static_cast<std::uint64_t>(i);
    const auto when = 10s + 10ms + i * 40ms;
    const auto kind = seq % 5 == 0 ? sse::EnvelopeKind::critical : sse::EnvelopeKind::normal;
    s.published(when, seq, 200, event_bytes, kind);
    s.event(0, when + healthy_latency, seq, when, kind);
  }
  s.phase(20s, 2);
  if (resumes) s.resume(1, 20s);
  return s;
}

/// Reader 1 gets its backlog: [from, to], all intended while it was stopped.
void backlog(Story& s, std::uint64_t from, std::uint64_t to, Duration when = 20001ms) {
  for (auto seq = from; seq <= to; ++seq) {
    s.event(1, when, seq, 15s, sse::EnvelopeKind::normal, event_bytes);
  }
}

void end(Story& s) {
  s.phase(30s, 3).close(0, 30s).close(1, 30s);
}

/// What a correct target with drop-oldest delivers: what the kernel held, a notice, the newest 16.
Story drops_oldest(std::string_view notice = "dropped 124 events", bool told = true) {
  auto s = pressure();
  backlog(s, 101, 160);
  if (told) s.plain(1, 20001ms, "lag", notice);
  backlog(s, 285, 300);
  end(s);
  return s;
}

// --- lag notices ---

TEST(LagNotices, find_the_first_number) {
  EXPECT_EQ(first_number("dropped 17 events, 3 critical"), 17u);
  EXPECT_EQ(first_number("{\"dropped\":4}"), 4u);
  EXPECT_EQ(first_number("many"), std::nullopt);
  EXPECT_EQ(first_number("99999999999999999999999"), std::nullopt);
}

TEST(BackpressureNoSilentLoss, passes_announced_drops_and_fails_silent_ones) {
  PressureWorld w;
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", drops_oldest()), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", drops_oldest("", false)), Verdict::fail);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", drops_oldest("dropped 100 events")),
            Verdict::fail);
}

TEST(BackpressureNoSilentLoss, passes_a_reader_that_was_closed_instead) {
  PressureWorld w(Overflow::disconnect);
  auto s = pressure(200, 1ms, false);
  s.gone(1, 15s);
  end(s);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", s), Verdict::pass);
}

TEST(BackpressureNoSilentLoss, is_inconclusive_when_nothing_overflowed) {
  PressureWorld w;
  auto s = pressure(20);
  backlog(s, 101, 120);
  end(s);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", s), Verdict::inconclusive);
  EXPECT_EQ(w.judge("backpressure.lag-notice-exact", s), Verdict::inconclusive);
  w.contract.queue->lag_event.clear();
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", s), Verdict::skip);
}

TEST(BackpressureLagNotice, must_tell_exactly_what_is_missing) {
  PressureWorld w;
  EXPECT_EQ(w.judge("backpressure.lag-notice-exact", drops_oldest()), Verdict::pass);
  for (const auto* wrong : {"dropped 123", "dropped 125", "dropped some"}) {
    EXPECT_EQ(w.judge("backpressure.lag-notice-exact", drops_oldest(wrong)), Verdict::fail)
        << wrong;
  }
}

TEST(BackpressureLagNotice, may_sum_up_what_was_dropped_around_critical_events) {
  PressureWorld w;
  auto s = pressure();
  backlog(s, 101, 160);
  s.plain(1, 20001ms, "lag", "dropped 120");
  backlog(s, 165, 165);
  backlog(s, 170, 170);
  backlog(s, 175, 175);
  backlog(s, 180, 180);
  backlog(s, 285, 300);
  end(s);
  EXPECT_EQ(w.judge("backpressure.lag-notice-exact", s), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", s), Verdict::pass);
}

TEST(BackpressureLagNotice, does_not_count_publishes_that_failed) {
  PressureWorld w;
  Story s;
  s.open(1, 0ms, 1).published(1s, 1).published(2s, 2, 503).published(3s, 3).published(4s, 4);
  s.event(1, 1s, 1).plain(1, 4s, "lag", "dropped 1").event(1, 4s, 4).close(1, 9s);
  EXPECT_EQ(w.judge("backpressure.lag-notice-exact", s), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.no-silent-loss", s), Verdict::pass);
}

// --- memory ---

Finding memory_finding(const World& w, std::uint64_t peak, int count = 200, int lasts = 2) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1);
  for (int i = 1; i <= 5; ++i) s.sample(i * 1s, 50_MiB);
  s.phase(10s, 1).stop(1, 10s);
  for (int i = 0; i < count; ++i) {
    s.published(10s + i * 10ms, static_cast<std::uint64_t>(i) + 1, 200, event_bytes);
  }
  for (int i = 1; i <= 5; ++i) s.sample(13s + i * 1s, i >= 2 && i < 2 + lasts ? peak : 50_MiB);
  s.phase(20s, 2).phase(30s, 3).close(0, 30s).close(1, 30s);
  (void)w.judge("backpressure.bounded-memory", s);
  return w.finding("backpressure.bounded-memory", s);
}

TEST(BackpressureMemory, passes_up_to_queues_and_slack_and_fails_above) {
  PressureWorld w;  // 16 * (64 KiB + 256 B) + 1 MiB
  const auto allowed = 16 * (event_bytes + 256u) + 1_MiB;
  EXPECT_EQ(memory_finding(w, 50_MiB + allowed).verdict, Verdict::pass);
  EXPECT_EQ(memory_finding(w, 50_MiB + allowed + 1).verdict, Verdict::fail);
}

TEST(BackpressureMemory, is_inconclusive_when_too_little_was_published_to_tell) {
  PressureWorld w;
  EXPECT_EQ(memory_finding(w, 50_MiB, 20).verdict, Verdict::inconclusive);
  EXPECT_THAT(memory_finding(w, 50_MiB, 20).reason, HasSubstr("publish more"));
  EXPECT_EQ(memory_finding(w, 150_MiB, 20).verdict, Verdict::fail);
}

TEST(BackpressureMemory, does_not_take_one_sample_of_a_process_that_forks_for_growth) {
  PressureWorld w;
  EXPECT_EQ(memory_finding(w, 100_MiB, 200, 1).verdict, Verdict::pass);
  EXPECT_EQ(memory_finding(w, 100_MiB, 200, 2).verdict, Verdict::fail);
}

TEST(BackpressureMemory, does_not_pass_when_a_shared_unbounded_queue_would_fit_the_slack) {
  PressureWorld w;  // 12.5 MiB at the reader, 4 MiB + 8 KiB of them in the kernel
  w.contract.memory.slack_bytes = 7_MiB;
  EXPECT_THAT(memory_finding(w, 50_MiB, 320).verdict, Verdict::pass);
  w.scenario.groups[1].receive_buffer_bytes = 6 << 20;
  EXPECT_THAT(memory_finding(w, 50_MiB, 320).verdict, Verdict::inconclusive);
}

TEST(BackpressureMemory, passes_who_grew_by_much_less_than_one_shared_copy) {
  PressureWorld w;  // 20 MiB at the reader, 4 MiB + 8 KiB of them in the kernel
  w.contract.memory.slack_bytes = 100_MiB;
  EXPECT_EQ(memory_finding(w, 50_MiB, 320).verdict, Verdict::pass);
  EXPECT_EQ(memory_finding(w, 57_MiB, 320).verdict, Verdict::pass);
  EXPECT_EQ(memory_finding(w, 59_MiB, 320).verdict, Verdict::inconclusive);
  EXPECT_EQ(memory_finding(w, 50_MiB, 128).verdict, Verdict::inconclusive);  // 4 MiB left
}

TEST(BackpressureMemory, needs_samples_and_a_reader_that_stops) {
  PressureWorld w;
  auto s = pressure();
  EXPECT_EQ(w.judge("backpressure.bounded-memory", s), Verdict::inconclusive);
}

// --- isolation ---

TEST(BackpressureIsolation, compares_healthy_readers_before_and_during) {
  PressureWorld w;  // before: 1 ms; bound 101 ms + 4 ms
  EXPECT_EQ(w.judge("backpressure.isolation", pressure(200, 104ms)), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.isolation", pressure(200, 110ms)), Verdict::fail);
  w.noise.lag_max = 100ms;
  EXPECT_EQ(w.judge("backpressure.isolation", pressure(200, 110ms)), Verdict::inconclusive);
  w.noise = Noise{};
  EXPECT_EQ(w.judge("backpressure.isolation", pressure(200, 110ms)), Verdict::inconclusive);
}

TEST(BackpressureIsolation, fails_when_publishes_are_no_longer_answered) {
  PressureWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1).published(1s, 1).event(0, 1s, 1);
  s.phase(10s, 1).stop(1, 10s);
  s.published(17s, 2, 0, 100, sse::EnvelopeKind::normal, 0, 5s);
  EXPECT_EQ(w.judge("backpressure.isolation", s), Verdict::fail);
  EXPECT_THAT(w.finding("backpressure.isolation", s).reason, HasSubstr("never answered"));
}

TEST(BackpressureIsolation, fails_when_healthy_readers_starve) {
  PressureWorld w;
  auto s = pressure(200);
  s.open(2, 0ms).open(3, 0ms);  // two more that got nothing at all
  EXPECT_EQ(w.judge("backpressure.isolation", s), Verdict::fail);
}

TEST(BackpressureIsolation, needs_readers_that_stop_and_deliveries_in_both_phases) {
  PressureWorld w;
  EXPECT_EQ(w.judge("backpressure.isolation", pressure(20)), Verdict::inconclusive);
  Story nobody;
  nobody.phase(0ms, 0).open(0, 0ms).phase(10s, 1);
  EXPECT_EQ(w.judge("backpressure.isolation", nobody), Verdict::inconclusive);
}

// --- critical events ---

TEST(BackpressureCriticalKept, fails_a_critical_event_in_a_hole) {
  PressureWorld w;
  EXPECT_EQ(w.judge("backpressure.critical-kept", drops_oldest()), Verdict::fail);
  auto s = pressure();
  backlog(s, 101, 160);
  for (std::uint64_t seq = 165; seq < 285; seq += 5) backlog(s, seq, seq);
  backlog(s, 285, 300);
  end(s);
  EXPECT_EQ(w.judge("backpressure.critical-kept", s), Verdict::pass);
}

TEST(BackpressureCriticalKept, fails_a_critical_event_missing_at_the_end) {
  PressureWorld w;
  auto s = pressure();
  backlog(s, 101, 299);  // 300 is critical
  end(s);
  EXPECT_EQ(w.judge("backpressure.critical-kept", s), Verdict::fail);
}

TEST(BackpressureCriticalKept, is_not_judged_at_readers_that_were_cut_off) {
  PressureWorld w;
  auto s = pressure(200, 1ms, false);
  s.gone(1, 15s);
  end(s);
  EXPECT_EQ(w.judge("backpressure.critical-kept", s), Verdict::inconclusive);
}

TEST(BackpressureCriticalKept, is_inconclusive_when_no_queue_overflowed) {
  PressureWorld w;
  auto s = pressure(20);
  backlog(s, 101, 120);
  end(s);
  EXPECT_EQ(w.judge("backpressure.critical-kept", s), Verdict::inconclusive);
}

// --- overflow ---

TEST(BackpressureOverflow, drop_oldest_keeps_the_newest) {
  PressureWorld w(Overflow::drop_oldest);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", drops_oldest()), Verdict::pass);
  auto newest = pressure();
  backlog(newest, 101, 176);
  end(newest);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", newest), Verdict::fail);
}

TEST(BackpressureOverflow, drop_oldest_may_drop_the_newest_when_the_queue_turns_over_meanwhile) {
  PressureWorld w(Overflow::drop_oldest);  // the queue: 1 MiB, 16 events
  // The reader has caught up at 21 s: 40 events were published until then, or 5.
  for (const auto& [gap, first, last, verdict] :
       {std::tuple{20ms, 325u, 340u, Verdict::inconclusive},
        std::tuple{200ms, 301u, 305u, Verdict::fail}}) {
    auto s = pressure();
    for (std::uint64_t i = 0; i < 40; ++i) {
      s.published(20s + 1ms + static_cast<int>(i) * gap, 301 + i, 200, event_bytes);
    }
    backlog(s, 101, 160);
    for (std::uint64_t seq = first; seq <= last; ++seq) s.event(1, 21s, seq, 20500ms);
    end(s);
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), verdict) << gap.count();
  }
}

TEST(BackpressureOverflow, many_small_events_turn_a_queue_over_though_their_bytes_are_few) {
  PressureWorld w(Overflow::drop_oldest);  // 16 events
  // A publisher that is late: what was due before the reader went on at 20 s is sent after it.
  for (const auto& [more, verdict] :
       {std::pair{20u, Verdict::inconclusive}, std::pair{4u, Verdict::fail}}) {
    auto s = pressure();
    for (std::uint64_t i = 0; i < more; ++i) {
      s.published(20s + 1ms + static_cast<int>(i) * 1ms, 301 + i, 200, 128);
    }
    backlog(s, 101, 160);
    for (std::uint64_t seq = 301; seq < 301 + more; ++seq) s.event(1, 20100ms, seq, 19s);
    s.event(1, 21s, 301 + more, 20500ms);
    end(s);
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), verdict) << more;
  }
}

/// drop-oldest: the flood ends at 18 s, the reader goes on at 20 s and finds `kept` newest events.
Story found(std::uint64_t kept, std::uint64_t others_kept = 0, std::uint64_t in_kernel = 60) {
  auto s = pressure();
  backlog(s, 101, 100 + in_kernel);
  for (std::uint64_t i = 0; i < others_kept; ++i) backlog(s, 165 + 5 * i, 165 + 5 * i);
  backlog(s, 301 - kept, 300);
  end(s);
  return s;
}

TEST(BackpressureOverflow, drop_oldest_keeps_as_many_as_the_queue_holds) {
  PressureWorld w(Overflow::drop_oldest);  // 16; one is being written, and one hole is told of
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(16)), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(14)), Verdict::pass);
  for (const auto kept : {4u, 8u, 13u}) {
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(kept)), Verdict::fail) << kept;
  }
  EXPECT_THAT(w.finding("backpressure.overflow-as-stated", found(4)).reason,
              HasSubstr("only 4 events were kept for a reader, the stated queue holds 16"));
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(32, 0, 30)), Verdict::pass);
  EXPECT_THAT(w.finding("backpressure.overflow-as-stated", found(33, 0, 30)).reason,
              HasSubstr("33 events were kept for a reader, the stated queue holds 16"));
}

TEST(BackpressureOverflow, critical_events_that_were_kept_are_counted_in_the_place_of_others) {
  PressureWorld w(Overflow::drop_oldest);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(6, 8)), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(4, 1)), Verdict::fail);
}

TEST(BackpressureOverflow, a_queue_bound_by_bytes_needs_to_keep_only_what_surely_fits) {
  PressureWorld w(Overflow::drop_oldest);
  w.contract.queue->critical_kept = false;
  w.contract.queue->events_max = 64;
  w.contract.queue->bytes_max = 17 * event_bytes;  // 16 with what is around their data
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(14)), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(13)), Verdict::fail);
}

TEST(BackpressureOverflow, what_is_published_while_the_reader_catches_up_may_displace_others) {
  PressureWorld w(Overflow::drop_oldest);
  for (const auto& [more, verdict] : {std::pair{4u, Verdict::pass}, {1u, Verdict::fail}}) {
    auto s = pressure();
    for (unsigned i = 0; i < more; ++i) s.published(20005ms, 301 + i, 200, event_bytes);
    backlog(s, 101, 160);
    backlog(s, 291, 300);
    for (unsigned i = 0; i < more; ++i) s.event(1, 20010ms, 301 + i, 20005ms);
    end(s);
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), verdict) << more;
  }
}

TEST(BackpressureOverflow, heartbeats_of_the_time_may_have_taken_places) {
  PressureWorld w(Overflow::drop_oldest);
  w.heartbeat(5s);  // three in 10 s
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(11)), Verdict::pass);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", found(10)), Verdict::fail);
}

TEST(BackpressureOverflow, a_kept_connection_proves_nothing_where_its_end_cannot_be_seen) {
  PressureWorld w(Overflow::disconnect);
  auto kept = pressure(200, 1ms, false);
  end(kept);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", kept), Verdict::fail);
  w.target.spawn.reset();
  w.target.url = "http://sse.example.org";
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", kept), Verdict::inconclusive);
  w.target.url = "http://127.0.0.1:8080";
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", kept), Verdict::fail);
}

TEST(BackpressureOverflow, drop_newest_keeps_the_oldest) {
  PressureWorld w(Overflow::drop_newest);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", drops_oldest()), Verdict::fail);
  auto newest = pressure();
  backlog(newest, 101, 176);
  end(newest);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", newest), Verdict::pass);
}

TEST(BackpressureOverflow, disconnect_ends_the_connection) {
  PressureWorld w(Overflow::disconnect);
  auto gone = pressure(200, 1ms, false);
  gone.gone(1, 14s);
  end(gone);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", gone), Verdict::pass);
  auto closed = pressure();
  backlog(closed, 101, 160);
  closed.close(1, 21s, Ending::truncated, true).reopen(1, 22s).close(1, 30s);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", closed), Verdict::pass);
  auto kept = pressure(200, 1ms, false);
  end(kept);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", kept), Verdict::fail);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", drops_oldest()), Verdict::fail);
}

TEST(BackpressureOverflow, fails_a_backlog_that_no_bounded_queue_could_hold) {
  for (const auto overflow : {Overflow::drop_oldest, Overflow::drop_newest, Overflow::disconnect}) {
    PressureWorld w(overflow);
    auto s = pressure();
    backlog(s, 101, 300);
    end(s);
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), Verdict::fail);
    EXPECT_THAT(w.finding("backpressure.overflow-as-stated", s).reason, HasSubstr("larger"));
  }
}

TEST(BackpressureOverflow, does_not_count_what_a_late_publisher_sent_after_the_reader_went_on) {
  PressureWorld w(Overflow::drop_oldest);
  for (const auto& [late, verdict] : {std::pair{3s, Verdict::inconclusive}, {0s, Verdict::fail}}) {
    Story s;
    s.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1).phase(10s, 1).stop(1, 10s);
    for (std::uint64_t seq = 1; seq <= 100; ++seq) {  // due at 18 s: two thirds come too late
      const auto when = seq <= 30 ? 18s : 18s + late;
      s.published(when, seq, 200, event_bytes, sse::EnvelopeKind::normal, 0, 0ms, when - 18s);
    }
    s.phase(20s, 2).resume(1, 20s);
    for (std::uint64_t seq = 1; seq <= 100; ++seq) {
      s.event(1, 21500ms, seq, 18s, sse::EnvelopeKind::normal, event_bytes);
    }
    end(s);
    EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), verdict) << late.count();
  }
}

TEST(BackpressureOverflow, fails_closing_where_dropping_is_stated_unless_it_was_evicted) {
  PressureWorld w(Overflow::drop_oldest);
  auto gone = pressure(200, 1ms, false);
  gone.gone(1, 17s);
  end(gone);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", gone), Verdict::fail);
  w.contract.eviction = EvictionTerms{};
  w.contract.eviction->stalled_after = 6s;
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", gone), Verdict::inconclusive);
}

TEST(BackpressureOverflow, is_inconclusive_when_all_fitted) {
  PressureWorld w(Overflow::disconnect);
  auto s = pressure(40);
  backlog(s, 101, 140);
  end(s);
  EXPECT_EQ(w.judge("backpressure.overflow-as-stated", s), Verdict::inconclusive);
}

// --- duplicates after the drain ---

TEST(BackpressureNoDuplicate, fails_what_comes_again_after_the_reader_went_on) {
  PressureWorld w;
  EXPECT_EQ(w.judge("backpressure.no-duplicate-after-drain", drops_oldest()), Verdict::pass);
  auto s = pressure();
  backlog(s, 101, 160);
  backlog(s, 160, 300);
  end(s);
  EXPECT_EQ(w.judge("backpressure.no-duplicate-after-drain", s), Verdict::fail);
  EXPECT_EQ(w.judge("backpressure.no-duplicate-after-drain", pressure()), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
