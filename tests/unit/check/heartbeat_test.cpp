#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

/// Every 100 ms, margin 25 ms, widening 4 ms: a silence fails above 129 ms.
struct BeatWorld : World {
  BeatWorld() { heartbeat(100ms); }
};

/// Heartbeats of stream `id` from `from` on, `count` of them, every `gap`.
void beats(Story& s, StreamId id, Duration from, int count, Duration gap = 100ms) {
  for (int i = 0; i < count; ++i) s.comment(id, from + i * gap, " heartbeat");
}

Story steady(int count = 8, std::uint16_t channel = 0) {
  Story s;
  s.open(0, 0ms, 0, channel);
  beats(s, 0, 100ms, count);
  return s;
}

// --- cadence ---

TEST(HeartbeatCadence, passes_a_steady_beat) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().close(0, 850ms)), Verdict::pass);
}

TEST(HeartbeatCadence, is_inconclusive_with_fewer_than_three_gaps) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.cadence", steady(3).close(0, 350ms)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.cadence", steady(4).close(0, 450ms)), Verdict::pass);
}

TEST(HeartbeatCadence, passes_a_gap_at_the_widened_bound_and_fails_above) {
  BeatWorld w;
  for (const auto& [gap, verdict] : {std::pair{129ms, Verdict::pass}, {130ms, Verdict::fail}}) {
    auto s = steady();
    beats(s, 0, 800ms + gap, 3);
    EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 1150ms)), verdict) << gap.count();
  }
}

TEST(HeartbeatCadence, fails_when_heartbeats_just_stop) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().close(0, 929ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().close(0, 930ms)), Verdict::fail);
  // Also when nobody has closed the stream: the run is over.
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().phase(2s, 3)), Verdict::fail);
}

TEST(HeartbeatCadence, fails_when_there_is_no_heartbeat_at_all) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.cadence", Story{}.open(0, 0ms).close(0, 2s)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.cadence", Story{}.open(0, 0ms, 0, 1).close(0, 2s)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.cadence", Story{}.open(0, 0ms).close(0, 150ms)),
            Verdict::inconclusive);
}

TEST(HeartbeatCadence, leaves_a_mute_empty_stream_to_the_check_for_empty_streams) {
  BeatWorld w;
  auto s = steady();
  s.open(1, 0ms, 0, 1).close(1, 850ms).close(0, 850ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", s), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", s), Verdict::fail);
}

TEST(HeartbeatCadence, does_not_count_a_silence_that_an_event_has_broken) {
  BeatWorld w;
  w.contract.heartbeat->under_traffic = HeartbeatUnderTraffic::reset;
  auto s = steady();
  s.event(0, 890ms, 1);
  beats(s, 0, 990ms, 3);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 1200ms)), Verdict::pass);
}

TEST(HeartbeatCadence, fails_heartbeats_that_come_much_too_often) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  beats(s, 0, 50ms, 20, 50ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 1060ms)), Verdict::fail);
}

TEST(HeartbeatCadence, is_inconclusive_when_the_lag_exceeds_the_margin) {
  BeatWorld w;
  auto missed = steady();
  missed.close(0, 1000ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", missed), Verdict::fail);
  w.noise.lag_max = 30ms;
  EXPECT_EQ(w.judge("heartbeat.cadence", missed), Verdict::inconclusive);
  EXPECT_THAT(w.finding("heartbeat.cadence", missed).reason, HasSubstr("30 ms"));
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().close(0, 850ms)), Verdict::pass);
  w.noise = Noise{};
  EXPECT_EQ(w.judge("heartbeat.cadence", missed), Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.cadence", steady().close(0, 850ms)), Verdict::pass);
}

