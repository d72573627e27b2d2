#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr Duration the_end = 30s;

struct StormWorld : World {
  StormWorld() {
    contract.storm = StormTerms{10s, 0.25};
    contract.client.emplace();
    contract.replay = ReplayTerms{1000, 0, 0s, TooOld::from_oldest, ""};
    for (auto& group : scenario.groups) group.policy.kind = PolicyKind::agent;
  }
};

using Delay = std::function<Duration(int)>;

Duration spread_out(int i) {  // 500 ms to 990 ms
  return 500ms + (i * 37 % 50) * 10ms;
}
Duration all_alike(int) {
  return 1s;
}

/// Streams 0.. open at 0 and are cut at 1 s; each comes back when it chose to.
Story storm(int clients, const Delay& delay, std::optional<std::uint64_t> retry_ms = std::nullopt) {
  Story s;
  s.phase(0ms, 0);
  for (int i = 0; i < clients; ++i) {
    const auto id = static_cast<StreamId>(i);
    s.open(id, 0ms);
    if (retry_ms) s.add(id, 1ms, fact::Retry{*retry_ms});
    s.close(id, 1s + i * 100us);
    s.add(id, 1s + i * 100us, fact::ReconnectScheduled{delay(i)});
    s.reopen(id, 1s + i * 100us + delay(i));
  }
  return s;
}

Story& over(Story& s) {
  return s.phase(the_end, 3);
}

TEST(StormSpread, passes_clients_that_return_at_random) {
  StormWorld w;
  auto s = storm(50, spread_out);
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::pass);
  EXPECT_THAT(w.finding("storm.spread", s).measured, HasSubstr("50 back, peak"));
  EXPECT_EQ(w.judge("storm.peak-rate", s), Verdict::pass);
}

TEST(StormSpread, does_not_take_a_few_stragglers_for_a_crowd_of_the_others) {
  StormWorld w;
  auto s = storm(60, [](int i) { return i % 10 == 0 ? 8s + i * 10ms : spread_out(i); });
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::pass);
}

TEST(StormSpread, passes_returns_within_milliseconds_when_the_contract_is_as_fast) {
  StormWorld w;
  w.contract.storm->recovered_within = 500ms;
  auto s = storm(50, [](int i) { return spread_out(i) / 20; });
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::pass);
}

TEST(StormSpread, places_a_return_by_the_delay_chosen_not_by_when_the_harness_got_round_to_it) {
  StormWorld w;
  Story s;
  s.phase(0ms, 0);
  for (int i = 0; i < 50; ++i) {
    const auto id = static_cast<StreamId>(i);
    s.open(id, 0ms).close(id, 1s).add(id, 1s, fact::ReconnectScheduled{spread_out(i)});
    s.reopen(id, i < 40 ? 2s : 1s + spread_out(i));
  }
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::pass);
}

TEST(StormSpread, fails_a_herd) {
  StormWorld w;
  auto s = storm(50, all_alike);
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::fail);
  EXPECT_EQ(w.judge("storm.peak-rate", s), Verdict::warn);
}

TEST(StormSpread, fails_when_nearly_half_come_back_at_one_moment) {
  StormWorld w;
  auto s = storm(50, [](int i) { return i % 5 < 2 ? Duration{700ms} : spread_out(i); });
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::fail);
}

TEST(StormSpread, needs_enough_clients_that_are_cut_at_once) {
  StormWorld w;
  auto few = storm(12, all_alike);
  over(few);
  EXPECT_EQ(w.judge("storm.spread", few), Verdict::inconclusive);
  EXPECT_THAT(w.finding("storm.spread", few).reason, HasSubstr("12"));
  EXPECT_THAT(w.finding("storm.spread", few).reason, HasSubstr("20"));
  Story one_by_one;
  one_by_one.phase(0ms, 0);
  for (StreamId i = 0; i < 40; ++i) one_by_one.open(i, 0ms);
  for (StreamId i = 0; i < 40; ++i) one_by_one.close(i, 1s + i * 600ms);
  over(one_by_one);
  EXPECT_EQ(w.judge("storm.recovery", one_by_one), Verdict::inconclusive);
}

