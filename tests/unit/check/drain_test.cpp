#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

struct DrainWorld : World {
  DrainWorld() {
    contract.drain = DrainTerms{};
    contract.drain->grace = 5s;
    contract.drain->retry_hint = 1s;
    contract.drain->spread = 1s;
  }
};

constexpr Duration ordered = 2s;

/// How a target drains 30 streams; what it does by default is right.
struct Drain {
  Duration not_ready = ordered + 20ms;
  int readiness = 503;  // from then on
  Duration first_end = ordered + 100ms;
  Duration between = 33ms;
  Ending ending = Ending::complete;
  bool mid_block = false;
  std::optional<std::uint64_t> hint = 1000;
  std::uint64_t seen = 9;  // the last event that each stream gets before its end
  int streams = 30;
};

Story drain(const Drain& how = {}) {
  Story s;
  s.phase(0ms, 0).add(no_stream, 100ms, fact::Readiness{200, 0ms});
  for (std::uint64_t seq = 1; seq <= 9; ++seq) s.published(seq * 200ms, seq);
  s.add(no_stream, ordered, fact::TargetChanged{TargetEvent::stop_ordered, 0, "SIGTERM"});
  s.add(no_stream, how.not_ready, fact::Readiness{how.readiness, 10ms});
  for (int i = 0; i < how.streams; ++i) {
    const auto id = static_cast<StreamId>(i);
    const auto end = how.first_end + i * how.between;
    s.open(id, 0ms);
    for (std::uint64_t seq = 1; seq <= how.seen; ++seq) s.event(id, seq * 200ms + 1ms, seq);
    if (how.hint) s.add(id, end - 1ms, fact::Retry{*how.hint});
    s.close(id, end, how.ending, how.mid_block);
  }
  return s;
}

Story& exits(Story& s, Duration when, std::int32_t code = 0) {
  return s.add(no_stream, when, fact::TargetChanged{TargetEvent::exited, code, ""});
}
Story& drain_over(Story& s, Duration when = 20s) {
  return s.phase(when, 3);
}
Story ended(const Drain& how = {}) {
  auto s = drain(how);
  exits(s, 4s);
  drain_over(s);
  return s;
}

TEST(DrainChecks, say_nothing_without_an_order_a_contract_or_the_capability) {
  DrainWorld w;
  Story s;
  s.phase(0ms, 0);
  for (StreamId id = 0; id < 30; ++id) s.open(id, 0ms);
  drain_over(s);
  for (const auto* id : {"drain.ready-flips-first", "drain.refuses-new", "drain.within-grace",
                         "drain.exit-within", "drain.no-truncation", "drain.no-loss",
                         "drain.retry-hint", "drain.spread", "drain.lands"}) {
    EXPECT_EQ(w.judge(id, s), Verdict::inconclusive) << id;
    EXPECT_THAT(w.finding(id, s).reason, HasSubstr("not told to stop")) << id;
    DrainWorld silent;
    silent.contract.drain.reset();
    EXPECT_EQ(silent.judge(id, s), Verdict::skip) << id;
    DrainWorld unable;
    unable.target.spawn.reset();  // and no command
    EXPECT_EQ(unable.judge(id, s), Verdict::skip) << id;
  }
}

TEST(DrainChecks, need_more_than_a_few_streams) {
  DrainWorld w;
  const auto s = ended({.streams = 3});
  for (const auto* id : {"drain.ready-flips-first", "drain.within-grace", "drain.no-truncation",
                         "drain.no-loss", "drain.retry-hint", "drain.spread"}) {
    EXPECT_EQ(w.judge(id, s), Verdict::inconclusive) << id;
    EXPECT_THAT(w.finding(id, s).reason, HasSubstr("only 3 streams")) << id;
  }
}

TEST(ReadyFlipsFirst, passes_readiness_that_turns_before_the_first_end) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.ready-flips-first", ended()), Verdict::pass);
}

