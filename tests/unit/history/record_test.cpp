#include "harness/core/history/record.hpp"

#include "samples.hpp"

using namespace std::chrono_literals;
using namespace streamgauge;

TEST(Record, has_a_sample_of_each_kind) {
  std::set<std::size_t> kinds;
  for (const Record& record : one_of_each()) kinds.insert(record.fact.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Fact>);
}

TEST(Record, reads_as_one_line) {
  for (const Record& record : one_of_each()) {
    const std::string line = to_string(record);
    EXPECT_EQ(line.find_first_of(std::string_view("\n\r\0", 3)), std::string::npos) << line;
    EXPECT_GE(line.size(), 8u);
    EXPECT_EQ(line.starts_with("stream "), record.stream != no_stream) << line;
  }
}

TEST(Record, reads_well) {
  const sse::Envelope envelope{1, 0, 12, sample_start, sse::EnvelopeKind::normal};
  const sse::Envelope critical{1, 0, 13, sample_start, sse::EnvelopeKind::critical};
  const std::string data(312, 'x');
  const std::pair<Record, const char*> cases[] = {
      {{{}, 3, fact::Event{"message", "", false, data, envelope}},
       "stream 3 event type=message seq=12 (312 B)"},
      {{{}, 3, fact::Event{"a b", "9", true, "x\n", critical}},
       "stream 3 event type=\"a b\" id=\"9\" seq=13 critical (2 B)"},
      {{{}, 3, fact::Event{"message", "", false, "a\r\nb", std::nullopt}},
       "stream 3 event type=message (4 B) \"a\\r\\nb\""},
      {{{}, 0, fact::Comment{" heartbeat"}}, "stream 0 comment \" heartbeat\""},
      {{{}, 0, fact::Headers{503, 2ms, "HTTP/1.1 503 Busy\r\nX: y\r\n"}},
       "stream 0 headers status 503 after 2 ms: \"HTTP/1.1 503 Busy\""},
      {{{}, 1, fact::Closed{Ending::truncated, true, ""}},
       "stream 1 closed truncated inside a block"},
      {{{}, 1, fact::Closed{Ending::reset, false, "ECONNRESET"}},
       "stream 1 closed reset: \"ECONNRESET\""},
      {{{}, 2, fact::Connecting{2, {}, true}},
       "stream 2 connecting, attempt 2, with Last-Event-ID"},
      {{{}, 2, fact::ConnectFailed{"no route", false}}, "stream 2 connect failed: \"no route\""},
      {{{}, no_stream, fact::PhaseBegan{1}}, "phase 1 began"},
      {{{}, no_stream, fact::Published{0, 5, {}, 1ms, 2ms, 256, sse::EnvelopeKind::normal, 0}},
       "published on channel 0 seq=5 normal (256 B), no answer, late by 1 ms, took 2 ms"},
      {{{}, no_stream, fact::TargetDied{""}}, "target died"},
  };
  for (const auto& [record, line] : cases) EXPECT_EQ(to_string(record), line);
}

TEST(Record, shows_no_more_of_a_text_than_a_line_holds) {
  const std::string at_bound(80, 'x'), above(81, 'x');
  EXPECT_EQ(to_string(Record{{}, 0, fact::Comment{at_bound}}),
            "stream 0 comment \"" + at_bound + "\"");
  EXPECT_EQ(to_string(Record{{}, 0, fact::Comment{above}}),
            "stream 0 comment \"" + at_bound + "\"... (81 B)");
}

TEST(Ending, has_a_name_for_each) {
  std::set<std::string_view> names;
  for (std::uint8_t e = 0; e <= static_cast<std::uint8_t>(Ending::local); ++e) {
    names.insert(to_string(static_cast<Ending>(e)));
  }
  EXPECT_EQ(names.size(), 9u);
  EXPECT_FALSE(names.contains("unknown"));
}
