#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

/// liveness 2 s, header_timeout 1 s, heartbeats every 500 ms; fallback after 3 failures for 3 s.
struct StallWorld : World {
  StallWorld() {
    heartbeat(500ms);
    contract.client = ClientTerms{};
    contract.client->liveness = 2s;
    contract.client->header_timeout = 1s;
    contract.client->fallback_after = 3;
    contract.client->fallback_for = 3s;
    contract.eviction = EvictionTerms{};
    contract.eviction->stalled_after = 2s;
    scenario.groups[0].policy.from_contract = true;
  }
};

Story& beats(Story& s, StreamId stream, Duration from, Duration to) {
  for (auto when = from + 500ms; when < to; when += 500ms) s.comment(stream, when, "heartbeat");
  return s;
}

Story deaf_in_mid_stream(std::optional<Duration> closed) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  beats(s, 0, 0ms, 3s).add(0, 3s, fact::Deafened{});
  if (closed) s.close(0, *closed, Ending::silent);
  s.phase(20s, 3);
  return s;
}

TEST(StallDetected, passes_a_client_that_leaves_a_silent_stream_in_time) {
  const StallWorld w;
  EXPECT_EQ(w.judge("stall.detected-within", deaf_in_mid_stream(5s)), Verdict::pass);
}

TEST(StallDetected, judges_the_bound_below_and_above) {
  const StallWorld w;  // 2 s and a quarter, and 4 ms of noise
  EXPECT_EQ(w.judge("stall.detected-within", deaf_in_mid_stream(5503ms)), Verdict::pass);
  EXPECT_EQ(w.judge("stall.detected-within", deaf_in_mid_stream(5510ms)), Verdict::fail);
}

TEST(StallDetected, fails_a_client_that_never_notices_and_cannot_tell_on_a_noisy_machine) {
  StallWorld w;
  const auto s = deaf_in_mid_stream(std::nullopt);
  EXPECT_EQ(w.judge("stall.detected-within", s), Verdict::fail);
  EXPECT_THAT(w.finding("stall.detected-within", s).reason, HasSubstr("middle of a stream"));
  w.noise.lag_max = 600ms;
  EXPECT_EQ(w.judge("stall.detected-within", s), Verdict::inconclusive);
}

TEST(StallDetected, leaves_clients_without_such_a_deadline_alone) {
  StallWorld w;
  w.scenario.groups[0].policy = PolicySpec{};
  EXPECT_EQ(w.judge("stall.detected-within", deaf_in_mid_stream(std::nullopt)),
            Verdict::inconclusive);
  w.contract.client->liveness.reset();
  EXPECT_EQ(w.judge("stall.detected-within", deaf_in_mid_stream(5s)), Verdict::skip);
}

TEST(StallAfterPreamble, is_told_from_a_stall_in_mid_stream) {
  const StallWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).comment(0, 1ms, "connected").add(0, 2ms, fact::Deafened{});
  s.phase(20s, 3);
  EXPECT_EQ(w.judge("stall.after-preamble", s), Verdict::fail);
  EXPECT_THAT(w.finding("stall.after-preamble", s).reason, HasSubstr("a preamble proves nothing"));
  EXPECT_EQ(w.judge("stall.detected-within", s), Verdict::inconclusive);
  Story seen;
  seen.phase(0ms, 0).open(0, 0ms).add(0, 2ms, fact::Deafened{});
  seen.close(0, 2100ms, Ending::silent).phase(20s, 3);
  EXPECT_EQ(w.judge("stall.after-preamble", seen), Verdict::pass);
  EXPECT_EQ(w.judge("stall.after-preamble", deaf_in_mid_stream(5s)), Verdict::inconclusive);
}

/// A path that somebody else made silent, which no record tells of.
Story unannounced(Duration closed, Ending ending) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  beats(s, 0, 0ms, 3s).close(0, closed, ending).phase(20s, 3);
  return s;
}

TEST(StallDetected, takes_a_silence_that_nobody_announced_as_evidence_for_the_client_only) {
  const StallWorld w;
  const auto id = "stall.detected-within";
  EXPECT_EQ(w.judge(id, unannounced(4500ms, Ending::silent)), Verdict::pass);
  EXPECT_EQ(w.judge(id, unannounced(9s, Ending::silent)), Verdict::inconclusive);
  EXPECT_EQ(w.judge(id, unannounced(4500ms, Ending::reset)), Verdict::inconclusive);
  auto unanswered = Story();
  unanswered.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).close(0, 1s, Ending::timed_out);
  unanswered.phase(20s, 3);
  EXPECT_EQ(w.judge("stall.before-headers", unanswered), Verdict::pass);
  EXPECT_EQ(w.judge(id, unanswered), Verdict::inconclusive);
  auto behind_preamble = Story();
  behind_preamble.phase(0ms, 0).open(0, 0ms).comment(0, 1ms, "connected");
  behind_preamble.close(0, 2s, Ending::silent).phase(20s, 3);
  EXPECT_EQ(w.judge("stall.after-preamble", behind_preamble), Verdict::pass);
  EXPECT_EQ(w.judge(id, behind_preamble), Verdict::inconclusive);
}

