#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

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
  EXPECT_EQ(w.judge("wire.no-injection", Story{}.open(0, 0ms).event(0, 10ms, 1)),
            Verdict::inconclusive);
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
