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

// --- probes ---

/// All probes, accepted and delivered as a correct server does.
Story all_probes(int streams = 2) {
  Story s;
  for (int id = 0; id < streams; ++id) s.open(static_cast<StreamId>(id), 0ms);
  std::uint64_t seq = 5;
  for (const auto& probe : wire_probes()) {
    s.published(seq * 100ms, seq, 200, 100, sse::EnvelopeKind::probe);
    for (int id = 0; id < streams; ++id) {
      const bool one_line = probe.event_type.find_first_of("\r\n") == std::string_view::npos;
      s.probe(static_cast<StreamId>(id), seq * 100ms + 1ms, seq, with_lf(probe.tail),
              one_line && !probe.event_type.empty() ? probe.event_type : "message");
    }
    ++seq;
  }
  return s;
}

TEST(WireProbes, that_arrive_whole_pass_both_checks) {
  World w;
  EXPECT_EQ(w.judge("wire.no-injection", all_probes()), Verdict::pass);
  EXPECT_EQ(w.judge("wire.data-intact", all_probes()), Verdict::pass);
}

TEST(WireNoInjection, fails_on_a_mark_outside_the_data_and_names_the_probe) {
  World w;
  const auto last = 5 + wire_probes().size() - 1;
  const auto name = std::string(wire_probes().back().name);
  const std::function<void(Story&)> traces[] = {
      [](Story& s) { s.plain(0, 5s, injected_mark, "x"); },
      [](Story& s) { s.plain(0, 5s, "message", "x", injected_mark); },
      [](Story& s) { s.plain(0, 5s, "message", injected_mark); },
      [](Story& s) { s.comment(0, 5s, " " + std::string(injected_mark)); },
      [](Story& s) { s.oddity(0, 5s, sse::Notice::unknown_field, injected_mark); },
      [](Story& s) { s.add(0, 5s, fact::Retry{1}); },
  };
  for (const auto& trace : traces) {
    auto s = all_probes();
    trace(s);
    EXPECT_EQ(w.judge("wire.no-injection", s), Verdict::fail);
    EXPECT_THAT(w.finding("wire.no-injection", s).evidence.at(0).what, HasSubstr(name)) << last;
  }
}

TEST(WireNoInjection, takes_a_retry_that_the_server_sends_itself) {
  World w;
  auto s = all_probes();
  s.add(0, 5s, fact::Retry{2000});
  EXPECT_EQ(w.judge("wire.no-injection", s), Verdict::pass);
  Story always_one;
  always_one.open(0, 0ms)
      .add(0, 0ms, fact::Retry{1})
      .probe(0, 1s, 5, "")
      .add(0, 2s, fact::Retry{1});
  EXPECT_EQ(w.judge("wire.no-injection", always_one), Verdict::pass);
}

TEST(WireNoInjection, names_the_probe_in_whose_block_a_comment_or_a_retry_stood) {
  World w;
  Story s;
  s.open(0, 0ms);
  std::uint64_t seq = 1;
  for (const auto& probe : wire_probes()) {
    const auto when = seq * 100ms;
    s.published(when, seq, 200, 100, sse::EnvelopeKind::probe);
    if (probe.name == "retry-field") s.add(0, when, fact::Retry{1});
    if (probe.name == "comment") s.comment(0, when, " " + std::string(injected_mark));
    s.probe(0, when, seq++, "");  // the parser tells of an event at the end of its block
  }
  EXPECT_EQ(w.judge("wire.no-injection", s), Verdict::fail);
  const auto evidence = w.finding("wire.no-injection", s).evidence;
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_THAT(evidence[0].what, HasSubstr("probe 'retry-field'"));
  EXPECT_THAT(evidence[1].what, HasSubstr("probe 'comment'"));
}

TEST(WireProbes, joined_without_a_line_break_are_altered_but_inject_nothing) {
  World w;
  Story s;
  s.open(0, 0ms);
  s.published(100ms, 5, 200, 100, sse::EnvelopeKind::probe);
  const auto joined = "sg1 7 0 5 1000100000000 pdata: sg-injectedevent: sg-injected";
  s.plain(0, 101ms, "message", joined);
  EXPECT_EQ(w.judge("wire.no-injection", s), Verdict::pass);
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  EXPECT_THAT(w.finding("wire.data-intact", s).reason, HasSubstr("probe 'lf-block' was altered"));
}

