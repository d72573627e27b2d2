#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::uint64_t limit = 4;

/// Streams 0 to 9 have users of their own; 10 to 19 are one user.
struct LimitsWorld : World {
  LimitsWorld() {
    target.events_path = "/events?user={user}";
    scenario.groups[0].streams = scenario.groups[1].streams = 10;
    scenario.groups[1].user = "shared";
    contract.limits.streams_total = limit;
    contract.limits.streams_per_user = limit;
  }
};

Story& refused(Story& s, StreamId id, Duration when, int status, std::uint32_t attempt = 1,
               std::uint16_t group = 0) {
  if (attempt == 1) s.join(id, when, group);
  s.connect(id, when, attempt).head(id, when, status, "HTTP/1.1 503 Busy\r\n\r\n");
  return s.close(id, when, Ending::rejected);
}

/// `admitted` streams, then `extra` that are answered `status`.
Story crowd(StreamId admitted, StreamId extra, int status, StreamId first = 0) {
  const std::uint16_t group = first >= 10 ? 1 : 0;
  Story s;
  s.phase(0ms, 0);
  for (StreamId i = 0; i < admitted; ++i) s.open(first + i, i * 10ms, group);
  for (StreamId i = 0; i < extra; ++i) refused(s, first + admitted + i, 1s, status, 1, group);
  return s;
}

Story& limits_over(Story& s, Duration when = 20s) {
  return s.phase(when, 3);
}
Story limits_over(Story&& s) {
  return std::move(limits_over(s));
}

TEST(LimitsTotal, passes_as_many_as_stated_and_503_beyond) {
  LimitsWorld w;
  auto s = crowd(4, 3, 503);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.total", s), Verdict::pass);
  EXPECT_EQ(w.finding("limits.total", s).measured, "4 admitted, refused 503 x 3");
}

TEST(LimitsTotal, fails_one_too_many_one_too_few_and_another_status) {
  LimitsWorld w;
  EXPECT_EQ(w.judge("limits.total", limits_over(crowd(5, 3, 503))), Verdict::fail);
  EXPECT_EQ(w.judge("limits.total", limits_over(crowd(3, 3, 503))), Verdict::fail);
  EXPECT_EQ(w.judge("limits.total", limits_over(crowd(4, 3, 500))), Verdict::fail);
}

TEST(LimitsTotal, fails_when_an_admitted_stream_is_thrown_out) {
  LimitsWorld w;
  auto s = crowd(4, 3, 503);
  s.close(0, 2s, Ending::complete);
  s.reopen(5, 2s);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.total", s), Verdict::fail);
  EXPECT_THAT(w.finding("limits.total", s).reason, HasSubstr("ended by the target"));
}

TEST(LimitsTotal, does_not_charge_the_way_of_an_end_to_its_client) {
  LimitsWorld w;
  auto s = crowd(4, 3, 503);
  s.reopen(5, 2s).close(0, 2020ms, Ending::complete);  // replaced before its end was seen
  limits_over(s);
  EXPECT_THAT(w.finding("limits.total", s).reason, HasSubstr("ended by the target"));
}

TEST(LimitsTotal, needs_somebody_beyond_the_limit) {
  LimitsWorld w;
  auto s = crowd(3, 0, 503);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.total", s), Verdict::inconclusive);
  EXPECT_THAT(w.finding("limits.total", s).reason, HasSubstr("5 at once are needed"));
  w.contract.limits = {};
  for (const auto* id : {"limits.total", "limits.per-user", "limits.freed"}) {
    EXPECT_EQ(w.judge(id, s), Verdict::skip);
  }
}

TEST(LimitsPerUser, passes_as_many_as_stated_and_429_beyond) {
  LimitsWorld w;
  auto s = crowd(4, 3, 429, 10);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.per-user", s), Verdict::pass);
}

TEST(LimitsPerUser, counts_nobody_with_a_user_of_their_own) {
  LimitsWorld w;
  w.contract.limits.streams_total.reset();
  auto s = crowd(4, 3, 429, 10);
  for (StreamId id = 0; id < 8; ++id) s.open(id, 500ms);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.per-user", s), Verdict::pass);
}