TEST(HeartbeatCadence, never_fails_what_is_beyond_the_bound_while_the_lag_exceeds_the_margin) {
  BeatWorld w;
  auto silent = steady();
  silent.close(0, 60s);
  w.noise.lag_max = 25ms;  // at the margin
  EXPECT_EQ(w.judge("heartbeat.cadence", silent), Verdict::fail);
  w.noise.lag_max = 26ms;
  EXPECT_EQ(w.judge("heartbeat.cadence", silent), Verdict::inconclusive);
}

TEST(HeartbeatCadence, fails_a_heartbeat_in_every_second_period_only) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  beats(s, 0, 200ms, 6, 200ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 1250ms)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.no-burst", s), Verdict::pass);
}

TEST(HeartbeatCadence, fails_heartbeats_that_never_come_back_after_traffic_as_under_traffic_does) {
  BeatWorld w;
  auto s = steady();
  for (int i = 0; i < 20; ++i) s.event(0, 810ms + i * 20ms, static_cast<std::uint64_t>(i) + 1);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 1500ms)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.under-traffic", s), Verdict::fail);
}

TEST(HeartbeatCadence, blames_noise_for_beats_that_come_too_often_when_the_usual_lag_is_large) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  beats(s, 0, 20ms, 40, 20ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 825ms)), Verdict::fail);
  w.noise.lag_p99 = w.noise.lag_max = 26ms;
  EXPECT_EQ(w.judge("heartbeat.cadence", s), Verdict::inconclusive);
}

TEST(HeartbeatCadence, does_not_judge_a_freeze_but_what_follows_a_period_later) {
  BeatWorld w;
  auto back = steady();
  back.freeze(820ms).thaw(1300ms);
  beats(back, 0, 1301ms, 1);
  beats(back, 0, 1400ms, 4);
  EXPECT_EQ(w.judge("heartbeat.cadence", back.close(0, 1750ms)), Verdict::pass);
  auto never_back = steady();
  never_back.freeze(820ms).thaw(1300ms).close(0, 1700ms);
  EXPECT_EQ(w.judge("heartbeat.cadence", never_back), Verdict::fail);
}

TEST(HeartbeatCadence, does_not_judge_readers_that_stop) {
  BeatWorld w;
  auto s = steady();
  s.stop(0, 820ms).resume(0, 3s);
  beats(s, 0, 3s, 22, 0ms);
  beats(s, 0, 3100ms, 5);
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 3550ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.no-burst", s), Verdict::pass);
}

TEST(HeartbeatCadence, takes_only_the_stated_form_for_a_heartbeat) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= 8; ++i) s.comment(0, i * 100ms, "something else");
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 850ms)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.form", s), Verdict::fail);
}

TEST(HeartbeatCadence, reads_heartbeats_that_are_events) {
  BeatWorld w;
  w.contract.heartbeat->form = HeartbeatForm::event;
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= 8; ++i) s.plain(0, i * 100ms, "heartbeat", "{}");
  EXPECT_EQ(w.judge("heartbeat.cadence", s.close(0, 850ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.form", s), Verdict::pass);
}

// --- first-within ---

TEST(HeartbeatFirstWithin, passes_at_the_widened_bound_and_fails_above) {
  BeatWorld w;
  w.contract.heartbeat->first_within = 200ms;  // 200 + 25 + 4
  for (const auto& [first, verdict] : {std::pair{229ms, Verdict::pass}, {230ms, Verdict::fail}}) {
    Story s;
    s.open(0, 0ms);
    beats(s, 0, first, 3);
    EXPECT_EQ(w.judge("heartbeat.first-within", s.close(0, 500ms)), verdict) << first.count();
  }
}

TEST(HeartbeatFirstWithin, fails_when_it_never_comes_and_waits_for_long_enough) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.first-within", Story{}.open(0, 0ms).close(0, 130ms)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.first-within", Story{}.open(0, 0ms).close(0, 120ms)),
            Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.first-within", Story{}.open(0, 0ms).phase(1s, 3)), Verdict::fail);
}