TEST(StallBeforeHeaders, fails_who_waits_for_ever_for_a_head) {
  const StallWorld w;
  for (const bool gives_up : {true, false}) {
    Story s;
    s.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).add(0, 0ms, fact::Deafened{});
    if (gives_up) s.close(0, 1010ms, Ending::timed_out);
    s.phase(20s, 3);
    const auto verdict = gives_up ? Verdict::pass : Verdict::fail;
    EXPECT_EQ(w.judge("stall.before-headers", s), verdict);
    EXPECT_EQ(w.judge("buffering.detected-by-client", s), verdict);
  }
}

TEST(HeadWithheld, concerns_paths_that_are_not_known_to_be_silent_as_well) {
  const StallWorld w;
  Story s;
  s.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).head(0, 5s).phase(20s, 3);
  EXPECT_EQ(w.judge("buffering.detected-by-client", s), Verdict::fail);
  EXPECT_EQ(w.judge("stall.before-headers", s), Verdict::inconclusive);
  Story prompt;
  prompt.phase(0ms, 0).open(0, 1ms).phase(20s, 3);
  EXPECT_EQ(w.judge("buffering.detected-by-client", prompt), Verdict::inconclusive);
}

TEST(StallFalseAlarm, passes_idle_streams_that_heartbeats_keep_alive) {
  const StallWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  beats(s, 0, 0ms, 5s);
  beats(s, 1, 0ms, 5s);
  s.phase(5s, 3).close(0, 5s).close(1, 5s);
  EXPECT_EQ(w.judge("stall.no-false-alarm", s), Verdict::pass);
}

TEST(StallFalseAlarm, needs_idle_streams_for_long_enough) {
  const StallWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  beats(s, 0, 0ms, 2s).phase(2s, 3);
  EXPECT_EQ(w.judge("stall.no-false-alarm", s), Verdict::inconclusive);
}

TEST(StallFalseAlarm, names_the_client_or_the_target_by_the_silence_before) {
  StallWorld w;
  Story hasty;
  hasty.phase(0ms, 0).open(0, 0ms);
  beats(hasty, 0, 0ms, 4s).close(0, 4s, Ending::silent).phase(9s, 3);
  EXPECT_EQ(w.judge("stall.no-false-alarm", hasty), Verdict::fail);
  EXPECT_THAT(w.finding("stall.no-false-alarm", hasty).reason, HasSubstr("comments included"));
  Story starved;
  starved.phase(0ms, 0).open(0, 0ms).close(0, 2010ms, Ending::silent).phase(9s, 3);
  EXPECT_EQ(w.judge("stall.no-false-alarm", starved), Verdict::fail);
  EXPECT_THAT(w.finding("stall.no-false-alarm", starved).reason, HasSubstr("no heartbeat came"));
  w.contract.heartbeat->every = 3s;
  EXPECT_THAT(w.finding("stall.no-false-alarm", starved).reason, HasSubstr("leaves no room"));
  w.contract.heartbeat->every = 500ms;
  w.noise.lag_max = 1500ms;
  EXPECT_EQ(w.judge("stall.no-false-alarm", starved), Verdict::inconclusive);
}

TEST(StallFalseAlarm, excuses_silence_that_the_harness_made) {
  const StallWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms).open(2, 0ms);
  s.add(0, 100ms, fact::Deafened{}).close(0, 2200ms, Ending::silent);
  s.freeze(3s).close(1, 5s, Ending::silent).thaw(6s);
  s.add(no_stream, 7s, fact::TargetChanged{TargetEvent::killed, 0, ""});
  s.close(2, 9s, Ending::silent).phase(20s, 3);
  EXPECT_EQ(w.finding("stall.no-false-alarm", s).counts.at(0).second, 0u);
}

Story failures(int times, bool falls, bool served) {
  Story s;
  s.phase(0ms, 0).join(0, 0ms);
  for (int i = 0; i < times; ++i) {
    s.connect(0, i * 2s, static_cast<std::uint32_t>(i) + 1).add(0, i * 2s, fact::Deafened{});
    s.close(0, i * 2s + 1s, Ending::timed_out);
  }
  if (falls) s.add(0, times * 2s, fact::FellBack{true});
  s.connect(0, times * 2s, static_cast<std::uint32_t>(times) + 1);
  if (served) s.head(0, times * 2s + 1ms);
  return s;
}

