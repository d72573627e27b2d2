#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

/// Streams 0 and 1 are "node-0" and "node-1"; 2 and 3 come later with the same ids.
struct IdentityWorld : World {
  IdentityWorld() {
    contract.identity = IdentityTerms{};
    target.events_path = "/events?channel={channel}&id={id}";
    scenario.groups[0].streams = scenario.groups[1].streams = 2;
    scenario.groups[0].id = scenario.groups[1].id = "node-{n}";
  }
};

Story two_old_ones() {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).open(1, 0ms);
  return s;
}

/// Events 1 to 50, one every 100 ms, to everybody who is open.
void events(Story& s, std::initializer_list<std::pair<StreamId, int>> up_to) {
  for (int i = 1; i <= 50; ++i) {
    const auto seq = static_cast<std::uint64_t>(i);
    s.published(i * 100ms, seq);
    for (const auto& [stream, last] : up_to) {
      if (i <= last) s.event(stream, i * 100ms + 1ms, seq);
    }
  }
}

TEST(NewestWins, passes_older_streams_that_are_ended_when_the_newer_ones_come) {
  IdentityWorld w;
  auto s = two_old_ones();
  s.open(2, 1000ms, 1).open(3, 1000ms, 1);
  s.close(0, 1010ms, Ending::complete).close(1, 1010ms, Ending::complete);
  events(s, {{2, 50}, {3, 50}});
  s.phase(6s, 3);
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::pass);
}

TEST(NewestWins, fails_an_older_stream_that_stays) {
  IdentityWorld w;
  auto s = two_old_ones();
  s.open(2, 1000ms, 1).open(3, 1000ms, 1).close(0, 1010ms, Ending::complete);
  events(s, {{2, 50}, {3, 50}});
  s.phase(6s, 3);
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::fail);
  EXPECT_THAT(w.finding("identity.newest-wins", s).reason, HasSubstr("stayed open"));
}

TEST(NewestWins, fails_a_newer_stream_that_the_late_close_of_the_older_one_unregisters) {
  IdentityWorld w;
  auto s = two_old_ones();
  s.open(2, 1000ms, 1).open(3, 1000ms, 1);
  s.close(0, 1010ms, Ending::complete).close(1, 1010ms, Ending::complete);
  events(s, {{2, 12}, {3, 50}});
  s.phase(6s, 3);
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::fail);
  EXPECT_THAT(w.finding("identity.newest-wins", s).reason, HasSubstr("F27"));
}

TEST(NewestWins, fails_a_newer_stream_that_is_refused_or_ended) {
  IdentityWorld w;
  for (const bool refused : {true, false}) {
    auto s = two_old_ones();
    if (refused) {
      s.join(2, 1000ms, 1).connect(2, 1000ms).head(2, 1000ms, 409);
    } else {
      s.open(2, 1000ms, 1).close(2, 1010ms, Ending::complete);
    }
    events(s, {{0, 50}, {1, 50}});
    s.phase(6s, 3);
    EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::fail) << refused;
  }
}

TEST(NewestWins, asks_the_same_of_a_third_stream_of_an_id) {
  IdentityWorld w;
  w.scenario.groups.resize(3);
  w.scenario.groups[2] = w.scenario.groups[1];
  for (const bool ended : {true, false}) {
    Story s;
    s.phase(0ms, 0).open(0, 0ms).open(2, 1000ms, 1).close(0, 1010ms, Ending::complete);
    s.open(4, 2000ms, 2);
    if (ended) s.close(2, 2010ms, Ending::complete);
    events(s, {{4, 50}});
    s.phase(6s, 3).close(4, 6001ms);
    if (!ended) s.close(2, 6001ms);
    EXPECT_EQ(w.judge("identity.newest-wins", s), ended ? Verdict::pass : Verdict::fail) << ended;
  }
}

TEST(NewestWins, fails_an_end_that_comes_too_late_unless_the_machine_was_too_noisy) {
  IdentityWorld w;
  auto s = two_old_ones();
  s.open(2, 1000ms, 1).open(3, 1000ms, 1);
  s.close(0, 1010ms, Ending::complete).close(1, 3500ms, Ending::complete);
  events(s, {{2, 50}, {3, 50}});
  s.phase(6s, 3);
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::fail);
  w.noise.lag_max = 1100ms;
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::inconclusive);
}

TEST(NewestWins, says_nothing_without_two_streams_of_one_id_or_without_the_term) {
  IdentityWorld w;
  auto s = two_old_ones();
  events(s, {{0, 50}, {1, 50}});
  s.phase(6s, 3);
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::inconclusive);
  w.contract.identity.reset();
  EXPECT_EQ(w.judge("identity.newest-wins", s), Verdict::skip);
}

/// Four streams open before, 14 descriptors; all leave in the fault phase, by every kind of end.
Story four_that_leave() {
  Story s;
  s.open(0, 0ms).open(1, 0ms).open(2, 0ms).open(3, 0ms).phase(100ms, 0);
  for (int i = 1; i <= 5; ++i) s.sample(100ms + i * 50ms, 1 << 20, 14);
  s.phase(1s, 1);
  s.add(0, 1s, fact::Aborted{AbortKind::fin}).close(0, 1s);
  s.add(1, 1s, fact::Aborted{AbortKind::reset}).close(1, 1s);
  s.add(2, 1s, fact::Aborted{AbortKind::half_close}).close(2, 2s);
  s.add(3, 1s, fact::Aborted{AbortKind::vanish});
  return s;
}

struct GhostWorld : IdentityWorld {
  GhostWorld() {
    contract.eviction = EvictionTerms{};
    contract.eviction->stalled_after = 2s;
  }
};

TEST(NoGhost, passes_when_every_descriptor_comes_back) {
  GhostWorld w;
  auto s = four_that_leave();
  s.sample(9800ms, 1 << 20, 10).phase(10s, 3).close(3, 10s);
  EXPECT_EQ(w.judge("identity.no-ghost", s), Verdict::pass);
}

TEST(NoGhost, fails_what_stays_behind_but_forgives_the_vanished_until_their_time) {
  GhostWorld w;
  for (const auto& [descriptors, end, verdict] :
       {std::tuple{13u, 10s, Verdict::fail}, {13u, 3s, Verdict::pass}, {14u, 3s, Verdict::fail}}) {
    auto s = four_that_leave();
    s.sample(end - 200ms, 1 << 20, descriptors).phase(end, 3).close(3, end);
    EXPECT_EQ(w.judge("identity.no-ghost", s), verdict) << descriptors << " at " << end.count();
  }
}

TEST(NoGhost, cannot_tell_from_few_aborts_or_without_samples) {
  GhostWorld w;
  auto s = four_that_leave();
  s.phase(10s, 3);
  EXPECT_EQ(w.judge("identity.no-ghost", s), Verdict::inconclusive);
  Story few;
  few.open(0, 0ms).phase(100ms, 0).sample(200ms, 1, 11).add(0, 1s, fact::Aborted{AbortKind::fin});
  few.close(0, 1s).sample(3900ms, 1, 10).phase(4s, 3);
  EXPECT_EQ(w.judge("identity.no-ghost", few), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
