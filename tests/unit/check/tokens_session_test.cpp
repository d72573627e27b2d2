#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

struct TokenWorld : World {
  TokenWorld() {
    contract.tokens = TokenTerms{1s, 500ms, "[DONE]"};
    target.generate = CommandSpec{};
  }
};

/// First token after `first`, then four more, `gap` apart.
Story answer(Duration first = 100ms, Duration gap = 50ms) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms);
  for (int i = 0; i < 5; ++i) s.plain(0, first + i * gap, "message", "word");
  return s;
}

TEST(Tokens, passes_an_answer_in_time_with_its_terminator) {
  TokenWorld w;
  auto s = answer();
  s.plain(0, 400ms, "message", "[DONE]").close(0, 401ms, Ending::complete).phase(1s, 3);
  for (const auto* id : {"tokens.first-within", "tokens.gap", "tokens.terminated"}) {
    EXPECT_EQ(w.judge(id, s), Verdict::pass) << id;
  }
}

TEST(Tokens, fails_a_first_token_or_a_gap_that_is_too_long) {
  TokenWorld w;
  auto late = answer(1100ms);
  late.phase(3s, 3);
  EXPECT_EQ(w.judge("tokens.first-within", late), Verdict::fail);
  auto slow = answer(100ms, 600ms);
  slow.plain(0, 3s, "message", "[DONE]").phase(4s, 3);
  EXPECT_EQ(w.judge("tokens.gap", slow), Verdict::fail);
  w.noise.lag_max = 1200ms;
  EXPECT_EQ(w.judge("tokens.first-within", late), Verdict::inconclusive);
  EXPECT_EQ(w.judge("tokens.gap", slow), Verdict::inconclusive);
}

TEST(Tokens, counts_what_is_still_waited_for_at_the_end) {
  TokenWorld w;
  Story nothing;
  nothing.phase(0ms, 0).open(0, 0ms).phase(2s, 3).close(0, 2s);  // by the harness, at the end
  EXPECT_EQ(w.judge("tokens.first-within", nothing), Verdict::fail);
  auto hangs = answer();
  hangs.phase(5s, 3).close(0, 5001ms);
  EXPECT_EQ(w.judge("tokens.gap", hangs), Verdict::fail);
  auto ordered = answer();
  ordered.close(0, 2s).phase(5s, 3);  // closed by the scenario in between: nobody waited
  EXPECT_EQ(w.judge("tokens.gap", ordered), Verdict::pass);
  Story waits;
  waits.phase(0ms, 0).open(0, 0ms).phase(2s, 3);
  EXPECT_EQ(w.judge("tokens.first-within", waits), Verdict::fail);
}

TEST(Tokens, tells_truncation_from_completion) {
  TokenWorld w;
  for (const auto ending : {Ending::complete, Ending::truncated, Ending::reset}) {
    auto s = answer();
    s.close(0, 400ms, ending).phase(1s, 3);
    EXPECT_EQ(w.judge("tokens.terminated", s), Verdict::fail) << to_string(ending);
  }
  auto more = answer();
  more.plain(0, 400ms, "message", "[DONE]").plain(0, 410ms, "message", "word");
  more.close(0, 420ms, Ending::complete).phase(1s, 3);
  EXPECT_EQ(w.judge("tokens.terminated", more), Verdict::fail);
  auto open = answer();
  open.plain(0, 400ms, "message", "[DONE]").phase(5s, 3).close(0, 5s);
  EXPECT_EQ(w.judge("tokens.terminated", open), Verdict::fail);
  auto unfinished = answer();
  unfinished.phase(1s, 3).close(0, 1s);
  EXPECT_EQ(w.judge("tokens.terminated", unfinished), Verdict::inconclusive);
}

TEST(SessionPriming, asks_for_an_id_and_empty_data_first) {
  World w;
  w.contract.priming = true;
  Story right;
  right.phase(0ms, 0).open(0, 0ms).plain(0, 1ms, "message", "", "e-0").event(0, 9ms, 1);
  right.close(0, 50ms, Ending::complete).reopen(0, 60ms).event(0, 70ms, 2).phase(1s, 3);
  EXPECT_EQ(w.judge("session.priming", right), Verdict::pass);
  Story wrong;
  wrong.phase(0ms, 0).open(0, 0ms).event(0, 9ms, 1).phase(1s, 3);
  EXPECT_EQ(w.judge("session.priming", wrong), Verdict::fail);
  Story nothing;
  nothing.phase(0ms, 0).open(0, 0ms).phase(1s, 3);
  EXPECT_EQ(w.judge("session.priming", nothing), Verdict::fail);
  Story nobody;
  nobody.phase(0ms, 0).phase(1s, 3);
  EXPECT_EQ(w.judge("session.priming", nobody), Verdict::inconclusive);
}

TEST(SessionFirstEvent, asks_for_the_stated_type_on_every_connection) {
  World w;
  w.contract.first_event = "connected";
  Story right;
  right.phase(0ms, 0).open(0, 0ms).plain(0, 1ms, "connected", "{}").event(0, 9ms, 1).phase(1s, 3);
  EXPECT_EQ(w.judge("session.first-event", right), Verdict::pass);
  Story again;
  again.phase(0ms, 0).open(0, 0ms).plain(0, 1ms, "connected", "{}");
  again.close(0, 10ms, Ending::complete).reopen(0, 20ms).event(0, 30ms, 1).phase(1s, 3);
  EXPECT_EQ(w.judge("session.first-event", again), Verdict::fail);
}

struct CloseWorld : World {
  CloseWorld() {
    contract.deliberate_close = DeliberateCloseTerms{500ms};
    target.commands["close"] = CommandSpec{};
  }
};

Story told_to_close() {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).add(0, 1ms, fact::Retry{3000});
  s.add(no_stream, 1010ms, fact::Commanded{"close", 65535, 200, 10ms});
  return s;
}

TEST(RetryBeforeClose, passes_a_stream_that_is_told_when_to_return) {
  CloseWorld w;
  auto s = told_to_close();
  s.add(0, 1010ms, fact::Retry{520}).close(0, 1011ms, Ending::complete).reopen(0, 1600ms);
  s.phase(3s, 3).close(0, 3s);
  EXPECT_EQ(w.judge("session.retry-before-close", s), Verdict::pass);
  auto primed = told_to_close();  // told at the start, with the priming event
  primed.close(0, 1011ms, Ending::complete).phase(3s, 3);
  EXPECT_EQ(w.judge("session.retry-before-close", primed), Verdict::pass);
}

TEST(RetryBeforeClose, fails_an_end_without_it_and_one_that_is_not_in_order) {
  CloseWorld w;
  auto untold = told_to_close();
  w.contract.retry = 3s;  // what every stream opens with is no hint of an end
  untold.close(0, 1011ms, Ending::complete).phase(3s, 3);
  EXPECT_EQ(w.judge("session.retry-before-close", untold), Verdict::fail);
  auto cut = told_to_close();
  cut.add(0, 1010ms, fact::Retry{520}).close(0, 1011ms, Ending::truncated).phase(3s, 3);
  EXPECT_EQ(w.judge("session.retry-before-close", cut), Verdict::fail);
}

TEST(RetryBeforeClose, cannot_tell_when_nothing_was_ended) {
  CloseWorld w;
  auto s = told_to_close();
  s.phase(3s, 3).close(0, 3s);
  EXPECT_EQ(w.judge("session.retry-before-close", s), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