TEST(HeartbeatFirstWithin, does_not_take_the_preamble_for_a_heartbeat) {
  BeatWorld w;
  w.contract.preamble = "heartbeat";  // the worst case: the same words
  Story s;
  s.open(0, 0ms).comment(0, 1ms, "heartbeat").close(0, 200ms);
  EXPECT_EQ(w.judge("heartbeat.first-within", s), Verdict::fail);
}

TEST(HeartbeatFirstWithin, judges_each_connection) {
  BeatWorld w;
  auto s = steady();
  s.close(0, 850ms, Ending::eof).reopen(0, 900ms).close(0, 1100ms);
  EXPECT_EQ(w.judge("heartbeat.first-within", s), Verdict::fail);
}

TEST(HeartbeatFirstWithin, says_nothing_where_an_event_has_reset_the_timer) {
  BeatWorld w;
  w.contract.heartbeat->under_traffic = HeartbeatUnderTraffic::reset;
  Story s;
  s.open(0, 0ms).event(0, 90ms, 1).event(0, 180ms, 2);
  beats(s, 0, 280ms, 3);
  EXPECT_EQ(w.judge("heartbeat.first-within", s.close(0, 500ms)), Verdict::inconclusive);
}

// --- no-burst ---

TEST(HeartbeatNoBurst, passes_one_late_heartbeat_and_the_next_on_time_at_any_phase) {
  BeatWorld w;
  for (int phase = 0; phase < 100; phase += 3) {
    auto s = steady();
    s.freeze(810ms).thaw(1200ms + phase * 1ms);
    beats(s, 0, 1200ms + phase * 1ms, 1);  // the overdue tick
    beats(s, 0, 1300ms, 5);                // and the fixed phase goes on
    EXPECT_EQ(w.judge("heartbeat.no-burst", s.close(0, 1750ms)), Verdict::pass) << phase;
  }
}

TEST(HeartbeatNoBurst, fails_three_or_more_at_once) {
  BeatWorld w;
  for (int missed = 3; missed < 6; ++missed) {
    auto s = steady();
    s.freeze(810ms).thaw(1250ms);
    beats(s, 0, 1250ms, missed, 0ms);
    beats(s, 0, 1300ms, 4);
    EXPECT_EQ(w.judge("heartbeat.no-burst", s.close(0, 1650ms)), Verdict::fail) << missed;
  }
}

TEST(HeartbeatNoBurst, judges_three_within_a_period_less_its_tolerance_or_half_of_it_under_lag) {
  struct Case {
    Duration third, lag_max;
    Verdict verdict;
  };
  for (const auto& [third, lag_max, verdict] : {Case{74ms, 1ms, Verdict::fail},
                                                {75ms, 1ms, Verdict::pass},
                                                {74ms, 11ms, Verdict::fail},  // widened by 24 ms
                                                {74ms, 12ms, Verdict::pass},
                                                {49ms, 12ms, Verdict::fail},
                                                {50ms, 12ms, Verdict::pass}}) {
    BeatWorld w;
    w.noise.lag_max = lag_max;
    auto s = steady();
    s.comment(0, 815ms, "heartbeat").comment(0, 800ms + third, "heartbeat");
    EXPECT_EQ(w.judge("heartbeat.no-burst", s.close(0, 900ms)), verdict) << third.count();
  }
}

TEST(HeartbeatNoBurst, finds_exactly_two_that_were_flushed_by_the_one_that_follows_on_time) {
  BeatWorld w;
  for (const auto& [next, verdict] : {std::pair{60ms, Verdict::fail}, {90ms, Verdict::pass}}) {
    auto s = steady();
    s.freeze(810ms).thaw(1300ms - next);
    beats(s, 0, 1300ms - next, 2, 0ms);  // two of the missed ticks
    beats(s, 0, 1300ms, 4);              // and the phase goes on
    EXPECT_EQ(w.judge("heartbeat.no-burst", s.close(0, 1650ms)), verdict) << next.count();
  }
}