TEST(StormChecks, say_nothing_without_a_contract_for_storms_but_tell_the_rate) {
  StormWorld w;
  w.contract.storm.reset();
  auto s = storm(50, all_alike);
  over(s);
  EXPECT_EQ(w.judge("storm.spread", s), Verdict::skip);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::skip);
  EXPECT_EQ(w.judge("storm.peak-rate", s), Verdict::info);
}

TEST(StormRecovery, passes_when_all_are_back_in_time) {
  StormWorld w;
  auto s = storm(50, spread_out);
  over(s);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::pass);
  EXPECT_EQ(w.finding("storm.recovery", s).measured, "all 50 back in 990 ms, half in 740 ms");
}

TEST(StormRecovery, fails_when_one_comes_back_too_late) {
  StormWorld w;
  auto s = storm(50, [](int i) { return i == 7 ? Duration{14s} : spread_out(i); });
  over(s);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::fail);
  w.noise.lag_max = 5s;
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::inconclusive);
}

TEST(StormRecovery, names_those_who_gave_up_for_good) {
  StormWorld w;
  auto s = storm(49, spread_out);
  s.open(49, 0ms).close(49, 1s).connect(49, 2s, 2).head(49, 2s, 503);
  s.close(49, 2s, Ending::rejected).add(49, 2s, fact::GaveUp{"status 503"});
  over(s);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::fail);
  EXPECT_THAT(w.finding("storm.recovery", s).reason, HasSubstr("1 last answered 503"));
}

TEST(StormRecovery, counts_from_when_a_killed_target_was_there_again) {
  StormWorld w;
  auto s = storm(50, [](int i) { return 8s + spread_out(i); });
  s.add(no_stream, 999ms, fact::TargetChanged{TargetEvent::killed, 0, ""});
  s.add(no_stream, 8s, fact::TargetChanged{TargetEvent::restarted, 0, ""});
  over(s);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::pass);
  EXPECT_THAT(w.finding("storm.recovery", s).measured, HasSubstr("1.99 s"));
}

/// Killed at 1 s, there again at `restarted`; the last of 50 comes back at 1 s + `last`, after a
/// delay that it chose at 5 s.
Story killed_until(Duration restarted, Duration last) {
  auto s = storm(49, [](int i) { return 8s + spread_out(i); });
  s.open(49, 0ms).close(49, 1s);
  s.add(no_stream, 999ms, fact::TargetChanged{TargetEvent::killed, 0, ""});
  s.add(no_stream, restarted, fact::TargetChanged{TargetEvent::restarted, 0, ""});
  s.add(49, 5s, fact::ConnectFailed{"refused", true});
  s.add(49, 5s, fact::ReconnectScheduled{last - 4s});
  s.reopen(49, 1s + last, 3);
  return std::move(s.phase(60s, 3));
}

TEST(StormRecovery, does_not_blame_a_slow_start_for_the_delays_that_clients_chose_meanwhile) {
  StormWorld w;
  w.scenario.phases.front().actions.push_back(
      {.at = {}, .action = action::KillTarget{Span{.absolute = 2s}}});
  const auto slow = killed_until(9s, 24s);
  EXPECT_EQ(w.judge("storm.recovery", slow), Verdict::pass);
  const auto counts = w.finding("storm.recovery", slow).counts;
  EXPECT_THAT(counts, testing::Contains(testing::Pair("waiting on after a longer outage", 1u)));
  EXPECT_EQ(w.judge("storm.recovery", killed_until(3500ms, 24s)), Verdict::fail) << "as ordered";
  w.scenario.phases.front().actions.clear();
}

TEST(StormRecovery, cannot_tell_when_the_target_never_came_back_or_the_run_was_too_short) {
  StormWorld w;
  Story s;
  s.phase(0ms, 0);
  for (StreamId i = 0; i < 30; ++i) s.open(i, 0ms).close(i, 1s, Ending::reset);
  s.phase(5s, 3);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::inconclusive);
  EXPECT_THAT(w.finding("storm.recovery", s).reason, HasSubstr("let it go on for 10 s"));
  s.add(no_stream, 1s, fact::TargetChanged{TargetEvent::killed, 0, ""});
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::inconclusive);
  EXPECT_THAT(w.finding("storm.recovery", s).reason, HasSubstr("not started again"));
}