TEST(StallFallsBack, passes_who_uses_the_fallback_after_the_stated_failures) {
  const StallWorld w;
  auto s = failures(3, true, true);
  s.phase(20s, 3);
  EXPECT_EQ(w.judge("stall.falls-back", s), Verdict::pass);
}

TEST(StallFallsBack, counts_connections_that_the_path_cuts_before_their_head) {
  const StallWorld w;
  for (const auto& [falls, verdict] : {std::pair{true, Verdict::pass}, {false, Verdict::fail}}) {
    Story s;
    s.phase(0ms, 0).join(0, 0ms);
    for (std::uint32_t i = 0; i < 3; ++i) {
      s.connect(0, i * 2s, i + 1).add(0, i * 2s, fact::Deafened{});
      s.add(0, i * 2s + 1s, fact::Aborted{AbortKind::reset}).close(0, i * 2s + 1s, Ending::local);
    }
    if (falls) s.add(0, 5s, fact::FellBack{true});
    s.connect(0, 6s, 4).head(0, 6001ms).phase(20s, 3);
    EXPECT_EQ(w.judge("stall.falls-back", s), verdict) << falls;
  }
}

TEST(StallFallsBack, fails_who_stays_who_falls_too_early_and_who_is_not_served_there) {
  const StallWorld w;
  for (const auto& [s, cause] : {std::pair{failures(3, false, true), "tried their own address"},
                                 std::pair{failures(1, true, true), "before they had failed"},
                                 std::pair{failures(3, true, false), "no open stream there"}}) {
    Story whole;
    for (const auto& record : s.records()) {
      whole.add(record.stream, record.at - at(0ms), record.fact);
    }
    whole.phase(20s, 3);
    EXPECT_EQ(w.judge("stall.falls-back", whole), Verdict::fail) << cause;
    EXPECT_THAT(w.finding("stall.falls-back", whole).reason, HasSubstr(cause));
  }
}

TEST(StallFallsBack, needs_that_many_failures) {
  const StallWorld w;
  auto s = failures(2, false, true);
  s.phase(20s, 3);
  EXPECT_EQ(w.judge("stall.falls-back", s), Verdict::inconclusive);
}

TEST(StallReturns, passes_who_is_back_on_its_own_address) {
  const StallWorld w;
  auto s = failures(3, true, true);
  s.close(0, 9s).add(0, 9s, fact::FellBack{false}).reopen(0, 9s, 5).phase(20s, 3).close(0, 20s);
  EXPECT_EQ(w.judge("stall.returns", s), Verdict::pass);
}

TEST(StallReturns, fails_who_stays_on_the_fallback_gives_up_or_never_connects_again) {
  const StallWorld w;
  auto there = failures(3, true, true);
  there.phase(20s, 3);
  EXPECT_EQ(w.judge("stall.returns", there), Verdict::fail);
  EXPECT_THAT(w.finding("stall.returns", there).reason, HasSubstr("stayed on their fallback"));
  auto gone = deaf_in_mid_stream(5s);
  EXPECT_EQ(w.judge("stall.returns", gone), Verdict::fail);
  Story soon;
  soon.phase(0ms, 0).open(0, 0ms).add(0, 1s, fact::Deafened{}).close(0, 3s, Ending::silent);
  soon.add(0, 3s, fact::ReconnectScheduled{2s}).phase(4s, 3);
  EXPECT_EQ(w.judge("stall.returns", soon), Verdict::inconclusive);
}

TEST(StallNoticed, counts_from_the_vanishing_over_a_heartbeat_and_the_eviction) {
  const StallWorld w;  // 500 ms + 2 s, a quarter of each, 250 ms to look, 4 ms of noise
  for (const auto& [gone, verdict] : {std::pair{4370ms, Verdict::pass}, {4385ms, Verdict::fail}}) {
    Story s;
    s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
    s.add(0, 1s, fact::Aborted{AbortKind::vanish}).gone(0, gone).close(0, gone).phase(20s, 3);
    EXPECT_EQ(w.judge("stall.noticed-within", s), verdict) << gone.count();
  }
}

TEST(StallNoticed, fails_a_target_that_keeps_who_vanished_unless_it_cannot_be_seen) {
  StallWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).add(0, 1s, fact::Aborted{AbortKind::vanish}).phase(20s, 3);
  s.close(0, 20s);
  EXPECT_EQ(w.judge("stall.noticed-within", s), Verdict::fail);
  w.target.spawn.reset();
  w.target.url = "https://sse.example.org";
  EXPECT_EQ(w.judge("stall.noticed-within", s), Verdict::inconclusive);
}

TEST(StallNoticed, proves_nothing_by_who_left_the_silent_path_before) {
  const StallWorld w;
  EXPECT_EQ(w.judge("stall.noticed-within", deaf_in_mid_stream(5s)), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
