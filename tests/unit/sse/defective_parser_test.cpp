#include "harness/core/sse/defective_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/sse/transcript.hpp"

namespace streamgauge::sse {
namespace {

using Pieces = std::vector<std::string_view>;

/// Events, comments, retries and ids; what is odd is no matter here.
struct Plain final : Sink {
  Transcript inner;
  void on_event(const EventView& event) override { inner.on_event(event); }
  void on_comment(std::string_view comment) override { inner.on_comment(comment); }
  void on_retry(std::uint64_t milliseconds) override { inner.on_retry(milliseconds); }
  void on_id_only(std::string_view id) override { inner.on_id_only(id); }
};

template <class P>
std::string said(P parser, const Pieces& pieces) {
  Plain sink;
  for (const std::string_view piece : pieces) (void)parser.feed(piece, sink);
  parser.finish(sink);
  return sink.inner.text + "then id=" + escaped(parser.last_event_id());
}

const std::vector<Pieces>& vectors() {
  static const std::vector<Pieces> all{
      {"data: 1\n\n"},
      {"\xEF\xBB\xBF", "data: 1\n\n"},
      {"\xEF", "\xBB",
       "\xBF"
       "data: 1\n\n\xEF\xBB\xBF"
       "data: 2\n\n"},
      {"\xEF\xBB"
       "data: 1\n\ndata: 2\n\n"},
      {"data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n"},
      {"data: 1\r", "\ndata: 2\r", "\n\r", "\n"},
      {"event: a\nid: 1\nretry: 5\n: c\ndata:  x \ndata\ndata:\n\n", "data: y\n\n"},
      {"event: a\n\ndata: y\n\n"},
      {"id: 1\n\nid\ndata: 2\n\n"},
      {std::string_view{"id: 1\0\ndata: 2\n\n", 16}},
      {"retry: 1x\nretry:\nretry: 99999999999999999999\n\n"},
      {"DATA: 1\ndat: 2\ndata\n\n"},
      {"id: 7\ndata: cut"},
      {"da", "ta: 1", "\n", "\n"},
  };
  return all;
}

TEST(DefectiveParser, without_a_defect_says_what_the_right_one_says) {
  for (const Pieces& pieces : vectors()) {
    EXPECT_EQ(said(DefectiveParser{Defects{}}, pieces), said(Parser{}, pieces))
        << escaped(pieces.front());
  }
}

TEST(DefectiveParser, each_defect_of_the_parser_is_seen_in_some_vector) {
  const std::string long_line = "data: " + std::string(70'000, 'x') + "\n\n";
  for (unsigned i = static_cast<unsigned>(Defect::trims_data);
       i < static_cast<unsigned>(Defect::count_); ++i) {
    const Defects one{static_cast<Defect>(i)};
    ASSERT_TRUE(one.of_the_parser());
    bool differs = said(DefectiveParser{one}, {long_line}) != said(Parser{}, {long_line});
    for (const Pieces& pieces : vectors()) {
      differs |= said(DefectiveParser{one}, pieces) != said(Parser{}, pieces);
    }
    EXPECT_TRUE(differs) << "defect " << i;
  }
}

TEST(DefectiveParser, other_defects_are_not_its_affair) {
  for (unsigned i = 0; i < static_cast<unsigned>(Defect::trims_data); ++i) {
    EXPECT_FALSE(Defects{static_cast<Defect>(i)}.of_the_parser());
  }
}

TEST(DefectiveParser, leaks_a_type_as_some_clients_do) {
  EXPECT_EQ(said(DefectiveParser{Defects{Defect::type_leaks}}, {"event: a\n\ndata: 1\n\n"}),
            "event \"a\" \"1\" id=\"\"\nthen id=\"\"");
}

TEST(DefectiveParser, keeps_to_its_bounds) {
  Plain sink;
  DefectiveParser lines{Defects{Defect::trims_data}, {100, 1000}};
  EXPECT_EQ(lines.feed("data: " + std::string(94, 'x') + "\n\n", sink), ParserStatus::ok);
  EXPECT_EQ(lines.feed("data: " + std::string(95, 'x'), sink), ParserStatus::line_too_long);
  DefectiveParser events{Defects{Defect::trims_data}, {100, 150}};
  const std::string line = "data: " + std::string(80, 'x') + "\n";
  EXPECT_EQ(events.feed(line + line, sink), ParserStatus::event_too_long);
  events.reset();
  EXPECT_EQ(events.feed(line + "\n", sink), ParserStatus::ok);
}

}  // namespace
}  // namespace streamgauge::sse