TEST(StormRecovery, does_not_count_who_is_let_in_and_cut_again_as_back) {
  StormWorld w;
  auto s = storm(50, spread_out);
  s.close(0, 1700ms, Ending::reset);
  s.reopen(0, 14s, 3);
  over(s);
  EXPECT_EQ(w.judge("storm.recovery", s), Verdict::fail);
  auto cut_by_the_harness = storm(50, spread_out);
  cut_by_the_harness.close(0, 1700ms, Ending::local).reopen(0, 11s, 3);
  over(cut_by_the_harness);
  EXPECT_EQ(w.judge("storm.recovery", cut_by_the_harness), Verdict::pass);
}

TEST(NoLockstep, passes_jitter_and_a_few_browsers_beside_it) {
  StormWorld w;
  auto s = storm(50, [](int i) { return i < 5 ? Duration{3s} : spread_out(i); });
  over(s);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::pass);
}

TEST(NoLockstep, passes_a_random_share_on_top_of_a_long_wait_that_all_were_told) {
  StormWorld w;
  auto s = storm(
      50, [](int i) { return 29500ms + spread_out(i); }, 30'000);
  s.phase(60s, 3);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::pass);
}

TEST(NoLockstep, does_not_take_chance_among_few_for_lockstep) {
  StormWorld w;
  auto s = storm(24, [](int i) { return i % 2 == 0 ? Duration{1s} : spread_out(i); });
  over(s);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::pass);
}

TEST(NoLockstep, fails_and_names_a_policy_without_jitter) {
  StormWorld w;
  auto s = storm(50, all_alike);
  over(s);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::fail);
  EXPECT_THAT(w.finding("storm.no-lockstep", s).reason, HasSubstr("no jitter"));
}

TEST(NoLockstep, names_the_target_that_told_them_all_the_same) {
  StormWorld w;
  auto s = storm(50, all_alike, 1000);
  over(s);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::fail);
  EXPECT_THAT(w.finding("storm.no-lockstep", s).reason, HasSubstr("another `retry:`"));
}

TEST(NoLockstep, sees_it_in_later_attempts_too) {
  StormWorld w;
  Story s;
  s.phase(0ms, 0);
  for (int i = 0; i < 30; ++i) {
    const auto id = static_cast<StreamId>(i);
    s.open(id, 0ms).close(id, 1s);
    for (const Duration delay : {Duration{1s}, Duration{2s}}) {
      s.add(id, 1s, fact::ReconnectScheduled{delay + (i < 25 ? i * 100us : i * 20ms)});
      s.add(id, 2s, fact::Connecting{2, at(2s), true});
      s.add(id, 2s, fact::ConnectFailed{"refused", true});
    }
    s.reopen(id, 5s, 4);
  }
  over(s);
  EXPECT_EQ(w.judge("storm.no-lockstep", s), Verdict::fail);
}

/// `rows` clients that fail again and again, waiting `delays` (and a little more each).
Story failing(int rows, std::initializer_list<Duration> delays) {
  Story s;
  s.phase(0ms, 0);
  for (int i = 0; i < rows; ++i) {
    const auto id = static_cast<StreamId>(i);
    s.open(id, 0ms).close(id, 1s, Ending::reset);
    std::uint32_t attempt = 2;
    for (const auto delay : delays) {
      s.add(id, 1s, fact::ReconnectScheduled{delay + i * 1ms});
      s.add(id, 2s, fact::Connecting{attempt++, at(2s), false});
      s.add(id, 2s, fact::ConnectFailed{"refused", true});
    }
  }
  return s;
}

TEST(BackoffGrows, passes_delays_that_double) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {1s, 2s, 4s})), Verdict::pass);
}

TEST(BackoffGrows, is_judged_only_where_the_contract_states_clients_whose_delay_grows) {
  StormWorld w;
  w.contract.client->backoff_factor = 1;
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {1s, 1s, 1s, 1s})), Verdict::skip);
  w.contract.client.reset();
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {1s, 1s, 1s, 1s})), Verdict::skip);
}

