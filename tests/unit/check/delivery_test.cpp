#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/check/publish_trail.hpp"
#include "harness/core/check/seq_ledger.hpp"
#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr auto second = 1000ms;

struct DeliveryWorld : World {
  DeliveryWorld() {
    contract.delivery = DeliveryTerms{};
    contract.delivery->latency_p99 = 50ms;
    contract.delivery->first_last_skew = 20ms;
    contract.replay = ReplayTerms{};
    contract.replay->events_max = 10;
  }
};

/// Publishes `count` events from `from` on, one every 10 ms; returns when the last one was.
Duration publish(Story& s, std::uint64_t from, int count, Duration start = second) {
  for (int i = 0; i < count; ++i) s.published(start + i * 10ms, from + static_cast<unsigned>(i));
  return start + count * 10ms;
}

/// Delivers 1 ms after publish(), leaving out `without`.
void deliver(Story& s, StreamId id, std::uint64_t from, int count, Duration start = second,
             std::uint64_t without = 0) {
  for (int i = 0; i < count; ++i) {
    const auto seq = from + static_cast<unsigned>(i);
    if (seq != without) s.event(id, start + i * 10ms + 1ms, seq, start + i * 10ms);
  }
}

Story whole(int streams = 2, int count = 20) {
  Story s;
  for (int id = 0; id < streams; ++id) s.open(static_cast<StreamId>(id), 0ms);
  publish(s, 1, count);
  for (int id = 0; id < streams; ++id) deliver(s, static_cast<StreamId>(id), 1, count);
  return s;
}

// --- the ledger and the trail ---

TEST(SeqLedger, tells_what_each_arrival_means) {
  using A = SeqLedger::Arrival;
  SeqLedger ledger;
  const std::pair<std::uint64_t, A> steps[] = {{5, A::first}, {6, A::next},      {10, A::ahead},
                                               {8, A::late},  {8, A::duplicate}, {7, A::late},
                                               {9, A::late},  {6, A::duplicate}, {3, A::late},
                                               {4, A::late},  {4, A::duplicate}, {11, A::next}};
  for (const auto& [seq, arrival] : steps) EXPECT_EQ(ledger.take(seq, at(0ms)), arrival) << seq;
  EXPECT_TRUE(ledger.holes().empty());
  EXPECT_EQ(ledger.missing(), 0u);
}

TEST(SeqLedger, overflows_with_one_hole_too_many) {
  SeqLedger ledger;
  std::uint64_t seq = 1;
  for (std::size_t i = 0; i <= SeqLedger::holes_max; ++i, seq += 2) (void)ledger.take(seq, at(0ms));
  EXPECT_EQ(ledger.holes().size(), SeqLedger::holes_max);
  EXPECT_FALSE(ledger.overflowed());
  (void)ledger.take(seq, at(0ms));
  EXPECT_TRUE(ledger.overflowed());
}