TEST(WireNoInjection, is_inconclusive_when_no_probe_arrived) {
  World w;
  EXPECT_EQ(w.judge("wire.no-injection", body()), Verdict::inconclusive);
}

TEST(WireDataIntact, fails_altered_data_and_shows_where) {
  World w;
  auto s = all_probes();
  s.published(9s, 100, 200, 100, sse::EnvelopeKind::probe);  // the first probe once more
  s.probe(0, 9001ms, 100, "never published");
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  EXPECT_THAT(w.finding("wire.data-intact", s).reason, HasSubstr("expected"));
}

/// All probes at `streams`, the tails as `mangled` makes them of what was published.
template <class Mangled>
Story mangling_server(int streams, Mangled&& mangled, std::uint64_t first_seq = 5) {
  Story s;
  for (int id = 0; id < streams; ++id) s.open(static_cast<StreamId>(id), 0ms);
  std::uint64_t seq = first_seq;
  for (const auto& probe : wire_probes()) {
    const auto when = seq * 100ms;
    s.published(when, seq, 200, 100, sse::EnvelopeKind::probe);
    const bool one_line = probe.event_type.find_first_of("\r\n") == std::string_view::npos;
    for (int id = 0; id < streams; ++id) {
      s.probe(static_cast<StreamId>(id), when + 1ms, seq, mangled(probe),
              one_line && !probe.event_type.empty() ? probe.event_type : "message");
    }
    ++seq;
  }
  return s;
}

std::size_t with_cr() {
  std::size_t count = 0;
  for (const auto& probe : wire_probes()) count += probe.tail.find('\r') != std::string_view::npos;
  return count;
}

std::uint64_t count_of(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.counts) {
    if (key == name) return value;
  }
  ADD_FAILURE() << "no count is called " << name;
  return 0;
}

TEST(WireDataIntact, blames_the_cr_probes_of_a_server_that_mangles_cr_alone) {
  World w;
  const auto s = mangling_server(3, [](const Probe& probe) {
    const auto cr = probe.tail.find('\r');  // splits at LF: what follows a CR is another field
    return with_lf(probe.tail.substr(0, std::min(cr, probe.tail.size())));
  });
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  const auto finding = w.finding("wire.data-intact", s);
  const auto probes = wire_probes().size();
  EXPECT_EQ(count_of(finding, "altered"), 3 * with_cr());
  EXPECT_EQ(count_of(finding, "intact"), 3 * (probes - with_cr()));
  EXPECT_EQ(count_of(finding, "missing"), 0u);
  EXPECT_THAT(finding.reason, HasSubstr("probe 'cr-block' was altered"));
  for (const auto& evidence : finding.evidence) {
    EXPECT_THAT(evidence.what, testing::Not(HasSubstr("'lf-block'")));
  }
}

TEST(WireDataIntact, misses_the_cr_probe_although_another_has_the_same_data) {
  World w;
  auto s = mangling_server(1, [](const Probe& probe) { return with_lf(probe.tail); });
  s.published(90s, 300, 200, 100, sse::EnvelopeKind::probe);  // lf-block, comes
  s.probe(0, 90001ms, 300, with_lf(wire_probes()[0].tail));
  s.published(91s, 301, 200, 100, sse::EnvelopeKind::probe);  // cr-block, does not
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  const auto finding = w.finding("wire.data-intact", s);
  EXPECT_EQ(count_of(finding, "missing"), 1u);
  EXPECT_THAT(finding.reason, HasSubstr("probe 'cr-block' never arrived"));
}