TEST(ReadyFlipsFirst, fails_readiness_that_turns_later_or_never) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.ready-flips-first", ended({.not_ready = ordered + 300ms})),
            Verdict::fail);
  EXPECT_EQ(w.judge("drain.ready-flips-first",
                    ended({.not_ready = ordered + 2s, .first_end = ordered + 3s})),
            Verdict::fail);
  EXPECT_EQ(w.judge("drain.ready-flips-first", ended({.readiness = 200})), Verdict::fail);
  EXPECT_EQ(w.finding("drain.ready-flips-first", ended({.readiness = 200})).measured,
            "ready throughout");
}

TEST(ReadyFlipsFirst, cannot_tell_within_one_poll) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.ready-flips-first",
                    ended({.not_ready = ordered + 105ms, .first_end = ordered + 100ms})),
            Verdict::inconclusive);
}

TEST(ReadyFlipsFirst, skips_a_target_that_tells_no_readiness) {
  DrainWorld w;
  Story s;
  s.phase(0ms, 0).add(no_stream, 1ms, fact::Readiness{404, 0ms});
  s.add(no_stream, ordered, fact::TargetChanged{TargetEvent::stop_ordered, 0, "SIGTERM"});
  drain_over(s);
  EXPECT_EQ(w.judge("drain.ready-flips-first", s), Verdict::skip);
}

/// A client that asks 200 ms after the order and is answered with `status` (0: nothing happens).
Story asks_while_draining(int status, std::string_view head = "HTTP/1.1 503 Stopping\r\n\r\n") {
  auto s = drain();
  s.join(40, ordered + 200ms);
  if (status >= 0) s.connect(40, ordered + 200ms);
  if (status > 0) s.head(40, ordered + 210ms, status, head);
  if (status < 0) {
    s.add(40, ordered + 200ms, fact::Connecting{1, at(ordered + 200ms), false});
    s.add(40, ordered + 200ms, fact::ConnectFailed{"refused", true});
  }
  exits(s, 4s);
  drain_over(s);
  return s;
}

TEST(RefusesNew, passes_a_503_and_a_closed_listener) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(503)), Verdict::pass);
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(-1)), Verdict::pass);
}

TEST(RefusesNew, fails_a_stream_a_hang_and_a_status_that_is_final) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(200, good_head)), Verdict::fail);
  EXPECT_THAT(w.finding("drain.refuses-new", asks_while_draining(200, good_head)).reason,
              HasSubstr("admitted"));
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(0)), Verdict::fail);
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(404)), Verdict::fail);
}

TEST(RefusesNew, wants_a_retry_after_where_the_contract_states_one) {
  DrainWorld w;
  w.contract.limits.retry_after = 5s;
  EXPECT_EQ(w.judge("drain.refuses-new", asks_while_draining(503)), Verdict::fail);
  EXPECT_EQ(w.judge("drain.refuses-new",
                    asks_while_draining(503, "HTTP/1.1 503 Stopping\r\nRetry-After: 5\r\n\r\n")),
            Verdict::pass);
}

TEST(RefusesNew, does_not_judge_who_asks_at_the_moment_of_the_order_or_the_second_instance) {
  DrainWorld w;
  auto s = drain({.not_ready = ordered + 90ms});
  s.open(40, ordered + 50ms);
  s.add(no_stream, ordered + 150ms, fact::TargetChanged{TargetEvent::switched, 0, ""});
  s.open(41, ordered + 200ms);
  drain_over(s);
  EXPECT_EQ(w.judge("drain.refuses-new", s), Verdict::inconclusive);
}

TEST(WithinGrace, passes_streams_that_end_in_time) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.within-grace", ended()), Verdict::pass);
  EXPECT_EQ(w.finding("drain.within-grace", ended()).measured, "30 streams ended in 1.06 s");
}

TEST(WithinGrace, fails_streams_that_end_late_or_never) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.within-grace", ended({.between = 200ms})), Verdict::fail);
  auto s = drain();
  s.open(30, 0ms);
  drain_over(s);
  EXPECT_EQ(w.judge("drain.within-grace", s), Verdict::fail);
  EXPECT_EQ(w.finding("drain.within-grace", s).measured, "1 of 31 streams never ended");
  w.noise.lag_max = 2s;
  EXPECT_EQ(w.judge("drain.within-grace", ended({.between = 200ms})), Verdict::inconclusive);
}

