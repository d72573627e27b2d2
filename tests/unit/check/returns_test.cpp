// Readers that come back: for too much, to what is finished, or from having stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

struct ReplayWorld : World {
  explicit ReplayWorld(TooOld too_old) {
    contract.replay = ReplayTerms{};
    contract.replay->events_max = 10;
    contract.replay->too_old = too_old;
    contract.replay->too_old_event = "reset";
  }
};

/// Away after seq 1 while `missed` more are published; back at 5 s.
Story away(int missed) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).published(100ms, 1).event(0, 100ms, 1).close(0, 200ms, Ending::eof);
  for (int i = 0; i < missed; ++i) s.published(1s + i * 10ms, static_cast<std::uint64_t>(i) + 2);
  s.connect(0, 5s, 2, true);
  return s;
}

TEST(TooOldReturn, is_answered_by_the_stated_event) {
  const ReplayWorld w(TooOld::reset_event);
  auto told = away(20);
  told.head(0, 5s).plain(0, 5s, "reset", "").event(0, 5s, 12, 1s).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.resume-too-old", told), Verdict::pass);
  auto silent = away(20);
  silent.head(0, 5s).event(0, 5s, 12, 1s).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.resume-too-old", silent), Verdict::fail);
  EXPECT_THAT(w.finding("delivery.resume-too-old", silent).reason, HasSubstr("silent gap"));
  auto late = away(20);
  late.head(0, 5s).event(0, 5s, 12, 1s).plain(0, 5s, "reset", "").phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.resume-too-old", late), Verdict::fail);
}

TEST(TooOldReturn, may_get_everything_all_the_same) {
  const ReplayWorld w(TooOld::status_410);
  auto s = away(20);
  s.head(0, 5s).event(0, 5s, 2, 1s).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.resume-too-old", s), Verdict::pass);
}

TEST(TooOldReturn, is_answered_by_the_stated_status) {
  const ReplayWorld w(TooOld::status_410);
  for (const auto& [status, verdict] :
       {std::pair{410, Verdict::pass}, {204, Verdict::fail}, {503, Verdict::inconclusive}}) {
    auto s = away(20);
    s.head(0, 5s, status).close(0, 5s, Ending::rejected).phase(9s, 3);
    EXPECT_EQ(w.judge("delivery.resume-too-old", s), verdict) << status;
  }
}

TEST(TooOldReturn, gets_the_replay_from_its_oldest_event_on) {
  const ReplayWorld w(TooOld::from_oldest);
  for (const auto& [first, verdict] : {std::pair{12u, Verdict::pass}, {13u, Verdict::fail}}) {
    auto s = away(20);  // 1 to 21 are published, so 12 to 21 are kept
    s.head(0, 5s).event(0, 5s, first, 1s).phase(9s, 3);
    EXPECT_EQ(w.judge("delivery.resume-too-old", s), verdict) << first;
  }
}

TEST(TooOldReturn, may_get_a_replay_that_moved_on_while_it_connected) {
  const ReplayWorld w(TooOld::from_oldest);
  for (const auto& [first, verdict] : {std::pair{15u, Verdict::pass}, {16u, Verdict::fail}}) {
    auto s = away(20);
    for (std::uint64_t seq = 22; seq <= 24; ++seq) s.published(5100ms, seq);
    s.head(0, 5200ms).event(0, 5300ms, first, 1s).published(6s, 25).phase(9s, 3);
    EXPECT_EQ(w.judge("delivery.resume-too-old", s), verdict) << first;
  }
}

TEST(TooOldReturn, counts_silence_after_the_head_only_once_it_has_lasted) {
  const ReplayWorld w(TooOld::reset_event);
  auto s = away(20);
  s.head(0, 5s).phase(9s, 3).close(0, 9s);
  EXPECT_EQ(w.judge("delivery.resume-too-old", s), Verdict::fail);
  auto brief = away(20);
  brief.head(0, 5s).phase(5500ms, 3).close(0, 5500ms);
  EXPECT_EQ(w.judge("delivery.resume-too-old", brief), Verdict::inconclusive);
}

TEST(TooOldReturn, is_no_return_that_the_replay_still_covers) {
  const ReplayWorld w(TooOld::reset_event);
  auto s = away(10);
  s.head(0, 5s).event(0, 5s, 2, 1s).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.resume-too-old", s), Verdict::inconclusive);
}

struct FinishWorld : World {
  FinishWorld() {
    contract.finished_status = 204;
    target.capabilities.push_back(Capability::finish);
    target.commands["finish"] = CommandSpec{};
    scenario.phases[1].actions.push_back({Span{}, action::Command{"finish", std::nullopt, 1}});
  }
};

Story finished(int status = 200) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms, 0, 1).open(1, 0ms, 0, 0).phase(1s, 1);
  s.add(no_stream, 1s, fact::Commanded{"finish", 0xffff, status, 1ms});
  return s;
}

TEST(Finished, ends_the_streams_and_tells_who_comes_again) {
  const FinishWorld w;
  auto s = finished();
  s.close(0, 1100ms, Ending::complete).connect(0, 2s, 2, true).head(0, 2s, 204);
  s.close(0, 2s, Ending::rejected).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", s), Verdict::pass);
}

TEST(Finished, fails_streams_that_stay_open_are_cut_or_opened_again) {
  const FinishWorld w;
  auto open = finished();
  open.phase(9s, 3).close(0, 9s);
  EXPECT_EQ(w.judge("delivery.finished", open), Verdict::fail);
  EXPECT_THAT(w.finding("delivery.finished", open).reason, HasSubstr("stayed open"));
  auto cut = finished();
  cut.close(0, 1100ms, Ending::truncated).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", cut), Verdict::fail);
  auto again = finished();
  again.close(0, 1100ms, Ending::complete).reopen(0, 4s).close(0, 4s, Ending::complete);
  again.phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", again), Verdict::fail);
  EXPECT_THAT(w.finding("delivery.finished", again).reason, HasSubstr("for ever"));
}