TEST(BackoffGrows, fails_delays_that_stay) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {1s, 1s, 1s, 1s})), Verdict::fail);
}

TEST(BackoffGrows, fails_a_client_that_starts_anew_after_each_short_stream_only) {
  StormWorld w;
  for (const bool stable : {false, true}) {
    Story s;
    s.phase(0ms, 0);
    for (StreamId id = 0; id < 10; ++id) {
      s.open(id, 0ms);
      Duration now = 100ms;
      for (std::uint32_t attempt = 2; attempt < 6; ++attempt) {
        s.close(id, now, Ending::reset).add(id, now, fact::ReconnectScheduled{1s});
        s.reopen(id, now + 1s, attempt);
        now += stable ? 7s : 1500ms;
      }
    }
    over(s);
    EXPECT_EQ(w.judge("storm.backoff-grows", s), stable ? Verdict::inconclusive : Verdict::fail);
  }
}

TEST(BackoffGrows, is_not_deceived_by_a_client_that_backs_off_only_from_a_dead_target) {
  StormWorld w;
  for (const bool grows : {true, false}) {
    Story s;
    s.phase(0ms, 0);
    for (StreamId id = 0; id < 10; ++id) {
      s.open(id, 0ms).close(id, 100s, Ending::reset);
      for (const auto delay : {1s, 2s, 4s, 8s}) s.add(id, 100s, fact::ReconnectScheduled{delay});
      s.reopen(id, 120s);
      Duration now = 220s;  // stable, and then short streams
      for (const auto delay : {1s, grows ? 2s : 1s, grows ? 4s : 1s}) {
        s.close(id, now, Ending::reset).add(id, now, fact::ReconnectScheduled{delay});
        s.reopen(id, now + delay);
        now += delay + 100ms;
      }
    }
    over(s);
    EXPECT_EQ(w.judge("storm.backoff-grows", s), grows ? Verdict::pass : Verdict::fail);
  }
}

TEST(BackoffGrows, lets_a_client_start_anew_at_its_fallback) {
  StormWorld w;
  Story s;
  s.phase(0ms, 0);
  for (StreamId id = 0; id < 10; ++id) {
    s.open(id, 0ms).close(id, 100ms, Ending::reset);
    for (const auto delay : {1s, 2s, 4s, 8s}) s.add(id, 200ms, fact::ReconnectScheduled{delay});
    s.add(id, 300ms, fact::FellBack{true});
    for (const auto delay : {1s, 2s, 4s}) s.add(id, 400ms, fact::ReconnectScheduled{delay});
  }
  over(s);
  EXPECT_EQ(w.judge("storm.backoff-grows", s), Verdict::pass);
}

TEST(BackoffGrows, looks_at_what_clients_add_to_what_they_were_told) {
  StormWorld w;
  for (const bool grows : {true, false}) {
    auto s = Story{};
    s.phase(0ms, 0);
    for (StreamId id = 0; id < 10; ++id) {
      s.open(id, 0ms).add(id, 1ms, fact::Retry{3000}).close(id, 1s, Ending::reset);
      for (const auto more : {100ms, 200ms, 500ms, 900ms}) {
        s.add(id, 1s, fact::ReconnectScheduled{3s + (grows ? more : 200ms)});
      }
    }
    EXPECT_EQ(w.judge("storm.backoff-grows", s), grows ? Verdict::pass : Verdict::fail);
  }
}

TEST(BackoffGrows, leaves_browsers_alone_and_needs_rows_of_failures) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(4, {1s, 1s, 1s})), Verdict::inconclusive);
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {1s, 1s})), Verdict::inconclusive);
  for (auto& group : w.scenario.groups) group.policy.kind = PolicyKind::browser;
  EXPECT_EQ(w.judge("storm.backoff-grows", failing(10, {3s, 3s, 3s})), Verdict::inconclusive);
}

