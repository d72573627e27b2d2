#include "harness/core/client_case/judge.hpp"

#include "harness/core/client_case/cases.hpp"
#include "tests/unit/client_case/trials.hpp"

namespace streamgauge::client_case {
namespace {

using namespace std::chrono_literals;

TEST(ClientJudge, EventsAsSentPass) {
  const auto judge = hears({message("a", "7"), message("b")});
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}, {1, event("a", "7")}, {2, event("b", "7")}})),
            Verdict::pass);
}

TEST(ClientJudge, AMissingAStrangeAndASurplusEventFailByTheLevel) {
  const auto judge = hears({message("a"), message("b")});
  const auto short_of_one = trial({{0, request(1)}, {1, event("a")}});
  const auto strange = trial({{0, request(1)}, {1, event("a")}, {2, event("x")}});
  const auto one_more = trial({{0, request(1)}, {1, event("a")}, {2, event("b")}, {3, event("c")}});
  for (const Trial* each : {&short_of_one, &strange, &one_more}) {
    EXPECT_EQ(verdict(judge, *each), Verdict::fail);
    EXPECT_EQ(verdict(judge, *each, Level::should), Verdict::warn);
    EXPECT_EQ(verdict(judge, *each, Level::may), Verdict::info);
  }
  EXPECT_THAT(judge(strange, Level::must).reason, testing::HasSubstr("expected event 'message'"));
}

TEST(ClientJudge, IdsCountOnlyWhereTheyAreReportedAndAskedFor) {
  const auto judge = hears({message("a", "7")});
  auto other = trial({{0, request(1)}, {1, event("a", "8")}});
  EXPECT_EQ(verdict(judge, other), Verdict::fail);
  EXPECT_EQ(verdict(hears({message("a")}), other), Verdict::pass);
  other.can = {};
  EXPECT_EQ(verdict(judge, other), Verdict::pass);
}

TEST(ClientJudge, ALateHarnessDoesNotBlameTheClientForWhatNeverCame) {
  auto nothing = trial({{0, request(1)}});
  nothing.lag = 2s;
  EXPECT_EQ(verdict(hears({message("a")}), nothing), Verdict::inconclusive);
  EXPECT_EQ(verdict(comes_back(2), nothing), Verdict::inconclusive);
}

TEST(ClientJudge, StayingAwayNeedsTheTimeInWhichItCouldHaveCome) {
  const auto judge = stays_away_after(1);
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}, {1, ended(1)}})), Verdict::pass);
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}, {1, ended(1)}}, false)), Verdict::inconclusive);
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}, {1, ended(1)}, {90, request(2)}})),
            Verdict::fail);
  EXPECT_EQ(verdict(stays_away_after(2), trial({{0, request(1)}})), Verdict::inconclusive)
      << "who never came back has met nothing";
}

TEST(ClientJudge, WaitsAreMeasuredFromTheEndToTheNextRequest) {
  const auto after_300 = trial({{0, request(1)}, {100, ended(1)}, {400, request(2)}});
  EXPECT_EQ(verdict(waits_at_least(2, 300ms), after_300), Verdict::pass);
  EXPECT_EQ(verdict(waits_at_least(2, 310ms), after_300), Verdict::fail);
  EXPECT_EQ(verdict(waits_at_least(2, 305ms), after_300), Verdict::pass) << "a timer's grain";
  EXPECT_EQ(verdict(waits_at_most(2, 300ms), after_300), Verdict::pass);
  EXPECT_EQ(verdict(waits_at_most(2, 299ms), after_300), Verdict::fail);
  EXPECT_EQ(verdict(waits_at_least(3, 1ms), after_300), Verdict::inconclusive);
}

TEST(ClientJudge, LagWidensAnUpperBoundAndBeyondItDecidesNothing) {
  auto slow = trial({{0, request(1)}, {100, ended(1)}, {400, request(2)}});
  slow.lag = 50ms;
  EXPECT_EQ(verdict(waits_at_most(2, 260ms), slow), Verdict::pass);
  EXPECT_EQ(verdict(waits_at_most(2, 240ms), slow), Verdict::fail);
  slow.lag = 120ms;
  EXPECT_EQ(verdict(waits_at_most(2, 100ms), slow), Verdict::inconclusive);
}

TEST(ClientJudge, LastEventIdIsComparedAsItStands) {
  const auto with = [](std::vector<std::pair<std::string, std::string>> fields) {
    return trial({{0, request(1)}, {5, request(2, std::move(fields))}});
  };
  EXPECT_EQ(verdict(resumes_with(2, "7"), with({{"last-event-id", "7"}})), Verdict::pass);
  EXPECT_EQ(verdict(resumes_with(2, "7"), with({{"Last-Event-ID", "8"}})), Verdict::fail);
  EXPECT_EQ(verdict(resumes_with(2, "7"), with({})), Verdict::fail);
  EXPECT_EQ(verdict(resumes_with(2, std::nullopt), with({})), Verdict::pass);
  EXPECT_EQ(verdict(resumes_with(2, std::nullopt), with({{"Last-Event-ID", ""}})), Verdict::fail);
  EXPECT_EQ(verdict(resumes_with(3, "7"), with({})), Verdict::inconclusive);
}