TEST(HeartbeatNoBurst, fails_heartbeats_sent_twice) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= 6; ++i) beats(s, 0, i * 100ms, 2, 1ms);
  EXPECT_EQ(w.judge("heartbeat.no-burst", s.close(0, 650ms)), Verdict::fail);
}

TEST(HeartbeatNoBurst, is_inconclusive_when_the_harness_itself_slept_or_saw_too_little) {
  BeatWorld w;
  auto s = steady();
  beats(s, 0, 1250ms, 4, 0ms);
  s.close(0, 1300ms);
  w.noise.lag_max = 400ms;
  EXPECT_EQ(w.judge("heartbeat.no-burst", s), Verdict::inconclusive);
  w.noise = Noise{};
  EXPECT_EQ(w.judge("heartbeat.no-burst", s), Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.no-burst", steady(3)), Verdict::inconclusive);
}

// --- on-empty-stream ---

TEST(HeartbeatOnEmptyStream, passes_fails_and_needs_such_a_stream) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", steady(8, 1).close(0, 850ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", steady(8, 1).close(0, 1000ms)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", Story{}.open(0, 0ms, 0, 1).close(0, 500ms)),
            Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", steady(8, 0).close(0, 1000ms)),
            Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", steady(2, 1).close(0, 250ms)),
            Verdict::inconclusive);
}

TEST(HeartbeatOnEmptyStream, is_not_judged_where_the_contract_excludes_it) {
  BeatWorld w;
  w.contract.heartbeat->on_empty_stream = false;
  EXPECT_EQ(w.judge("heartbeat.on-empty-stream", steady()), Verdict::skip);
}

// --- under-traffic ---

/// Events every 20 ms for a second, with or without heartbeats among them.
Story traffic(bool heartbeats) {
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= 50; ++i) {
    s.event(0, i * 20ms, static_cast<std::uint64_t>(i));
    if (heartbeats && i % 5 == 0) s.comment(0, i * 20ms, "heartbeat");
  }
  return s;
}

TEST(HeartbeatUnderTraffic, fixed_demands_heartbeats_among_events) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.under-traffic", traffic(true).close(0, 1020ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.under-traffic", traffic(false).close(0, 1020ms)), Verdict::fail);
}

TEST(HeartbeatUnderTraffic, reset_demands_that_no_silence_follows_an_event) {
  BeatWorld w;
  w.contract.heartbeat->under_traffic = HeartbeatUnderTraffic::reset;
  EXPECT_EQ(w.judge("heartbeat.under-traffic", traffic(false).close(0, 1020ms)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.under-traffic", traffic(false).close(0, 1300ms)), Verdict::fail);
  auto s = traffic(false);
  beats(s, 0, 1100ms, 3);
  EXPECT_EQ(w.judge("heartbeat.under-traffic", s.close(0, 1320ms)), Verdict::pass);
}

TEST(HeartbeatUnderTraffic, needs_traffic_without_a_pause_for_three_periods) {
  BeatWorld w;
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= 10; ++i) s.event(0, i * 20ms, static_cast<std::uint64_t>(i));
  beats(s, 0, 200ms, 3);
  EXPECT_EQ(w.judge("heartbeat.under-traffic", s.close(0, 450ms)), Verdict::inconclusive);
}

// --- form ---

TEST(HeartbeatForm, wants_the_stated_text) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.form", steady()), Verdict::pass);
  auto with_others = steady();
  with_others.comment(0, 900ms, "debug");
  EXPECT_EQ(w.judge("heartbeat.form", with_others), Verdict::pass);
  w.contract.heartbeat->text = "keepalive";
  EXPECT_EQ(w.judge("heartbeat.form", steady()), Verdict::fail);
  w.contract.heartbeat->text.clear();
  EXPECT_EQ(w.judge("heartbeat.form", steady()), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.form", Story{}.open(0, 0ms)), Verdict::inconclusive);
}

TEST(HeartbeatForm, fails_heartbeat_events_where_comments_are_stated) {
  BeatWorld w;
  auto s = steady();
  s.plain(0, 900ms, "heartbeat", "{}");
  EXPECT_EQ(w.judge("heartbeat.form", s), Verdict::fail);
}

/// `n` events of one type without an envelope, one each `gap`, from the first on.
Story ticks(Duration gap, int n, std::string_view type = "message") {
  Story s;
  s.open(0, 0ms);
  for (int i = 1; i <= n; ++i) s.plain(0, i * gap, type, "{}");
  return s;
}

TEST(HeartbeatForm, fails_what_keeps_the_beat_in_place_of_the_stated_form) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.form", ticks(100ms, 3)), Verdict::fail);
  EXPECT_THAT(w.finding("heartbeat.form", ticks(100ms, 3)).reason,
              HasSubstr("event of type 'message'"));
  EXPECT_EQ(w.judge("heartbeat.form", ticks(120ms, 3, "tick")), Verdict::fail);
  auto elsewhere_right = ticks(100ms, 4);
  elsewhere_right.open(1, 0ms);
  beats(elsewhere_right, 1, 100ms, 4);
  EXPECT_EQ(w.judge("heartbeat.form", elsewhere_right), Verdict::fail);
  w.contract.heartbeat->form = HeartbeatForm::event;
  w.contract.heartbeat->text = "tick";
  EXPECT_EQ(w.judge("heartbeat.form", ticks(100ms, 3)), Verdict::fail);
  EXPECT_EQ(w.judge("heartbeat.form", ticks(100ms, 3, "tick")), Verdict::pass);
}

