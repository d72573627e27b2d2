#include "harness/core/client_case/case.hpp"

#include <gmock/gmock.h>

#include <set>
#include <stdexcept>

#include "harness/core/client_case/cases.hpp"
#include "tests/unit/client_case/trials.hpp"

namespace streamgauge::client_case {
namespace {

using namespace std::chrono_literals;

TEST(ClientCases, ThereAreHundredsWithStableIdsThatNameTheirSection) {
  std::set<std::string> ids;
  for (const Case& item : all_cases()) {
    EXPECT_TRUE(ids.insert(item.id).second) << item.id << " is there twice";
    EXPECT_NE(item.id.find('/'), std::string::npos) << item.id;
    EXPECT_EQ(item.id.find_first_of(" ,*?"), std::string::npos) << item.id;
  }
  EXPECT_GE(ids.size(), 250u);
}

TEST(ClientCases, EachSaysWhatItDemandsAndBySomeSource) {
  for (const Case& item : all_cases()) {
    EXPECT_FALSE(item.requirement.empty()) << item.id;
    EXPECT_EQ(item.requirement.back(), '.') << item.id;
    EXPECT_FALSE(item.source.empty()) << item.id;
    EXPECT_FALSE(item.script.replies.empty()) << item.id;
    EXPECT_TRUE(item.judge) << item.id;
  }
}

TEST(ClientCases, NoneIsPassedByAClientThatDoesNothing) {
  for (const Case& item : all_cases()) {
    EXPECT_NE(judge(item, Trial{}).verdict, Verdict::pass) << item.id;
    auto asked_once = trial({{0, request(1)}}, false);
    const bool about_the_request =
        item.id.starts_with("http/request/") || item.id == "reconnect/id/given";
    if (about_the_request) continue;
    EXPECT_NE(judge(item, asked_once).verdict, Verdict::pass) << item.id;
  }
}

TEST(ClientCases, AScriptThatASilentClientEndsDoesNotWaitForIt) {
  for (const Case& item : all_cases()) {
    EXPECT_LE(item.until.within, 25s) << item.id;
    EXPECT_LE(item.until.then, 5s) << item.id;
  }
}

TEST(ClientCases, PatternsChooseByStarsAndQuestionMarks) {
  EXPECT_TRUE(fits("sse/9.2.5/*", "sse/9.2.5/bom"));
  EXPECT_TRUE(fits("*bom*", "sse/9.2.5/bom-split"));
  EXPECT_TRUE(fits("sse/9.2.?/bom", "sse/9.2.5/bom"));
  EXPECT_TRUE(fits("a*b*c", "aXbbYc"));
  EXPECT_TRUE(fits("*", ""));
  EXPECT_FALSE(fits("sse/9.2.5", "sse/9.2.5/bom"));
  EXPECT_FALSE(fits("a*c", "ab"));
  EXPECT_FALSE(fits("?", ""));
}

TEST(ClientCases, EvidenceIsTogetherWhenAllOfItIs) {
  Until until;
  until.requests = 2;
  std::vector<Observation> log;
  const auto add = [&](int ms, Seen what) { log.push_back({at_ms(ms), std::move(what)}); };
  add(1, request(1));
  add(2, event("sg-end"));
  EXPECT_EQ(together(until, log), std::nullopt);
  add(3, request(2));
  EXPECT_EQ(together(until, log), at_ms(3));
  until.ended = 2;
  EXPECT_EQ(together(until, log), std::nullopt);
  add(4, ended(1));
  EXPECT_EQ(together(until, log), std::nullopt);
  add(5, seen::Left{2, 10});
  EXPECT_EQ(together(until, log), at_ms(5)) << "a client that leaves ends a connection, too";
}

TEST(ClientCases, AWindowToComeBackIsTwiceTheLongestWaitOrTheClientsOwn) {
  EXPECT_EQ(comeback_window(trial({{0, request(1)}, {10, ended(1)}, {810, request(2)}}), 3s),
            1600ms);
  EXPECT_EQ(comeback_window(trial({{0, request(1)}, {10, ended(1)}, {60, request(2)}}), 3s), 500ms);
  EXPECT_EQ(comeback_window(trial({{0, request(1)}}), 5s), 8s);
}

TEST(ClientCases, AJudgmentThatThrowsIsAnErrorAndNotTheRunsEnd) {
  Case item;
  item.judge = [](const Trial&, Level) -> Finding { throw std::runtime_error("oops"); };
  const Finding result = judge(item, trial({{0, request(1)}}));
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.reason, testing::HasSubstr("oops"));
}

TEST(ClientCases, AClientThatNeverAskedIsAnErrorThatSaysWhy) {
  const Finding result =
      judge(all_cases().front(), trial({{3, seen::Gone{"exit code 127: sh: nothing: not found"}}}));
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.reason, testing::HasSubstr("not found"));
}

TEST(ClientCases, WhatAClientCannotIsMissing) {
  Case item;
  item.needs = {Capability::comments, Capability::post};
  EXPECT_EQ(missing(item, {Capability::comments}), Capability::post);
  EXPECT_EQ(missing(item, {Capability::comments, Capability::post}), std::nullopt);
}

}  // namespace
}  // namespace streamgauge::client_case