TEST(ClientJudge, CommentsAreComparedInOrder) {
  const auto judge = hears_comments({"one", "two"});
  EXPECT_EQ(verdict(judge, trial({{1, seen::Comment{"one"}}, {2, seen::Comment{"two"}}})),
            Verdict::pass);
  EXPECT_EQ(verdict(judge, trial({{1, seen::Comment{"one"}}})), Verdict::fail);
  EXPECT_EQ(verdict(judge, trial({{1, seen::Comment{":one"}}, {2, seen::Comment{"two"}}})),
            Verdict::fail);
}

TEST(ClientJudge, ASilentConnectionIsLeftInItsBand) {
  const auto left_after = [](int ms) {
    return trial({{0, request(1)}, {10, seen::Held{1}}, {10 + ms, seen::Left{1, 30}}});
  };
  const auto judge = leaves_within(1, 300ms, 900ms);
  EXPECT_EQ(verdict(judge, left_after(400)), Verdict::pass);
  EXPECT_EQ(verdict(judge, left_after(1000)), Verdict::fail);
  EXPECT_EQ(verdict(judge, left_after(100)), Verdict::fail);
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}, {10, seen::Held{1}}})), Verdict::fail);
  EXPECT_EQ(verdict(judge, trial({{0, request(1)}})), Verdict::inconclusive);
}

TEST(ClientJudge, AKeptConnectionMustHaveBeenSeenToTheEnd) {
  EXPECT_EQ(verdict(keeps(1), trial({{0, request(1)}})), Verdict::pass);
  EXPECT_EQ(verdict(keeps(1), trial({{0, request(1)}}, false)), Verdict::inconclusive);
  EXPECT_EQ(verdict(keeps(1), trial({{0, request(1)}, {9, seen::Left{1, 5}}})), Verdict::fail);
}

TEST(ClientJudge, BoundsAreJudgedByWhatIsTakenOrByMemory) {
  const auto left = trial({{0, request(1)}, {9, seen::Left{1, 1000}}});
  EXPECT_EQ(verdict(bounded(1, 1000), left), Verdict::pass);
  EXPECT_EQ(verdict(bounded(1, 999), left), Verdict::fail);
  auto took_all = trial({{0, request(1)}, {9, seen::Held{1}}});
  EXPECT_EQ(verdict(bounded(1, 999), took_all), Verdict::skip);
  took_all.memory_grown_bytes = 999;
  EXPECT_EQ(verdict(bounded(1, 999), took_all), Verdict::pass);
  took_all.memory_grown_bytes = 1000;
  EXPECT_EQ(verdict(bounded(1, 999), took_all), Verdict::fail);
}

/// Connections that end at once, and the client's waits between them.
Trial waits(const std::vector<int>& each_ms) {
  std::vector<Told> told{{0, request(1)}, {0, ended(1)}};
  int at = 0;
  for (std::uint32_t n = 2; const int ms : each_ms) {
    at += ms;
    told.push_back({at, request(n)});
    told.push_back({at, ended(n)});
    ++n;
  }
  return trial(std::move(told));
}

TEST(ClientJudge, GrowingWaitsAreToldFromEvenOnes) {
  EXPECT_EQ(verdict(waits_grow(6, 2), waits({100, 200, 400, 800, 800})), Verdict::pass);
  EXPECT_EQ(verdict(waits_grow(6, 2), waits({100, 100, 100, 100, 100})), Verdict::fail);
  EXPECT_EQ(verdict(waits_grow(6, 2), waits({100, 200})), Verdict::inconclusive);
}

TEST(ClientJudge, RandomWaitsAreToldFromEqualOnes) {
  EXPECT_EQ(verdict(waits_differ(6, 8ms, 0.6), waits({100, 130, 90, 160, 75})), Verdict::pass);
  EXPECT_EQ(verdict(waits_differ(6, 8ms, 0.6), waits({100, 101, 102, 103, 160})), Verdict::fail);
  EXPECT_EQ(verdict(waits_differ(6, 8ms, 0.6), waits({100})), Verdict::inconclusive);
}

TEST(ClientJudge, NothingMayComeLongAfterAClose) {
  const auto judge = hears_nothing_after_order();
  EXPECT_EQ(verdict(judge, trial({{0, event("a")}, {1, seen::Ordered{true}}, {50, event("b")}})),
            Verdict::pass);
  EXPECT_EQ(verdict(judge, trial({{0, event("a")}, {1, seen::Ordered{true}}, {300, event("b")}})),
            Verdict::fail);
  EXPECT_EQ(verdict(judge, trial({{0, event("a")}})), Verdict::inconclusive);
}

TEST(ClientJudge, OfSeveralJudgmentsTheWorstIsTheAnswer) {
  const auto gives = [](Verdict verdict) -> Judge {
    return [verdict](const Trial&, Level) {
      Finding finding;
      finding.verdict = verdict;
      return finding;
    };
  };
  const auto both = [&](Verdict a, Verdict b) {
    return verdict(all_of({gives(a), gives(b)}), Trial{});
  };
  EXPECT_EQ(both(Verdict::pass, Verdict::fail), Verdict::fail);
  EXPECT_EQ(both(Verdict::inconclusive, Verdict::pass), Verdict::inconclusive);
  EXPECT_EQ(both(Verdict::fail, Verdict::inconclusive), Verdict::fail);
  EXPECT_EQ(verdict(all_of({}), Trial{}), Verdict::error);
}

}  // namespace
}  // namespace streamgauge::client_case
