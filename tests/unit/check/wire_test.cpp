#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

Story with_head(std::string_view fields, int status = 200) {
  Story s;
  const auto head = "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(fields) + "\r\n";
  s.join(0, 0ms).connect(0, 0ms).head(0, 5ms, status, head);
  return s;
}

// --- status ---

TEST(WireStatus, passes_on_200_fails_on_anything_else_and_needs_an_answer) {
  World w;
  EXPECT_EQ(w.judge("wire.status", Story{}.open(0, 0ms)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.status", with_head("", 500)), Verdict::fail);
  EXPECT_THAT(w.finding("wire.status", with_head("", 500)).reason, HasSubstr("500"));
  EXPECT_EQ(w.judge("wire.status", Story{}.join(0, 0ms).connect(0, 0ms)), Verdict::inconclusive);
}

TEST(WireStatus, fails_when_what_answers_is_not_http) {
  World w;
  Story s;
  s.join(0, 0ms).connect(0, 0ms).close(0, 5ms, Ending::bad_http, false, "SSH-2.0");
  EXPECT_EQ(w.judge("wire.status", s), Verdict::fail);
}

TEST(WireStatus, fails_a_200_whose_body_ends_at_once_without_a_byte) {
  World w;
  const auto ended = [](Ending ending, Duration after, bool with_comment) {
    Story s;
    s.open(0, 0ms);
    if (with_comment) s.comment(0, 1ms, "hi");
    s.close(0, after, ending);
    return s;
  };
  EXPECT_EQ(w.judge("wire.status", ended(Ending::complete, 2ms, false)), Verdict::fail);
  EXPECT_EQ(w.judge("wire.status", ended(Ending::eof, 1s, false)), Verdict::fail);
  EXPECT_EQ(w.judge("wire.status", ended(Ending::eof, 1001ms, false)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.status", ended(Ending::complete, 2ms, true)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.status", ended(Ending::local, 2ms, false)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.status", ended(Ending::rejected, 2ms, false)), Verdict::pass);
  EXPECT_THAT(w.finding("wire.status", ended(Ending::eof, 2ms, false)).reason, HasSubstr("204"));
}

TEST(WireStatus, allows_410_on_a_resume_only_where_the_contract_states_it_for_too_old) {
  World w;
  Story s;
  s.open(0, 0ms).close(0, 10ms).connect(0, 20ms, 2, true).head(0, 20ms, 410);
  EXPECT_EQ(w.judge("wire.status", s), Verdict::fail);
  w.contract.replay = ReplayTerms{};
  w.contract.replay->too_old = TooOld::status_410;
  EXPECT_EQ(w.judge("wire.status", s), Verdict::pass);
}

// --- fields ---

struct HeadCase {
  std::string_view check;
  std::string_view fields;
  Verdict verdict;
};

TEST(WireHead, is_judged_by_its_fields) {
  World w;
  w.contract.headers.cache_control = {"no-cache", "no-transform"};
  w.contract.headers.x_accel_buffering = "no";
  const HeadCase cases[] = {
      {"wire.content-type", "Content-Type: text/event-stream\r\n", Verdict::pass},
      {"wire.content-type", "content-type: Text/Event-Stream;charset=UTF-8\r\n", Verdict::pass},
      {"wire.content-type", "Content-Type: text/html\r\n", Verdict::fail},
      {"wire.content-type", "Content-Type: text/event-streams\r\n", Verdict::fail},
      {"wire.content-type", "", Verdict::fail},
      {"wire.charset", "Content-Type: text/event-stream\r\n", Verdict::pass},
      {"wire.charset", "Content-Type: text/event-stream; charset=UTF-8\r\n", Verdict::pass},
      {"wire.charset", "Content-Type: text/event-stream; charset=\"utf-8\"\r\n", Verdict::pass},
      {"wire.charset", "Content-Type: text/event-stream; charset=latin1\r\n", Verdict::fail},
      {"wire.cache-control", "Cache-Control: no-cache, no-transform\r\n", Verdict::pass},
      {"wire.cache-control", "Cache-Control: No-Transform\r\nCache-Control: no-cache\r\n",
       Verdict::pass},
      {"wire.cache-control", "Cache-Control: no-cache\r\n", Verdict::fail},
      {"wire.cache-control", "", Verdict::fail},
      {"wire.x-accel-buffering", "X-Accel-Buffering: no\r\n", Verdict::pass},
      {"wire.x-accel-buffering", "X-Accel-Buffering: No\r\n", Verdict::pass},
      {"wire.x-accel-buffering", "X-Accel-Buffering: yes\r\n", Verdict::fail},
      {"wire.x-accel-buffering", "", Verdict::fail},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(w.judge(c.check, with_head(c.fields)), c.verdict) << c.check << " " << c.fields;
  }
}

TEST(WireHead, without_any_good_head_is_inconclusive) {
  World w;
  for (const auto* id : {"wire.content-type", "wire.charset"}) {
    EXPECT_EQ(w.judge(id, with_head("", 500)), Verdict::inconclusive);
  }
}

TEST(WireHead, names_what_is_missing) {
  World w;
  w.contract.headers.cache_control = {"no-cache", "no-transform"};
  EXPECT_THAT(w.finding("wire.cache-control", with_head("Cache-Control: no-cache\r\n")).reason,
              HasSubstr("lacks no-transform"));
}

TEST(WireHead, is_not_judged_where_the_contract_states_nothing) {
  World w;
  EXPECT_EQ(w.judge("wire.cache-control", with_head("")), Verdict::skip);
  EXPECT_EQ(w.judge("wire.x-accel-buffering", with_head("")), Verdict::skip);
}

TEST(WireCharset, fails_on_bytes_that_are_not_utf8) {
  World w;
  Story s;
  s.open(0, 0ms).oddity(0, 5ms, sse::Notice::invalid_utf8, "\xff");
  EXPECT_EQ(w.judge("wire.charset", s), Verdict::fail);
}

// --- headers-prompt ---

Story head_after(Duration took) {
  Story s;
  s.join(0, 0ms).connect(0, 0ms).head(0, took).event(0, took + 1ms, 1).close(0, 5s);
  return s;
}

TEST(WireHeadersPrompt, passes_up_to_the_widened_bound_and_fails_above) {
  World w;  // 500 ms, widened by 2 * 1 ms + 2 ms
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(500ms)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(504ms)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(505ms)), Verdict::fail);
  EXPECT_THAT(w.finding("wire.headers-prompt", head_after(750ms)).reason,
              HasSubstr("together with the first body byte"));
}

TEST(WireHeadersPrompt, is_inconclusive_when_noise_could_explain_the_delay) {
  World w;
  w.noise.lag_max = 600ms;
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(2s)), Verdict::inconclusive);
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(100ms)), Verdict::pass);
  w.noise = Noise{};
  EXPECT_EQ(w.judge("wire.headers-prompt", head_after(2s)), Verdict::inconclusive);
}