TEST(Finished, fails_a_client_that_does_not_take_it_for_final) {
  const FinishWorld w;
  auto s = finished();
  s.close(0, 1100ms, Ending::complete);
  for (const auto when : {2s, 3s}) {
    s.connect(0, when, 2, true).head(0, when, 204).close(0, when, Ending::rejected);
  }
  s.phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", s), Verdict::fail);
}

TEST(Finished, cannot_tell_without_the_command_or_without_a_return) {
  const FinishWorld w;
  auto refused = finished(500);
  refused.phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", refused), Verdict::inconclusive);
  auto s = finished();
  s.close(0, 1100ms, Ending::complete).phase(9s, 3);
  EXPECT_EQ(w.judge("delivery.finished", s), Verdict::inconclusive);
}

Story paused() {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).stop(0, 1s).published(2s, 1).resume(0, 3s).event(0, 3s, 1, 2s);
  for (std::uint64_t i = 2; i < 12; ++i) s.published(3s + static_cast<int>(i) * 100ms, i);
  return s;
}

TEST(BackpressureResumes, passes_a_reader_that_gets_live_events_again) {
  const World w;
  auto s = paused();
  s.event(0, 3210ms, 2, 3200ms).phase(9s, 3).close(0, 9s);
  EXPECT_EQ(w.judge("backpressure.resumes", s), Verdict::pass);
}

TEST(BackpressureResumes, fails_a_reader_that_gets_only_its_backlog) {
  World w;
  auto s = paused();
  s.phase(9s, 3).close(0, 9s);
  EXPECT_EQ(w.judge("backpressure.resumes", s), Verdict::fail);
  w.noise.lag_max = 2s;
  EXPECT_EQ(w.judge("backpressure.resumes", s), Verdict::inconclusive);
}

TEST(BackpressureResumes, judges_the_bound_below_and_above) {
  const World w;  // 250 ms, a second for the backlog, 4 ms of noise
  for (const auto& [delay, verdict] : {std::pair{1253ms, Verdict::pass}, {1260ms, Verdict::fail}}) {
    auto s = paused();
    s.event(0, 3200ms + delay, 2, 3200ms).phase(9s, 3);
    EXPECT_EQ(w.judge("backpressure.resumes", s), verdict) << delay.count();
  }
}

TEST(BackpressureResumes, leaves_a_reader_alone_that_the_contract_lets_go) {
  World w;
  auto s = paused();
  s.close(0, 3s, Ending::complete).phase(9s, 3);
  EXPECT_EQ(w.judge("backpressure.resumes", s), Verdict::inconclusive);
  w.contract.queue = QueueTerms{};
  w.contract.queue->overflow = Overflow::disconnect;
  EXPECT_EQ(w.judge("backpressure.resumes", s), Verdict::skip);
}

/// 100 events while readers 0 and 1 do not read; 0 goes on at 3.1 s, 1 at 6 s, after five
/// heartbeats; of each the kernel held 10, and the queue `kept`.
Story held(std::uint64_t kept_soon, std::uint64_t kept_late) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms).phase(1s, 1).stop(0, 1s).stop(1, 1s);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    s.published(2s + static_cast<int>(i) * 10ms, i, 200, 100,
                i == 50 ? sse::EnvelopeKind::critical : sse::EnvelopeKind::normal);
  }
  for (const auto& [stream, when, kept] :
       {std::tuple{0u, Duration{3100ms}, kept_soon}, {1u, Duration{6s}, kept_late}}) {
    s.resume(stream, when);
    for (std::uint64_t i = 1; i <= 10; ++i) s.event(stream, when, i, 2s);
    s.event(stream, when, 50, 2500ms, sse::EnvelopeKind::critical);
    for (std::uint64_t i = 101 - kept; i <= 100; ++i) s.event(stream, when, i, 2s);
  }
  s.phase(9s, 3);
  return s;
}

struct YieldWorld : World {
  YieldWorld() {
    heartbeat(500ms);
    contract.queue = QueueTerms{};
    contract.queue->events_max = 20;
    contract.queue->overflow = Overflow::drop_oldest;
    contract.queue->critical_kept = true;
  }
};

TEST(HeartbeatYields, passes_queues_that_lose_nothing_while_only_heartbeats_are_due) {
  const YieldWorld w;
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", held(20, 20)), Verdict::pass);
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", held(20, 19)), Verdict::pass);
}

TEST(HeartbeatYields, fails_queues_in_which_heartbeats_took_the_place_of_messages) {
  const YieldWorld w;
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", held(20, 15)), Verdict::fail);
  EXPECT_THAT(w.finding("heartbeat.yields-to-critical", held(20, 15)).reason,
              HasSubstr("lost 5 messages"));
}

TEST(HeartbeatYields, needs_both_kinds_of_readers_and_a_queue_that_drops_the_oldest) {
  YieldWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).phase(9s, 3);
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", s), Verdict::inconclusive);
  w.heartbeat(3s);
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", held(20, 15)), Verdict::inconclusive);
  w.contract.queue->overflow = Overflow::disconnect;
  EXPECT_EQ(w.judge("heartbeat.yields-to-critical", held(20, 15)), Verdict::skip);
}

}  // namespace
}  // namespace streamgauge
