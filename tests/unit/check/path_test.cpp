#include <gmock/gmock.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view idle = "path.idle-cut";
constexpr std::string_view ends = "path.end-propagates";
constexpr std::string_view absorbs = "path.absorbs-bounded";
constexpr std::string_view reload = "path.survives-reload";
constexpr std::string_view last_id = "path.last-event-id";
constexpr std::string_view cached = "path.not-cached";

// --- path.idle-cut: heartbeats of a second, tolerance a quarter ------------------------------

/// Two streams, beaten until the target freezes at 2 s; what ends them afterwards is the caller's.
Story frozen(Duration last_beat = 1900ms) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  for (StreamId id = 0; id < 2; ++id) {
    s.comment(id, last_beat - 1s, "heartbeat").comment(id, last_beat, "heartbeat");
  }
  s.freeze(2s);
  return s;
}

TEST(PathIdleCut, passes_and_tells_after_what_silence_the_path_ended_a_stream) {
  World w;
  w.heartbeat(1s);
  auto s = frozen();
  s.close(0, 5010ms, Ending::truncated).close(1, 4950ms, Ending::truncated).thaw(6s).phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::pass);
  EXPECT_THAT(w.finding(idle, s).measured, HasSubstr("after 3.0"));
}

TEST(PathIdleCut, fails_when_a_stream_is_ended_between_two_heartbeats) {
  World w;
  w.heartbeat(1s);
  auto s = frozen();
  s.close(1, 2700ms, Ending::truncated).thaw(6s).phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::fail);
  EXPECT_THAT(w.finding(idle, s).reason, HasSubstr("cut between two of them"));
}

TEST(PathIdleCut, fails_when_streams_are_cut_before_anything_was_ordered) {
  World w;
  w.heartbeat(1s);
  Story s;
  s.phase(0ms, 0).open(0, 0ms).comment(0, 100ms, "heartbeat").close(0, 115ms, Ending::truncated);
  s.freeze(2s).thaw(6s).phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::fail);
}

TEST(PathIdleCut, does_not_take_an_end_after_an_order_for_a_cut) {
  World w;
  w.heartbeat(1s);
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  s.add(no_stream, 200ms, fact::Commanded{}).close(0, 300ms, Ending::eof);
  s.freeze(2s).thaw(6s).comment(1, 6100ms, "heartbeat").phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::pass);
}

TEST(PathIdleCut, passes_when_nothing_ended_a_silence_longer_than_a_heartbeat) {
  World w;
  w.heartbeat(1s);
  auto s = frozen();
  s.thaw(6s).comment(0, 6100ms, "heartbeat").comment(1, 6100ms, "heartbeat").phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::pass);
  EXPECT_THAT(w.finding(idle, s).measured, HasSubstr("never in 4."));
}

TEST(PathIdleCut, is_told_from_the_freeze_where_a_path_hands_out_what_it_held_at_the_cut) {
  World w;
  w.heartbeat(1s);
  Story s;
  s.phase(0ms, 0).join(0, 0ms).connect(0, 0ms).freeze(2s);
  s.head(0, 4900ms).comment(0, 4900ms, "heartbeat").close(0, 4901ms, Ending::eof);
  s.thaw(6s).phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::pass);
  EXPECT_THAT(w.finding(idle, s).measured, HasSubstr("after 2.9"));
}

TEST(PathIdleCut, does_not_take_the_clients_own_end_for_a_cut) {
  World w;
  w.heartbeat(1s);
  auto s = frozen();
  s.close(0, 2500ms, Ending::local).close(1, 2500ms, Ending::silent).thaw(6s).phase(7s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::inconclusive);
}

TEST(PathIdleCut, is_inconclusive_without_a_silence) {
  World w;
  w.heartbeat(1s);
  Story s;
  s.phase(0ms, 0).open(0, 0ms).comment(0, 900ms, "heartbeat").phase(1s, 3);
  EXPECT_EQ(w.judge(idle, s), Verdict::inconclusive);
}

// --- path.end-propagates ----------------------------------------------------------------------

Story ordered_to_close(int status = 200) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms).open(2, 0ms, 1);
  s.add(no_stream, 1s, fact::Commanded{"close", 0, status, 5ms});
  return s;
}

World& with_close(World& w) {
  w.target.commands["close"] = CommandSpec{};
  return w;
}

TEST(PathEndPropagates, passes_when_ordered_ends_arrive) {
  World w;
  auto s = ordered_to_close();
  s.close(0, 1010ms, Ending::complete).close(1, 1200ms, Ending::complete).phase(4s, 3);
  EXPECT_EQ(with_close(w).judge(ends, s), Verdict::pass);
}