TEST(WireHeadersPrompt, forgives_one_head_in_a_hundred_of_many_but_none_that_never_comes) {
  struct Case {
    int late, heads;
    Duration took;
    Verdict verdict;
  };
  for (const auto& [late, heads, took, verdict] : {Case{2, 200, 1s, Verdict::pass},
                                                   {2, 200, 1005ms, Verdict::fail},
                                                   {3, 200, 1s, Verdict::fail},
                                                   {1, 199, 1s, Verdict::fail}}) {
    World w;
    Story s;
    for (int i = 0; i < heads; ++i) {
      const auto id = static_cast<StreamId>(i);
      s.join(id, 0ms).connect(id, 0ms).head(id, i < late ? took : 5ms);
    }
    EXPECT_EQ(w.judge("wire.headers-prompt", s), verdict) << late << " of " << heads;
    s.join(500, 0ms).connect(500, 0ms).close(500, 3s, Ending::timed_out);
    EXPECT_EQ(w.judge("wire.headers-prompt", s), Verdict::fail);
  }
}

TEST(WireHeadersPrompt, fails_streams_that_were_accepted_and_never_answered) {
  World w;
  Story open_to_the_end;
  open_to_the_end.join(0, 0ms).connect(0, 0ms).phase(0ms, 0).phase(3s, 3);
  EXPECT_EQ(w.judge("wire.headers-prompt", open_to_the_end), Verdict::fail);
  EXPECT_THAT(w.finding("wire.headers-prompt", open_to_the_end).reason, HasSubstr("F29"));
  Story closed;
  closed.join(0, 0ms).connect(0, 0ms).close(0, 3s, Ending::timed_out);
  EXPECT_EQ(w.judge("wire.headers-prompt", closed), Verdict::fail);
  Story closed_soon;
  closed_soon.join(0, 0ms).connect(0, 0ms).close(0, 100ms);
  EXPECT_EQ(w.judge("wire.headers-prompt", closed_soon), Verdict::inconclusive);
}