TEST(LimitsPerUser, fails_one_too_many_one_too_few_and_another_status) {
  LimitsWorld w;
  w.contract.limits.streams_total = 100;
  EXPECT_EQ(w.judge("limits.per-user", limits_over(crowd(6, 0, 429, 10))), Verdict::fail);
  EXPECT_EQ(w.judge("limits.per-user", limits_over(crowd(3, 3, 429, 10))), Verdict::fail);
  EXPECT_EQ(w.judge("limits.per-user", limits_over(crowd(4, 3, 503, 10))), Verdict::fail);
  w.target.events_path = "/events";
  EXPECT_EQ(w.judge("limits.per-user", limits_over(crowd(4, 3, 429, 10))), Verdict::skip);
}

/// Two of the four admitted leave at 2 s by `how`; two others ask until they are let in at `back`.
Story leaving(AbortKind how, std::optional<Duration> back) {
  auto s = crowd(4, 2, 503);
  for (StreamId id = 0; id < 2; ++id) s.add(id, 2s, fact::Aborted{how}).close(id, 2s);
  for (StreamId id = 4; id < 6; ++id) {
    refused(s, id, 2100ms, 503, 2);  // within what noticing may take
    if (back) {
      s.reopen(id, *back, 3);
    } else {
      refused(s, id, 18s, 503, 3);
    }
  }
  limits_over(s);
  return s;
}

TEST(LimitsFreed, passes_places_that_are_given_to_others) {
  LimitsWorld w;
  for (const auto how : {AbortKind::fin, AbortKind::reset}) {
    EXPECT_EQ(w.judge("limits.freed", leaving(how, 3s)), Verdict::pass);
    EXPECT_EQ(w.judge("limits.total", leaving(how, 3s)), Verdict::pass);
  }
}

TEST(LimitsFreed, fails_ghosts_that_hold_their_places) {
  LimitsWorld w;
  for (const auto how : {AbortKind::fin, AbortKind::reset}) {
    EXPECT_EQ(w.judge("limits.freed", leaving(how, std::nullopt)), Verdict::fail);
    EXPECT_NE(w.judge("limits.total", leaving(how, std::nullopt)), Verdict::fail);
  }
  EXPECT_THAT(w.finding("limits.freed", leaving(AbortKind::reset, std::nullopt)).reason,
              HasSubstr("by reset"));
}

TEST(LimitsFreed, grants_what_vanished_the_time_that_eviction_takes) {
  LimitsWorld w;
  EXPECT_EQ(w.judge("limits.freed", leaving(AbortKind::vanish, std::nullopt)),
            Verdict::inconclusive);
  w.contract.eviction = EvictionTerms{5s, 0.25};
  EXPECT_EQ(w.judge("limits.freed", leaving(AbortKind::vanish, std::nullopt)), Verdict::fail);
  w.contract.eviction->stalled_after = 30s;
  EXPECT_EQ(w.judge("limits.freed", leaving(AbortKind::vanish, std::nullopt)),
            Verdict::inconclusive);
}

TEST(LimitsFreed, lets_a_target_keep_who_closed_one_half_and_reads_on) {
  LimitsWorld w;
  EXPECT_EQ(w.judge("limits.freed", leaving(AbortKind::half_close, std::nullopt)),
            Verdict::inconclusive);
  EXPECT_EQ(w.judge("limits.total", leaving(AbortKind::half_close, std::nullopt)), Verdict::pass);
}

TEST(LimitsFreed, needs_those_who_leave_and_those_who_ask) {
  LimitsWorld w;
  auto nobody_left = crowd(4, 2, 503);
  limits_over(nobody_left);
  EXPECT_EQ(w.judge("limits.freed", nobody_left), Verdict::inconclusive);
  auto nobody_asked = crowd(4, 2, 503);
  nobody_asked.close(0, 2s).close(1, 2s);
  limits_over(nobody_asked);
  EXPECT_EQ(w.judge("limits.freed", nobody_asked), Verdict::inconclusive);
  EXPECT_THAT(w.finding("limits.freed", nobody_asked).reason, HasSubstr("only 0"));
}

TEST(LimitsChecks, do_not_blame_a_target_that_is_down) {
  LimitsWorld w;
  auto s = crowd(4, 2, 503);
  s.add(no_stream, 5s, fact::TargetChanged{TargetEvent::stop_ordered, 0, "SIGTERM"});
  for (StreamId id = 0; id < 4; ++id) s.close(id, 6s, Ending::complete);
  refused(s, 4, 8s, 503, 2);
  limits_over(s);
  EXPECT_EQ(w.judge("limits.total", s), Verdict::pass);
}

}  // namespace
}  // namespace streamgauge