TEST(PublishTrail, answers_on_the_safe_side_when_it_keeps_only_every_nth) {
  PublishTrail trail;
  const int count = 3 * static_cast<int>(PublishTrail::points_max) + 7;
  for (int i = 1; i <= count; ++i) {
    trail.on({0, static_cast<std::uint64_t>(i), at(i * 1ms), 0ms, 0ms, 10,
              sse::EnvelopeKind::normal, 200},
             at(i * 1ms));
  }
  for (const int i : {1, 2, 1000, 5000, count - 1}) {
    EXPECT_LE(trail.answered_by(0, at(i * 1ms)), static_cast<std::uint64_t>(i));
    EXPECT_GE(trail.answered_by(0, at(i * 1ms)) + 4, static_cast<std::uint64_t>(i));
    EXPECT_GE(*trail.begun_from(0, at(i * 1ms)), static_cast<std::uint64_t>(i));
    EXPECT_LE(*trail.begun_from(0, at(i * 1ms)), static_cast<std::uint64_t>(i) + 4);
  }
  EXPECT_EQ(trail.answered_by(0, at(count * 1ms)), static_cast<std::uint64_t>(count));
  EXPECT_EQ(trail.begun_from(0, at(count * 1ms + 1ns)), std::nullopt);
  EXPECT_LE(trail.bytes_between(0, at(1ms), at(1001ms)), 10'000u);
  EXPECT_GE(trail.bytes_between(0, at(1ms), at(1001ms)), 9'900u);
}

TEST(PublishTrail, expects_nothing_of_failures_probes_and_the_future) {
  PublishTrail trail;
  const auto add = [&](std::uint64_t seq, int status, sse::EnvelopeKind kind) {
    trail.on({0, seq, at(0ms), 0ms, 0ms, 10, kind, status}, at(0ms));
  };
  add(1, 200, sse::EnvelopeKind::normal);
  add(2, 503, sse::EnvelopeKind::normal);
  add(3, 0, sse::EnvelopeKind::critical);
  add(4, 200, sse::EnvelopeKind::probe);
  add(5, 204, sse::EnvelopeKind::normal);
  EXPECT_EQ(trail.expected(0, 1, 5), 2u);
  EXPECT_EQ(trail.expected(0, 2, 4), 0u);
  EXPECT_EQ(trail.expected(0, 5, 9), 1u);
  EXPECT_EQ(trail.expected(3, 1, 5), 0u);
}

// --- no-loss ---

TEST(DeliveryNoLoss, passes_what_is_complete) {
  DeliveryWorld w;
  auto s = whole();
  EXPECT_EQ(w.judge("delivery.no-loss", s.close(0, 9s).close(1, 9s)), Verdict::pass);
}

TEST(DeliveryNoLoss, fails_a_hole_a_missing_head_and_a_missing_tail) {
  DeliveryWorld w;
  for (const std::uint64_t without : {1u, 7u, 20u}) {
    Story s;
    s.open(0, 0ms).open(1, 0ms);
    publish(s, 1, 20);
    deliver(s, 0, 1, 20);
    deliver(s, 1, 1, 20, second, without);
    s.close(0, 9s).close(1, 9s);
    EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::fail) << without;
    EXPECT_THAT(w.finding("delivery.no-loss", s).evidence.at(0).what,
                HasSubstr(std::to_string(without)));
  }
}

TEST(DeliveryNoLoss, fails_a_stream_that_got_nothing_at_all) {
  DeliveryWorld w;
  auto s = whole();
  s.open(5, 0ms).close(5, 9s);
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::fail);
}

TEST(DeliveryNoLoss, does_not_expect_what_failed_or_what_was_a_probe) {
  DeliveryWorld w;
  Story s;
  s.open(0, 0ms);
  s.published(1s, 1).published(1010ms, 2, 503).published(1020ms, 3, 0);
  s.published(1030ms, 4, 200, 100, sse::EnvelopeKind::probe).published(1040ms, 5);
  s.event(0, 1001ms, 1).event(0, 1041ms, 5).close(0, 9s);
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::pass);
}

TEST(DeliveryNoLoss, takes_a_late_filled_hole_for_disorder_not_for_loss) {
  DeliveryWorld w;
  Story s;
  s.open(0, 0ms);
  publish(s, 1, 3);
  s.event(0, 1001ms, 1).event(0, 1021ms, 3).event(0, 1022ms, 2).close(0, 9s);
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.in-order", s), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.no-duplicate", s), Verdict::pass);
}

TEST(DeliveryNoLoss, expects_nothing_from_before_the_subscription_nor_just_before_the_end) {
  DeliveryWorld w;
  Story s;
  const auto end = publish(s, 1, 20);
  s.open(0, 1095ms);
  deliver(s, 0, 12, 5, 1110ms);
  s.close(0, end);
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::pass);
}