TEST(WithinGrace, cannot_tell_when_the_run_was_over_before) {
  DrainWorld w;
  auto s = drain();
  s.open(30, 0ms);
  drain_over(s, 5s);
  EXPECT_EQ(w.judge("drain.within-grace", s), Verdict::inconclusive);
}

TEST(ExitWithin, passes_code_0_in_time_and_fails_the_rest) {
  DrainWorld w;
  const auto with = [](Duration when, std::int32_t code) {
    auto s = drain();
    exits(s, when, code);
    drain_over(s);
    return s;
  };
  EXPECT_EQ(w.judge("drain.exit-within", with(4s, 0)), Verdict::pass);
  EXPECT_EQ(w.judge("drain.exit-within", with(4s, 1)), Verdict::fail);
  EXPECT_EQ(w.judge("drain.exit-within", with(9s, 0)), Verdict::fail);
  EXPECT_EQ(w.judge("drain.exit-within", with(4s, -15)), Verdict::fail);
  EXPECT_THAT(w.finding("drain.exit-within", with(4s, -15)).reason, HasSubstr("signal 15"));
}

TEST(ExitWithin, fails_a_target_that_lingers_and_waits_for_one_that_may_still_go) {
  DrainWorld w;
  auto lingers = drain();
  lingers.add(no_stream, 15s, fact::TargetChanged{TargetEvent::lingers, 0, ""});
  drain_over(lingers);
  EXPECT_EQ(w.judge("drain.exit-within", lingers), Verdict::fail);
  auto unfinished = drain();
  drain_over(unfinished, 5s);
  EXPECT_EQ(w.judge("drain.exit-within", unfinished), Verdict::inconclusive);
}

TEST(NoTruncation, passes_whole_bodies_also_those_that_end_with_the_connection) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.no-truncation", ended()), Verdict::pass);
  EXPECT_EQ(w.judge("drain.no-truncation", ended({.ending = Ending::eof})), Verdict::pass);
}

TEST(NoTruncation, fails_half_an_event_and_a_missing_terminal_chunk) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.no-truncation", ended({.mid_block = true})), Verdict::fail);
  EXPECT_EQ(w.judge("drain.no-truncation", ended({.ending = Ending::truncated})), Verdict::fail);
  EXPECT_EQ(w.judge("drain.no-truncation", ended({.ending = Ending::reset})), Verdict::fail);
}

TEST(RetryHint, passes_the_hint_and_a_spread_around_it) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.retry-hint", ended()), Verdict::pass);
  EXPECT_EQ(w.judge("drain.retry-hint", ended({.hint = 1900})), Verdict::pass);
  EXPECT_EQ(w.judge("drain.retry-hint", ended({.hint = 500})), Verdict::pass);
}

TEST(RetryHint, fails_no_hint_an_early_one_and_another_time) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.retry-hint", ended({.hint = std::nullopt})), Verdict::fail);
  EXPECT_EQ(w.judge("drain.retry-hint", ended({.hint = 3000})), Verdict::fail);
  w.contract.drain->retry_hint.reset();
  EXPECT_EQ(w.judge("drain.retry-hint", ended()), Verdict::skip);
}

TEST(DrainSpread, passes_ends_one_after_the_other_and_fails_all_at_once) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.spread", ended()), Verdict::pass);
  EXPECT_EQ(w.judge("drain.spread", ended({.between = 1ms})), Verdict::fail);
  w.noise.lag_max = 200ms;  // of 1 s: a correct server's ends cannot look like one instant by that
  EXPECT_EQ(w.judge("drain.spread", ended({.between = 1ms})), Verdict::fail);
  w.noise.lag_max = 600ms;
  EXPECT_EQ(w.judge("drain.spread", ended({.between = 1ms})), Verdict::inconclusive);
  w.contract.drain->spread.reset();
  EXPECT_EQ(w.judge("drain.spread", ended()), Verdict::skip);
}