TEST(PathEndPropagates, fails_when_a_stream_stays_open_at_the_client) {
  World w;
  auto s = ordered_to_close();
  s.close(0, 1010ms, Ending::complete).phase(4s, 3);
  EXPECT_EQ(with_close(w).judge(ends, s), Verdict::fail);
}

TEST(PathEndPropagates, fails_when_an_end_comes_late) {
  World w;
  auto s = ordered_to_close();
  s.close(0, 1010ms, Ending::complete).close(1, 3s, Ending::complete).phase(4s, 3);
  EXPECT_EQ(with_close(w).judge(ends, s), Verdict::fail);
}

TEST(PathEndPropagates, is_inconclusive_when_the_target_refused_the_order) {
  World w;
  auto s = ordered_to_close(500);
  EXPECT_EQ(with_close(w).judge(ends, s.phase(4s, 3)), Verdict::inconclusive);
}

// --- path.absorbs-bounded -----------------------------------------------------------------------

constexpr std::uint64_t MiB = 1u << 20;

/// A reader stops at the begin of the second phase; so much leaves the target, and as much is
/// offered.
Story stopped(std::uint64_t sent, std::uint64_t offered = 100 * MiB) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  s.add(no_stream, 500ms, fact::HopSample{0, 0, 0, 0, 1 * MiB});
  s.phase(1s, 1).stop(0, 1s);
  s.add(no_stream, 1010ms, fact::HopSample{0, 0, 0, 0, 1 * MiB});
  s.add(no_stream, 1010ms, fact::HopSample{1, 10 * MiB, 0, 9, 0});
  s.published(1500ms, 1, 200, static_cast<std::uint32_t>(offered));
  s.add(no_stream, 2s, fact::HopSample{0, 0, 0, 0, 1 * MiB + sent});
  s.add(no_stream, 2s, fact::HopSample{1, 14 * MiB, sent / 2, 9, 0});
  return s;
}

TEST(PathAbsorbsBounded, passes_up_to_the_bound_and_fails_beyond_it) {
  World w;
  EXPECT_EQ(w.judge(absorbs, stopped(31 * MiB)), Verdict::pass);
  EXPECT_EQ(w.judge(absorbs, stopped(32 * MiB)), Verdict::pass);
  EXPECT_EQ(w.judge(absorbs, stopped(33 * MiB)), Verdict::fail);
}

TEST(PathAbsorbsBounded, tells_memory_and_disk_apart) {
  World w;
  EXPECT_THAT(w.finding(absorbs, stopped(80 * MiB)).measured, HasSubstr("4 MiB memory, 40 MiB"));
}

TEST(PathAbsorbsBounded, goes_by_what_the_hops_use_where_nothing_is_known_of_the_target) {
  World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).phase(1s, 1).stop(0, 1s);
  s.add(no_stream, 1010ms, fact::HopSample{1, 10 * MiB, 0, 9, 0});
  s.published(1500ms, 1, 200, 100 * MiB);
  s.add(no_stream, 2s, fact::HopSample{1, 90 * MiB, 0, 9, 0});
  EXPECT_EQ(w.judge(absorbs, s), Verdict::fail);
}

TEST(PathAbsorbsBounded, is_inconclusive_when_too_little_was_offered_or_nobody_stopped) {
  World w;
  EXPECT_EQ(w.judge(absorbs, stopped(10 * MiB, 20 * MiB)), Verdict::inconclusive);
  Story reading;
  reading.phase(0ms, 0).open(0, 0ms);
  EXPECT_EQ(w.judge(absorbs, reading), Verdict::inconclusive);
}

// --- path.survives-reload -----------------------------------------------------------------------

World& behind_a_proxy(World& w) {
  w.path = {"nginx"};
  w.scenario.groups[0].policy.kind = PolicyKind::browser;
  w.scenario.groups[1].policy.kind = PolicyKind::none;
  return w;
}

Story restarted() {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms).open(2, 0ms, 1);
  s.add(no_stream, 1s, fact::HopChanged{1, HopEvent::stop_ordered, {}});
  for (StreamId id = 0; id < 3; ++id) s.close(id, 1010ms, Ending::truncated);
  s.add(no_stream, 2s, fact::HopChanged{1, HopEvent::restarted, {}});
  return s;
}

TEST(PathSurvivesReload, passes_when_who_reconnects_is_back) {
  World w;
  auto s = restarted();
  s.reopen(0, 2100ms).reopen(1, 2200ms).phase(5s, 3);
  EXPECT_EQ(behind_a_proxy(w).judge(reload, s), Verdict::pass);
  EXPECT_THAT(w.finding(reload, s).measured, HasSubstr("0 stayed, 2 back in 200 ms"));
}