TEST(DeliveryNoLoss, gives_a_noisy_machine_longer_to_subscribe_a_reader) {
  DeliveryWorld w;
  Story s;
  s.open(0, 850ms);  // published from 1 s on
  publish(s, 1, 20);
  deliver(s, 0, 4, 17);
  s.close(0, 9s);
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::fail);
  w.noise.lag_max = 50ms;
  EXPECT_EQ(w.judge("delivery.no-loss", s), Verdict::pass);
}

TEST(DeliveryNoLoss, leaves_out_readers_that_stop) {
  DeliveryWorld w;
  auto s = whole();
  s.open(5, 0ms).stop(5, 500ms).close(5, 9s);
  EXPECT_EQ(w.judge("delivery.no-loss", s.close(0, 9s).close(1, 9s)), Verdict::pass);
}

TEST(DeliveryNoLoss, counts_what_was_missed_while_away_only_if_replay_covers_it) {
  for (const bool resume : {true, false}) {
    DeliveryWorld w;
    if (!resume) w.contract.replay.reset();
    Story s;
    s.open(0, 0ms);
    publish(s, 1, 10);
    deliver(s, 0, 1, 4);
    s.close(0, 1045ms).reopen(0, 1065ms);
    deliver(s, 0, 8, 3, 1070ms);  // 5..7 are gone
    s.close(0, 9s);
    EXPECT_EQ(w.judge("delivery.no-loss", s), resume ? Verdict::fail : Verdict::pass);
  }
}

TEST(DeliveryNoLoss, needs_something_published) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.no-loss", Story{}.open(0, 0ms).close(0, 9s)), Verdict::inconclusive);
  w.contract.delivery->complete = false;
  EXPECT_EQ(w.judge("delivery.no-loss", whole()), Verdict::skip);
}

// --- duplicates and order ---

TEST(DeliveryNoDuplicate, fails_an_event_that_comes_twice) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.no-duplicate", whole()), Verdict::pass);
  auto s = whole();
  s.event(1, 5s, 13);
  EXPECT_EQ(w.judge("delivery.no-duplicate", s), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.in-order", s), Verdict::pass);
  EXPECT_THAT(w.finding("delivery.no-duplicate", s).evidence.at(0).what, HasSubstr("seq 13"));
}

TEST(DeliveryNoDuplicate, ignores_events_of_another_run) {
  DeliveryWorld w;
  auto s = whole();
  sse::Envelope old{the_run + 1, 0, 13, at(0ms), sse::EnvelopeKind::normal};
  s.add(1, 5s, fact::Event{"message", "", false, "sg1", old});
  EXPECT_EQ(w.judge("delivery.no-duplicate", s), Verdict::pass);
}

// --- resume ---

/// Leaves after 10 events, misses `missed`, comes back and is replayed from `replay_from` on.
Story back_after(int missed, std::uint64_t replay_from) {
  Story s;
  s.open(0, 0ms);
  publish(s, 1, 40);
  deliver(s, 0, 1, 10);
  const auto back = second + 100ms + missed * 10ms;
  s.close(0, 1105ms).reopen(0, back);
  for (auto seq = replay_from; seq <= 40; ++seq) {
    const auto intended = second + static_cast<int>(seq - 1) * 10ms;
    s.event(0, std::max<Duration>(back, intended) + 1ms, seq, intended);
  }
  return s;
}

TEST(DeliveryResume, passes_exact_continuation_and_fails_loss_and_repetition) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 11)), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 12)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 16)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 10)), Verdict::fail);
  EXPECT_THAT(w.finding("delivery.resume", back_after(5, 10)).reason, HasSubstr("1 came twice"));
}

TEST(DeliveryResume, counts_what_the_replay_holds_from_the_newest_event_not_from_the_gap) {
  DeliveryWorld w;  // the replay holds 10: of 20 that were missed, the last 10
  for (const auto* id : {"delivery.resume", "delivery.no-loss"}) {
    EXPECT_EQ(w.judge(id, back_after(20, 21)), Verdict::pass) << id;
    EXPECT_EQ(w.judge(id, back_after(12, 15)), Verdict::fail) << id;
  }
}