TEST(HeartbeatForm, does_not_take_other_events_for_heartbeats) {
  BeatWorld w;
  EXPECT_EQ(w.judge("heartbeat.form", ticks(100ms, 2)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("heartbeat.form", ticks(50ms, 8)), Verdict::inconclusive);
  Story both;  // a page's own, with heartbeats among them
  both.open(0, 0ms);
  for (int i = 1; i <= 6; ++i) {
    both.comment(0, i * 100ms, "heartbeat").plain(0, i * 100ms + 20ms, "message", "{}");
  }
  EXPECT_EQ(w.judge("heartbeat.form", both), Verdict::pass);
  Story published;
  published.open(0, 0ms);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    published.event(0, static_cast<int>(i) * 100ms, i)
        .plain(0, static_cast<int>(i) * 100ms + 1ms, "message", "{}");
  }
  EXPECT_EQ(w.judge("heartbeat.form", published), Verdict::inconclusive);
  w.contract.first_event = "welcome";
  w.contract.queue = QueueTerms{};
  w.contract.queue->lag_event = "lag";
  w.contract.replay = ReplayTerms{};
  w.contract.replay->too_old_event = "reset";
  for (const auto* type : {"welcome", "lag", "reset"}) {
    EXPECT_EQ(w.judge("heartbeat.form", ticks(100ms, 4, type)), Verdict::inconclusive) << type;
  }
}

TEST(HeartbeatForm, does_not_count_a_beat_over_connections_or_over_a_freeze) {
  BeatWorld w;
  auto s = ticks(100ms, 2);
  s.close(0, 210ms, Ending::eof).reopen(0, 220ms).plain(0, 300ms, "message", "{}");
  EXPECT_EQ(w.judge("heartbeat.form", s), Verdict::inconclusive);
  auto frozen = ticks(100ms, 2);
  frozen.freeze(210ms).thaw(280ms).plain(0, 300ms, "message", "{}");
  EXPECT_EQ(w.judge("heartbeat.form", frozen), Verdict::inconclusive);
}

TEST(HeartbeatForm, does_not_mistake_the_preamble_for_another_form) {
  BeatWorld w;
  w.contract.preamble = "connected";
  Story s;
  s.open(0, 0ms).comment(0, 1ms, " connected");
  EXPECT_EQ(w.judge("heartbeat.form", s), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