TEST(WireDataIntact, counts_probes_that_could_not_be_sent_when_it_names_the_others) {
  World w;
  Story s;
  s.open(0, 0ms);
  std::uint64_t seq = 5;
  for (const auto& probe : wire_probes()) {
    const auto when = seq * 100ms;
    if (probe.name == "cr-block" || probe.name == "crlf-in-type") {
      s.published(when, 0, 0, 0, sse::EnvelopeKind::probe);
      continue;
    }
    s.published(when, seq, 200, 100, sse::EnvelopeKind::probe);
    s.probe(0, when + 1ms, seq++, probe.name == "id-field" ? "" : with_lf(probe.tail));
  }
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  const auto finding = w.finding("wire.data-intact", s);
  EXPECT_EQ(count_of(finding, "altered"), 1u);
  EXPECT_THAT(finding.reason, HasSubstr("probe 'id-field' was altered"));
}

TEST(WireDataIntact, tells_where_a_long_line_was_cut_without_keeping_all_of_it) {
  World w;
  for (const std::size_t cut : {3000u, 4096u, 8192u}) {
    const auto s = mangling_server(2, [&](const Probe& probe) {
      return with_lf(probe.tail.substr(0, std::min(cut, probe.tail.size())));
    });
    EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
    EXPECT_THAT(w.finding("wire.data-intact", s).reason, HasSubstr("'long-line' was altered"));
  }
}

TEST(WireDataIntact, does_not_judge_more_arrivals_than_it_keeps) {
  World w;
  auto s = mangling_server(1, [](const Probe& probe) { return with_lf(probe.tail); });
  for (int i = 0; i < 100; ++i) {  // one of them again and again fills the list
    s.probe(0, 80s, 5, with_lf(wire_probes()[0].tail));
  }
  s.published(90s, 300, 200, 100, sse::EnvelopeKind::probe);
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::pass);
}

TEST(WireDataIntact, accepts_any_probe_where_its_publication_is_not_known) {
  World w;
  auto s = all_probes();
  s.probe(0, 9s, 900, with_lf(wire_probes()[1].tail));
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::pass);
  s.probe(0, 10s, 901, "\ndata: sg-in");
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
}

TEST(WireDataIntact, fails_an_accepted_probe_that_never_arrives) {
  World w;
  Story s;
  s.open(0, 0ms);
  s.published(100ms, 1, 200, 100, sse::EnvelopeKind::probe);
  s.close(0, 5s);
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::fail);
  EXPECT_THAT(w.finding("wire.data-intact", s).evidence.at(0).what,
              HasSubstr(wire_probes().front().name));
}

TEST(WireDataIntact, does_not_expect_it_at_readers_that_were_away_or_stopped) {
  World w;
  auto s = all_probes();
  s.open(2, 20s).close(2, 21s);                 // too late
  s.open(3, 0ms).close(3, 100ms, Ending::eof);  // too short
  s.open(4, 0ms).stop(4, 10ms).close(4, 21s);   // did not read
  s.open(5, 0ms, 0, 1).close(5, 21s);           // another channel
  EXPECT_EQ(w.judge("wire.data-intact", s), Verdict::pass);
}

TEST(WireDataIntact, accepts_refusal_only_of_probes_that_may_be_refused) {
  World w;
  bool seen_may = false, seen_must = false;
  std::uint64_t refused = 5;
  for (const auto& probe : wire_probes()) {
    if (probe.refusal_ok ? seen_may : seen_must) {
      ++refused;
      continue;
    }
    (probe.refusal_ok ? seen_may : seen_must) = true;
    Story s;
    s.open(0, 0ms);
    std::uint64_t seq = 5;
    for (const auto& each : wire_probes()) {
      s.published(seq * 100ms, seq, seq == refused ? 400 : 200, 100, sse::EnvelopeKind::probe);
      const bool one_line = each.event_type.find_first_of("\r\n") == std::string_view::npos;
      if (seq != refused) {
        s.probe(0, seq * 100ms + 1ms, seq, with_lf(each.tail),
                one_line && !each.event_type.empty() ? each.event_type : "message");
      }
      ++seq;
    }
    EXPECT_EQ(w.judge("wire.data-intact", s), probe.refusal_ok ? Verdict::pass : Verdict::fail)
        << probe.name;
    ++refused;
  }
  EXPECT_TRUE(seen_must);
}

}  // namespace
}  // namespace streamgauge