TEST(DeliveryResume, expects_no_more_bytes_than_the_replay_holds) {
  DeliveryWorld w;  // the largest event has 100 bytes, and 256 are reckoned for the rest
  w.contract.replay->bytes_max = 5 * 356;
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 16)), Verdict::fail);
  w.contract.replay->bytes_max = 5 * 356 - 1;
  auto s = back_after(5, 16);
  EXPECT_NE(w.judge("delivery.resume", s), Verdict::fail);
  EXPECT_NE(w.judge("delivery.no-loss", s.close(0, 9s)), Verdict::fail);
}

TEST(DeliveryResume, fails_a_loss_and_a_repetition_at_the_hand_over_from_replay_to_live) {
  DeliveryWorld w;
  for (const int step : {-1, 0, 1}) {  // again, right, lost
    Story s;
    s.open(0, 0ms);
    publish(s, 1, 40);
    deliver(s, 0, 1, 10);
    s.close(0, 1105ms).reopen(0, 1150ms);
    for (std::uint64_t seq = 11; seq <= 15; ++seq) {
      s.event(0, 1151ms, seq, second + static_cast<int>(seq - 1) * 10ms);
    }
    for (auto seq = static_cast<std::uint64_t>(16 + step); seq <= 40; ++seq) {
      s.event(0, 1152ms + static_cast<int>(seq) * 10ms, seq, 1151ms + static_cast<int>(seq) * 10ms);
    }
    EXPECT_EQ(w.judge("delivery.resume", s), step == 0 ? Verdict::pass : Verdict::fail) << step;
    EXPECT_EQ(w.judge("delivery.no-duplicate", s), step < 0 ? Verdict::fail : Verdict::pass);
    EXPECT_EQ(w.judge("delivery.no-loss", s.close(0, 9s)),
              step > 0 ? Verdict::fail : Verdict::pass);
  }
}

TEST(DeliveryResume, does_not_call_lost_what_live_events_have_overtaken) {
  DeliveryWorld w;
  Story s;
  s.open(0, 0ms);
  publish(s, 1, 20);
  deliver(s, 0, 1, 10);
  s.close(0, 1105ms).reopen(0, 1145ms);
  s.event(0, 1151ms, 16, 1150ms);  // live, before the replay
  for (std::uint64_t seq = 11; seq <= 15; ++seq) s.event(0, 1152ms, seq, 1140ms);
  EXPECT_EQ(w.judge("delivery.resume", s), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.in-order", s), Verdict::fail);
}

TEST(DeliveryResume, fails_everything_given_again) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.resume", back_after(5, 1)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.no-duplicate", back_after(5, 1)), Verdict::fail);
}

TEST(DeliveryResume, fails_events_without_an_id_that_left_nobody_able_to_resume) {
  DeliveryWorld w;
  Story s;
  s.open(0, 0ms);
  publish(s, 1, 10);
  deliver(s, 0, 1, 10);
  s.close(0, 1200ms);
  EXPECT_EQ(w.judge("delivery.resume", s), Verdict::inconclusive);  // nobody has come back
  s.reopen(0, 1300ms, 2, false);
  EXPECT_EQ(w.judge("delivery.resume", s), Verdict::fail);
  EXPECT_THAT(w.finding("delivery.resume", s).reason, HasSubstr("send an id"));
}

TEST(DeliveryResume, judges_up_to_the_replays_bound) {
  DeliveryWorld w;  // 10 events
  EXPECT_EQ(w.judge("delivery.resume", back_after(10, 21)), Verdict::fail);
  EXPECT_NE(w.judge("delivery.resume", back_after(11, 22)), Verdict::fail);
}

TEST(DeliveryResume, is_inconclusive_when_nothing_was_missed_or_nobody_came_back) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.resume", whole()), Verdict::inconclusive);
  Story s;
  s.open(0, 0ms).published(1s, 1).event(0, 1001ms, 1).close(0, 1100ms).reopen(0, 1200ms);
  s.published(1300ms, 2).event(0, 1301ms, 2);
  EXPECT_EQ(w.judge("delivery.resume", s), Verdict::inconclusive);
}