/// Everybody has seen 1 to 3, is cut at 1 s while 4 to 6 are published, and sees `replayed` next.
Story returning(std::initializer_list<std::uint64_t> replayed, bool killed = false) {
  Story s;
  s.phase(0ms, 0);
  for (std::uint64_t seq = 1; seq <= 7; ++seq) {
    const Duration when = seq <= 3 ? seq * 100ms : seq <= 6 ? 1s + seq * 50ms : Duration{5s};
    s.published(when, seq);
  }
  if (killed) {
    s.add(no_stream, 999ms, fact::TargetChanged{TargetEvent::killed, 0, ""});
    s.add(no_stream, 1500ms, fact::TargetChanged{TargetEvent::restarted, 0, ""});
  }
  for (StreamId id = 0; id < 24; ++id) {
    s.open(id, 0ms);
    for (std::uint64_t seq = 1; seq <= 3; ++seq) s.event(id, seq * 100ms + 1ms, seq);
    s.close(id, 1s, Ending::reset).add(id, 1s, fact::ReconnectScheduled{1s});
    s.reopen(id, 2s + id * 10ms);
    for (const auto seq : replayed) {
      s.event(id, 2s + id * 10ms + seq * 1ms, seq, seq <= 6 ? 1s + seq * 50ms : Duration{5s});
    }
    s.event(id, 5001ms, 7, 5s);
  }
  return std::move(over(s));
}

TEST(StormNoLoss, passes_when_each_gets_exactly_what_it_missed) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.no-loss", returning({4, 5, 6})), Verdict::pass);
}

TEST(StormNoLoss, fails_a_return_that_is_replayed_and_then_forgotten) {
  StormWorld w;
  Story s;
  s.phase(0ms, 0);
  for (std::uint64_t seq = 1; seq <= 7; ++seq) {
    s.published(seq <= 3 ? seq * 100ms : seq <= 6 ? 1s + seq * 50ms : Duration{5s}, seq);
  }
  for (StreamId id = 0; id < 24; ++id) {
    s.open(id, 0ms);
    for (std::uint64_t seq = 1; seq <= 3; ++seq) s.event(id, seq * 100ms + 1ms, seq);
    s.close(id, 1s, Ending::reset).add(id, 1s, fact::ReconnectScheduled{1s});
    s.reopen(id, 2s + id * 10ms);
    for (std::uint64_t seq = 4; seq <= 6; ++seq) s.event(id, 2300ms, seq, 1s + seq * 50ms);
    if (id != 5) s.event(id, 5001ms, 7, 5s);
  }
  over(s);
  for (StreamId id = 0; id < 24; ++id) s.close(id, 1000s);
  EXPECT_EQ(w.judge("storm.no-loss", s), Verdict::fail);
}

TEST(StormNoLoss, fails_what_is_missing_and_what_comes_twice) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.no-loss", returning({5, 6})), Verdict::fail);
  EXPECT_EQ(w.judge("storm.no-loss", returning({})), Verdict::fail);
  EXPECT_EQ(w.judge("storm.no-loss", returning({3, 4, 5, 6})), Verdict::fail);
}

TEST(StormNoLoss, expects_nothing_of_a_former_life) {
  StormWorld w;
  EXPECT_EQ(w.judge("storm.no-loss", returning({}, true)), Verdict::inconclusive);
  EXPECT_THAT(w.finding("storm.no-loss", returning({}, true)).reason, HasSubstr("lived on"));
}

TEST(StormNoLoss, judges_no_more_than_the_replay_covers) {
  StormWorld w;
  w.contract.replay->events_max = 2;
  EXPECT_EQ(w.judge("storm.no-loss", returning({})), Verdict::inconclusive);
}

constexpr std::string_view come_in_30 = "HTTP/1.1 503 Busy\r\nRetry-After: 30\r\n\r\n";

/// Streams 0 and 1 are admitted, the others refused with `heads` in turn.
Story full(int refused, const std::vector<std::string>& heads) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  for (int i = 0; i < refused; ++i) {
    const auto id = static_cast<StreamId>(i + 2);
    s.join(id, 1s).connect(id, 1s).head(id, 1s, 503,
                                        heads[static_cast<std::size_t>(i) % heads.size()]);
    s.close(id, 1s, Ending::rejected);
  }
  return s;
}