TEST(PathSurvivesReload, counts_streams_that_an_old_process_keeps_as_stayed) {
  World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  s.add(no_stream, 1s, fact::HopChanged{1, HopEvent::reload_ordered, "SIGHUP"});
  s.phase(5s, 3);
  EXPECT_EQ(behind_a_proxy(w).judge(reload, s), Verdict::pass);
  EXPECT_THAT(w.finding(reload, s).measured, HasSubstr("2 stayed, 0 back"));
}

TEST(PathSurvivesReload, counts_who_outlived_a_reload_and_came_back_after_the_restart) {
  World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  s.add(no_stream, 1s, fact::HopChanged{1, HopEvent::reload_ordered, "SIGHUP"});
  s.close(1, 1500ms, Ending::truncated).reopen(1, 1700ms);
  s.add(no_stream, 2s, fact::HopChanged{1, HopEvent::stop_ordered, {}});
  s.close(0, 2100ms, Ending::truncated).close(1, 2100ms, Ending::truncated);
  s.add(no_stream, 3s, fact::HopChanged{1, HopEvent::restarted, {}});
  s.reopen(0, 3100ms, 2).reopen(1, 3200ms, 3).phase(5s, 3);
  EXPECT_EQ(behind_a_proxy(w).judge(reload, s), Verdict::pass);
  EXPECT_THAT(w.finding(reload, s).measured, HasSubstr("1 stayed, 3 back in 200 ms"));
}

TEST(PathSurvivesReload, fails_when_a_stream_does_not_come_back) {
  World w;
  auto s = restarted();
  s.reopen(0, 2100ms).phase(5s, 3);
  EXPECT_EQ(behind_a_proxy(w).judge(reload, s), Verdict::fail);
}

TEST(PathSurvivesReload, fails_when_the_last_is_back_too_late) {
  World w;
  auto s = restarted();
  s.reopen(0, 2100ms).reopen(1, 9s).phase(10s, 3);
  EXPECT_EQ(behind_a_proxy(w).judge(reload, s), Verdict::fail);
}

TEST(PathSurvivesReload, is_skipped_on_a_direct_path) {
  World w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).phase(1s, 3);
  EXPECT_EQ(w.judge(reload, s), Verdict::skip);
}

// --- path.last-event-id -------------------------------------------------------------------------

Story returned(std::uint64_t first_seq, Duration intended = 1500ms) {
  Story s;
  s.open(0, 0ms).event(0, 500ms, 1).event(0, 900ms, 2).close(0, 1s, Ending::truncated);
  s.reopen(0, 2s).event(0, 2100ms, first_seq, intended);
  return s;
}

World& with_replay(World& w) {
  w.contract.replay = ReplayTerms{};
  w.contract.replay->events_max = 100;
  return w;
}

TEST(PathLastEventId, passes_when_a_return_goes_on_where_it_had_stopped) {
  World w;
  EXPECT_EQ(with_replay(w).judge(last_id, returned(3)), Verdict::pass);
}

TEST(PathLastEventId, fails_when_a_return_begins_anew) {
  World w;
  EXPECT_EQ(with_replay(w).judge(last_id, returned(9)), Verdict::fail);
}

TEST(PathLastEventId, does_not_count_what_is_not_kept_any_more) {
  World w;
  EXPECT_EQ(with_replay(w).judge(last_id, returned(200)), Verdict::inconclusive);
}

TEST(PathLastEventId, learns_nothing_from_an_event_that_was_published_after_the_return) {
  World w;
  EXPECT_EQ(with_replay(w).judge(last_id, returned(3, 2050ms)), Verdict::inconclusive);
}

// --- path.not-cached ----------------------------------------------------------------------------

Story two_readers(std::uint64_t seq, Duration intended) {
  Story s;
  s.open(0, 0ms, 0, 0).event(0, 100ms, 1).event(0, 200ms, 2);
  s.open(1, 3s, 0, 0).event(1, 3100ms, seq, intended);
  return s;
}

TEST(PathNotCached, passes_when_a_new_reader_gets_what_comes_now) {
  World w;
  w.path = {"varnish"};
  EXPECT_EQ(w.judge(cached, two_readers(9, 3050ms)), Verdict::pass);
}

TEST(PathNotCached, fails_when_a_new_reader_begins_with_what_was_before_it) {
  World w;
  w.path = {"varnish"};
  EXPECT_EQ(w.judge(cached, two_readers(1, 100ms)), Verdict::fail);
}

TEST(PathNotCached, bears_an_event_that_was_on_its_way) {
  World w;
  w.path = {"varnish"};
  EXPECT_EQ(w.judge(cached, two_readers(8, 2900ms)), Verdict::pass);
}

TEST(PathNotCached, needs_a_second_reader_and_a_proxy) {
  World w;
  Story one;
  one.open(0, 0ms).event(0, 100ms, 1);
  EXPECT_EQ(w.judge(cached, one), Verdict::skip);
  w.path = {"varnish"};
  EXPECT_EQ(w.judge(cached, one), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge::test