// --- latency and skew ---

Story delayed(Duration delay, int slow_of_100, int count = 1000) {
  Story s;
  s.open(0, 0ms).open(1, 0ms);
  for (int i = 0; i < count; ++i) {
    const auto sent = second + i * 10ms;
    const auto seq = static_cast<std::uint64_t>(i) + 1;
    s.published(sent, seq);
    s.event(0, sent + 1ms, seq, sent);
    s.event(1, sent + (i % 100 < slow_of_100 ? delay : 1ms), seq, sent);
  }
  return s;
}

TEST(DeliveryLatency, passes_at_the_widened_bound_and_fails_above) {
  DeliveryWorld w;  // 50 ms, widened by 2 * 1 ms + 2 ms; the histogram keeps three digits
  EXPECT_EQ(w.judge("delivery.latency", delayed(53900us, 10)), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.latency", delayed(54200us, 10)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.latency", delayed(5s, 1)), Verdict::pass);  // half a percent
}

TEST(DeliveryLatency, is_inconclusive_under_noise_or_behind_a_late_publisher) {
  DeliveryWorld w;
  w.noise.lag_max = 100ms;
  EXPECT_EQ(w.judge("delivery.latency", delayed(80ms, 10)), Verdict::inconclusive);
  w.noise.lag_max = 1ms;
  w.noise.generator_saturated = true;
  EXPECT_EQ(w.judge("delivery.latency", delayed(80ms, 10)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("delivery.latency", delayed(20ms, 10)), Verdict::pass);
  w.noise = Noise{};
  EXPECT_EQ(w.judge("delivery.latency", delayed(80ms, 10)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("delivery.latency", delayed(1ms, 0, 20)), Verdict::inconclusive);
}

TEST(DeliveryLatency, does_not_pass_a_slow_target_because_the_machine_is_slower_still) {
  DeliveryWorld w;  // 50 ms
  w.noise.lag_p99 = w.noise.lag_max = 51ms;
  EXPECT_EQ(w.judge("delivery.latency", delayed(80ms, 10)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("delivery.latency", delayed(50ms, 10)), Verdict::pass);
  w.noise.lag_p99 = w.noise.lag_max = 20ms;  // widened by 42 ms
  EXPECT_EQ(w.judge("delivery.latency", delayed(80ms, 10)), Verdict::pass);
}

TEST(DeliveryLatency, leaves_out_replay_freezes_and_stopped_readers) {
  DeliveryWorld w;
  auto s = delayed(1ms, 0);
  s.close(0, 20s).reopen(0, 22s);
  for (std::uint64_t seq = 2000; seq < 2100; ++seq) s.event(0, 22s, seq, 21s);
  s.stop(1, 20s);
  for (std::uint64_t seq = 2000; seq < 2100; ++seq) s.event(1, 30s, seq, 21s);
  s.open(2, 30s).freeze(31s).thaw(33s);
  for (std::uint64_t seq = 3000; seq < 3100; ++seq) s.event(2, 33s, seq, 32s);
  EXPECT_EQ(w.judge("delivery.latency", s), Verdict::pass);
}

TEST(DeliverySkew, judges_the_median_between_first_and_last) {
  DeliveryWorld w;  // 20 ms + 4 ms
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(24ms, 100)), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(27ms, 100)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(1s, 40)), Verdict::pass);
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(1s, 100, 10)), Verdict::inconclusive);
}

TEST(DeliverySkew, samples_ever_more_thinly_instead_of_growing) {
  DeliveryWorld w;
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(27ms, 100, 5000)), Verdict::fail);
  EXPECT_EQ(w.judge("delivery.first-last-skew", delayed(5ms, 100, 5000)), Verdict::pass);
}

}  // namespace
}  // namespace streamgauge