/// All return to a second instance after `away`, and see `from` to 12 there.
Story landing(Duration away, std::uint64_t from = 10, bool gives_up = false) {
  auto s = drain();
  s.add(no_stream, ordered, fact::TargetChanged{TargetEvent::switched, 0, ""});
  for (std::uint64_t seq = 10; seq <= 12; ++seq) s.published(ordered + seq * 100ms, seq);
  for (StreamId id = 0; id < 30; ++id) {
    const auto end = ordered + 100ms + id * 33ms;
    if (gives_up && id == 3) {
      s.add(id, end, fact::GaveUp{"status 404"});
      continue;
    }
    s.reopen(id, end + away);
    for (std::uint64_t seq = from; seq <= 12; ++seq) {
      s.event(id, end + away + seq * 10ms, seq, ordered + seq * 100ms);
    }
  }
  exits(s, 4s);
  drain_over(s);
  return s;
}

TEST(DrainLands, passes_clients_that_are_with_the_second_instance_in_time) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.lands", landing(2s)), Verdict::pass);
  w.contract.storm = StormTerms{3s, 0.25};
  EXPECT_EQ(w.judge("drain.lands", landing(2s)), Verdict::pass);
  EXPECT_EQ(w.judge("drain.lands", landing(4s)), Verdict::fail);
}

TEST(DrainLands, fails_clients_that_are_nowhere_and_skips_without_a_second_instance) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.lands", landing(2s, 10, true)), Verdict::fail);
  EXPECT_THAT(w.finding("drain.lands", landing(2s, 10, true)).reason, HasSubstr("1 gave up"));
  EXPECT_EQ(w.judge("drain.lands", ended()), Verdict::skip);
}

TEST(DrainNoLoss, wants_what_was_accepted_before_the_order) {
  DrainWorld w;
  EXPECT_EQ(w.judge("drain.no-loss", ended()), Verdict::pass);
  EXPECT_EQ(w.judge("drain.no-loss", ended({.seen = 8})), Verdict::fail);
  EXPECT_EQ(w.finding("drain.no-loss", ended({.seen = 8})).measured, "30 of 270 deliveries lost");
}

TEST(DrainNoLoss, wants_everything_across_two_instances_with_the_same_ids) {
  DrainWorld w;
  w.contract.replay = ReplayTerms{1000, 0, 0s, TooOld::from_oldest, ""};
  EXPECT_EQ(w.judge("drain.no-loss", landing(2s, 12)), Verdict::pass);
  w.target.capabilities.insert(w.target.capabilities.begin(), Capability::shared_ids);
  EXPECT_EQ(w.judge("drain.no-loss", landing(2s)), Verdict::pass);
  EXPECT_EQ(w.judge("drain.no-loss", landing(2s, 12)), Verdict::fail);
  EXPECT_EQ(w.judge("drain.no-loss", landing(2s, 13)), Verdict::fail);
}

TEST(DrainNoLoss, wants_what_waited_in_the_queue_of_a_reader_that_had_stopped_for_a_while) {
  DrainWorld w;
  auto s = ended({.seen = 8});
  Story paused;
  for (const auto& record : s.records()) {
    const auto at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(record.at - at(0ms));
    paused.add(record.stream, at_ms, record.fact);
    const auto* headers = std::get_if<fact::Headers>(&record.fact);
    if (!headers) continue;
    paused.stop(record.stream, at_ms).resume(record.stream, at_ms + 1ms);
  }
  EXPECT_EQ(w.judge("drain.no-loss", paused), Verdict::inconclusive);  // no queue is stated
  w.contract.queue = QueueTerms{};
  w.contract.queue->events_max = 64;
  EXPECT_EQ(w.judge("drain.no-loss", paused), Verdict::fail)
      << w.finding("drain.no-loss", paused).reason;
}

}  // namespace
}  // namespace streamgauge