TEST(WireHeadersPrompt, does_not_judge_a_wait_that_overlaps_a_freeze) {
  World w;
  Story s;
  s.open(1, 0ms).freeze(10ms).join(0, 20ms).connect(0, 20ms).thaw(2s).head(0, 2001ms);
  EXPECT_EQ(w.judge("wire.headers-prompt", s), Verdict::pass);
}

// --- grammar ---

Story body() {
  Story s;
  s.open(0, 0ms).event(0, 10ms, 1);
  return s;
}

TEST(WireGrammar, passes_a_clean_stream_and_needs_a_body) {
  World w;
  EXPECT_EQ(w.judge("wire.grammar", body().close(0, 20ms)), Verdict::pass);
  EXPECT_EQ(w.judge("wire.grammar", Story{}.open(0, 0ms).close(0, 20ms)), Verdict::inconclusive);
}

TEST(WireGrammar, grades_oddities) {
  World w;
  const std::pair<sse::Notice, Verdict> cases[] = {
      {sse::Notice::retry_not_digits, Verdict::fail}, {sse::Notice::id_with_nul, Verdict::fail},
      {sse::Notice::unknown_field, Verdict::warn},    {sse::Notice::byte_order_mark, Verdict::pass},
      {sse::Notice::discarded_at_end, Verdict::pass},
  };
  for (const auto& [notice, verdict] : cases) {
    EXPECT_EQ(w.judge("wire.grammar", body().oddity(0, 12ms, notice, "dat").close(0, 20ms)),
              verdict)
        << sse::to_string(notice);
  }
}

TEST(WireGrammar, fails_an_event_that_the_target_cut_but_not_one_that_the_client_did) {
  World w;
  const std::pair<Ending, Verdict> cases[] = {
      {Ending::complete, Verdict::fail},  {Ending::eof, Verdict::fail},
      {Ending::truncated, Verdict::fail}, {Ending::local, Verdict::pass},
      {Ending::reset, Verdict::pass},     {Ending::timed_out, Verdict::pass},
  };
  for (const auto& [ending, verdict] : cases) {
    EXPECT_EQ(w.judge("wire.grammar", body().close(0, 20ms, ending, true)), verdict);
    EXPECT_EQ(w.judge("wire.grammar", body().close(0, 20ms, ending, false)), Verdict::pass);
  }
  // A reader that stopped is given up wherever its buffer was full.
  EXPECT_EQ(w.judge("wire.grammar",
                    body().stop(0, 12ms).resume(0, 5s).close(0, 6s, Ending::truncated, true)),
            Verdict::pass);
}

TEST(WireGrammar, says_that_a_line_had_no_end) {
  World w;
  auto s = body();
  s.close(0, 20ms, Ending::over_limit, true, "line longer than 8 MiB");
  EXPECT_EQ(w.judge("wire.grammar", s), Verdict::fail);
  EXPECT_THAT(w.finding("wire.grammar", s).reason, HasSubstr("without end"));
  EXPECT_EQ(w.judge("wire.grammar", body().close(0, 20ms, Ending::bad_http, false, "chunk size")),
            Verdict::fail);
}

}  // namespace
}  // namespace streamgauge