struct FullWorld : StormWorld {
  FullWorld() {
    contract.limits.streams_total = 2;
    contract.limits.retry_after = 30s;
    contract.limits.retry_after_spread = true;
    scenario.groups[0].streams = 20;
  }
};

std::string retry_after(std::string_view value) {
  return "HTTP/1.1 503 Busy\r\nRetry-After: " + std::string(value) + "\r\n\r\n";
}

TEST(ShedPolitely, passes_a_spread_of_seconds_or_dates) {
  FullWorld w;
  EXPECT_EQ(w.judge("storm.shed-politely", full(10, {retry_after("30"), retry_after("41")})),
            Verdict::pass);
  EXPECT_EQ(w.judge("storm.shed-politely",
                    full(10, {retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), retry_after("31")})),
            Verdict::pass);
}

TEST(ShedPolitely, fails_one_value_for_all_if_there_are_enough_to_tell) {
  FullWorld w;
  const auto same = std::vector<std::string>{std::string(come_in_30)};
  EXPECT_EQ(w.judge("storm.shed-politely", full(8, same)), Verdict::fail);
  EXPECT_EQ(w.judge("storm.shed-politely", full(7, same)), Verdict::inconclusive);
  w.contract.limits.retry_after_spread = false;
  EXPECT_EQ(w.judge("storm.shed-politely", full(8, same)), Verdict::pass);
}

TEST(ShedPolitely, fails_refusals_that_do_not_say_when_to_come_again) {
  FullWorld w;
  EXPECT_EQ(w.judge("storm.shed-politely", full(10, {"HTTP/1.1 503 Busy\r\n\r\n"})), Verdict::fail);
  EXPECT_EQ(w.judge("storm.shed-politely", full(10, {retry_after("1.5")})), Verdict::fail);
  EXPECT_EQ(w.judge("storm.shed-politely", full(10, {retry_after("soon")})), Verdict::fail);
}

TEST(ShedPolitely, fails_a_reset_instead_of_an_answer_unless_the_target_was_killed) {
  FullWorld w;
  for (const bool killed : {false, true}) {
    auto s = full(10, {retry_after("30"), retry_after("41")});
    s.join(15, 2s).connect(15, 2s).close(15, 2s, Ending::reset);
    if (killed) s.add(no_stream, 2s, fact::TargetChanged{TargetEvent::killed, 0, ""});
    EXPECT_EQ(w.judge("storm.shed-politely", s), killed ? Verdict::pass : Verdict::fail);
  }
}

TEST(ShedPolitely, says_so_when_nobody_was_refused) {
  FullWorld w;
  EXPECT_EQ(w.judge("storm.shed-politely", full(0, {})), Verdict::inconclusive);
  w.contract.limits.streams_total = 100;
  EXPECT_EQ(w.judge("storm.shed-politely", full(0, {})), Verdict::inconclusive);
  w.contract.limits.retry_after.reset();
  EXPECT_EQ(w.judge("storm.shed-politely", full(0, {})), Verdict::skip);
}

TEST(NoCascade, passes_when_those_admitted_stay) {
  FullWorld w;
  auto s = full(10, {std::string(come_in_30)});
  s.close(0, 2s);  // of its own accord
  EXPECT_EQ(w.judge("storm.no-cascade", s), Verdict::pass);
}

TEST(NoCascade, fails_when_who_insists_throws_out_another) {
  FullWorld w;
  auto s = full(3, {std::string(come_in_30)});
  s.connect(4, 3s, 2).head(4, 3s).close(0, 3s, Ending::complete);
  EXPECT_EQ(w.judge("storm.no-cascade", s), Verdict::fail);
  EXPECT_THAT(w.finding("storm.no-cascade", s).reason, HasSubstr("1 admitted"));
}

TEST(NoCascade, judges_the_cap_only) {
  FullWorld w;
  w.contract.limits.streams_total = 100;
  EXPECT_EQ(w.judge("storm.no-cascade", full(0, {})), Verdict::inconclusive);
  w.contract.limits = {};
  EXPECT_EQ(w.judge("storm.no-cascade", full(3, {std::string(come_in_30)})), Verdict::skip);
}

}  // namespace
}  // namespace streamgauge
