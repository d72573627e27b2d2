#include "harness/core/sse/parser.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/sse/plain_reading.hpp"
#include "tests/unit/sse/transcript.hpp"

namespace streamgauge::sse {
namespace {

using Pieces = std::vector<std::string_view>;

Pieces bytes_of(std::string_view text) {
  Pieces pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

/// The transcript of `text` fed whole, after it was found equal to that of single bytes and halves.
std::string transcript_however_cut(std::string_view text, ParserLimits limits) {
  const std::string whole = transcript_of(Pieces{text}, limits);
  EXPECT_EQ(transcript_of(bytes_of(text), limits), whole) << escaped(text.substr(0, 200));
  const std::size_t half = text.size() / 2;
  EXPECT_EQ(transcript_of(Pieces{text.substr(0, half), text.substr(half)}, limits), whole);
  return whole;
}

TEST(Parser, dispatches_at_once_when_a_cr_ends_the_block) {
  Parser parser;
  Transcript seen;
  parser.feed("data: 1\r\n\r", seen);
  EXPECT_EQ(seen.text, "event \"message\" \"1\" id=\"\"\n");
  EXPECT_TRUE(parser.at_block_boundary());
  parser.feed("\n", seen);
  EXPECT_TRUE(parser.at_block_boundary());
  parser.feed("data: 2\n\n", seen);
  EXPECT_EQ(seen.text, "event \"message\" \"1\" id=\"\"\nevent \"message\" \"2\" id=\"\"\n");
}

TEST(Parser, swallows_the_lf_of_a_cut_crlf_also_after_an_empty_feed) {
  EXPECT_EQ(transcript_of(Pieces{"data: 1\r", "", "\ndata: 2\r", "", "", "\n\r", "", "\n"}),
            "event \"message\" \"1\\n2\" id=\"\"\nend ok clean id=\"\"\n");
}

TEST(Parser, hands_out_views_of_the_bytes_when_an_event_is_whole) {
  struct Within final : Sink {
    std::string_view bytes;
    int events = 0, comments = 0;
    bool inside(std::string_view view) const {
      return view.data() >= bytes.data() &&
             view.data() + view.size() <= bytes.data() + bytes.size();
    }
    void on_event(const EventView& event) override {
      ++events;
      EXPECT_TRUE(inside(event.data));
      EXPECT_TRUE(inside(event.type));
    }
    void on_comment(std::string_view text) override {
      ++comments;
      EXPECT_TRUE(inside(text));
    }
    void on_retry(std::uint64_t) override {}
  } sink;
  const std::string bytes = "event: e\ndata: " + std::string(100'000, 'x') + "\n\n: hb\n\n";
  sink.bytes = bytes;
  Parser parser;
  parser.feed(bytes, sink);
  EXPECT_EQ(sink.events, 1);
  EXPECT_EQ(sink.comments, 1);
  EXPECT_EQ(parser.heap_bytes(), 0u);
}

TEST(Parser, holds_no_heap_between_blocks) {
  Parser parser;
  Transcript seen;
  EXPECT_EQ(parser.heap_bytes(), 0u);
  const std::string bytes = "id: 1\nevent: e\ndata: " + std::string(200, 'x') +
                            "\ndata: 2\n\n: heartbeat\n\nretry: 5\n\nfoo: bar\n\n";
  bool was_cut = false;
  for (const char c : bytes) {
    parser.feed({&c, 1}, seen);
    EXPECT_EQ(parser.at_block_boundary(), parser.heap_bytes() == 0);
    was_cut = was_cut || parser.heap_bytes() > 200;
  }
  EXPECT_TRUE(was_cut) << "heap_bytes() must see what a cut block holds";
  EXPECT_EQ(parser.heap_bytes(), 0u);
  EXPECT_LE(sizeof(Parser), 64u);
}

TEST(Parser, holds_a_long_last_event_id_and_counts_it) {
  Parser parser;
  Transcript seen;
  const std::string id(100, 'i');
  parser.feed("id: " + id + "\n\n", seen);
  EXPECT_EQ(parser.last_event_id(), id);
  EXPECT_GE(parser.heap_bytes(), 100u);
  EXPECT_TRUE(parser.at_block_boundary());
}

TEST(Parser, gives_back_the_memory_of_one_huge_id) {
  Parser parser;
  Transcript seen;
  parser.feed("id: " + std::string(1'000'000, 'i') + "\n\n", seen);
  EXPECT_GE(parser.heap_bytes(), 1'000'000u);
  parser.feed("id: 2\n\n", seen);
  EXPECT_EQ(parser.heap_bytes(), 0u);
  EXPECT_EQ(parser.last_event_id(), "2");
}

TEST(Parser, keeps_the_last_event_id_over_reset_but_nothing_else) {
  Parser parser;
  Transcript seen;
  parser.feed("id: 7\ndata: a\n\nid: 8\nevent: e\ndata: lost\ndata: al", seen);
  parser.reset();
  EXPECT_TRUE(parser.at_block_boundary());
  EXPECT_EQ(parser.heap_bytes(), 0u);
  seen.text.clear();
  parser.feed(
      "\xEF\xBB\xBF"
      "data: b\n\n",
      seen);
  EXPECT_EQ(seen.text, "notice byte order mark \"\"\nevent \"message\" \"b\" id=\"7\"\n");
}

TEST(Parser, carries_an_id_that_was_set_from_outside) {
  Parser parser;
  Transcript seen;
  parser.set_last_event_id("42");
  parser.feed("data: a\n\n", seen);
  EXPECT_EQ(seen.text, "event \"message\" \"a\" id=\"42\"\n");
  parser.set_last_event_id("");
  EXPECT_EQ(parser.last_event_id(), "");
}

TEST(Parser, finishes_once_and_is_then_ready_for_a_new_stream) {
  Parser parser;
  Transcript seen;
  parser.feed("id: 1\ndata: a", seen);
  EXPECT_FALSE(parser.at_block_boundary());
  EXPECT_TRUE(parser.finish(seen));
  EXPECT_FALSE(parser.finish(seen));
  EXPECT_EQ(seen.text, "notice discarded at end \"\"\n");
  EXPECT_EQ(parser.last_event_id(), "");
  EXPECT_TRUE(parser.at_block_boundary());
}

TEST(Parser, can_be_moved_in_the_middle_of_a_block) {
  Parser first;
  Transcript seen;
  first.feed("id: 1\ndata: a\ndata: b", seen);
  Parser second{std::move(first)};
  second.feed("\n\n", seen);
  EXPECT_EQ(seen.text, "event \"message\" \"a\\nb\" id=\"1\" own\n");
}

// --- bounds -----------------------------------------------------------------------------------

TEST(ParserLimit, line_counts_without_its_end) {
  for (const std::string_view end : {"\n", "\r", "\r\n"}) {
    for (const std::size_t size : {19u, 20u, 21u}) {
      const std::string line = "data: " + std::string(size - 6, 'x');
      const std::string text = line + std::string{end} + std::string{end};
      const std::string seen = transcript_however_cut(text, {20, 1000});
      if (size <= 20) {
        EXPECT_NE(seen.find("end ok clean"), std::string::npos) << size;
        EXPECT_TRUE(seen.starts_with("event ")) << size;
      } else {
        EXPECT_EQ(seen, "notice discarded at end \"\"\nend line too long unfinished id=\"\"\n");
      }
    }
  }
}

TEST(ParserLimit, line_counts_for_comments_and_unfinished_lines_too) {
  const ParserLimits limits{10, 1000};
  EXPECT_NE(transcript_however_cut(":123456789\n", limits).find("end ok clean"), std::string::npos);
  EXPECT_NE(transcript_however_cut(":1234567890\n", limits).find("end line"), std::string::npos);
  EXPECT_NE(transcript_however_cut(":123456789", limits).find("end ok unf"), std::string::npos);
  EXPECT_NE(transcript_however_cut(":1234567890", limits).find("end line too"), std::string::npos);
}

TEST(ParserLimit, line_does_not_count_the_byte_order_mark_but_counts_what_only_began_like_it) {
  const std::string bom = "\xEF\xBB\xBF";
  EXPECT_NE(transcript_however_cut(bom + ":234\n", {4, 1000}).find("end ok"), std::string::npos);
  EXPECT_NE(transcript_however_cut(bom + ":2345\n", {4, 1000}).find("end line"), std::string::npos);
  const std::string almost = bom.substr(0, 2);
  EXPECT_NE(transcript_however_cut(almost + "34\n", {4, 1000}).find("end ok"), std::string::npos);
  EXPECT_NE(transcript_however_cut(almost + "345\n", {4, 1000}).find("end li"), std::string::npos);
}

TEST(ParserLimit, event_counts_joined_data) {
  // "aaaa" LF "bbbb" are nine bytes.
  const std::string text = "data: aaaa\ndata: bbbb\n\ndata: c\n\n";
  for (const std::size_t limit : {8u, 9u, 10u}) {
    const std::string seen = transcript_however_cut(text, {100, limit});
    if (limit >= 9) {
      EXPECT_EQ(seen,
                "event \"message\" \"aaaa\\nbbbb\" id=\"\"\nevent \"message\" \"c\" id=\"\"\n"
                "end ok clean id=\"\"\n");
    } else {
      EXPECT_EQ(seen, "notice discarded at end \"\"\nend event too long unfinished id=\"\"\n");
    }
  }
}

TEST(ParserLimit, event_counts_type_and_id_in_any_order) {
  for (const std::string_view text :
       {"event: eee\nid: ii\ndata: dddd\n\n", "data: dddd\nid: ii\nevent: eee\n\n",
        "id: ii\ndata: dd\nevent: eee\ndata: d\n\n"}) {
    EXPECT_NE(transcript_however_cut(text, {100, 9}).find("end ok clean"), std::string::npos);
    EXPECT_NE(transcript_however_cut(text, {100, 8}).find("end event too long"), std::string::npos);
  }
}

TEST(ParserLimit, event_starts_anew_with_each_block) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "event: ee\ndata: 12\ndata: 34\n\nid: 123456\n\n";
  EXPECT_NE(transcript_however_cut(text, {100, 7}).find("end ok clean"), std::string::npos);
}

TEST(ParserLimit, zero_admits_nothing_but_blank_lines) {
  EXPECT_EQ(transcript_however_cut("\n\r\n\r", {0, 0}), "end ok clean id=\"\"\n");
  EXPECT_NE(transcript_however_cut("x", {0, 0}).find("line too long"), std::string::npos);
  EXPECT_NE(transcript_however_cut("data\n\n", {4, 0}).find("event "), std::string::npos);
}

TEST(ParserLimit, largest_value_does_not_overflow) {
  const std::size_t max = std::numeric_limits<std::size_t>::max();
  EXPECT_NE(transcript_however_cut("id: 1\ndata: a\ndata: b\n\n", {max, max}).find("end ok clean"),
            std::string::npos);
}

TEST(ParserLimit, failure_ignores_further_bytes_until_reset) {
  Parser parser{{10, 10}};
  Transcript seen;
  EXPECT_EQ(parser.feed("data: 1\n\ndata: 12345678901\n\ndata: 2\n\n", seen),
            ParserStatus::line_too_long);
  EXPECT_EQ(parser.feed("data: 3\n\n", seen), ParserStatus::line_too_long);
  EXPECT_EQ(parser.feed("", seen), ParserStatus::line_too_long);
  EXPECT_FALSE(parser.at_block_boundary());
  EXPECT_EQ(parser.heap_bytes(), 0u);
  parser.reset();
  EXPECT_EQ(parser.feed("data: 4\n\n", seen), ParserStatus::ok);
  EXPECT_EQ(seen.text, "event \"message\" \"1\" id=\"\"\nevent \"message\" \"4\" id=\"\"\n");
}

/// Feeds `piece` until the parser refuses, and answers the most heap that it ever held.
std::size_t most_heap(std::string_view start, std::string_view piece, ParserLimits limits,
                      ParserStatus expected) {
  Parser parser{limits};
  Transcript seen;
  parser.feed(start, seen);
  std::size_t most = 0;
  ParserStatus status = ParserStatus::ok;
  for (int i = 0; i < 1'000'000 && status == ParserStatus::ok; ++i) {
    status = parser.feed(piece, seen);
    most = std::max(most, parser.heap_bytes());
  }
  EXPECT_EQ(status, expected);
  EXPECT_EQ(parser.heap_bytes(), 0u);
  return most;
}

TEST(ParserLimit, endless_line_never_holds_more_than_the_bound) {
  const ParserLimits limits{100'000, 150'000};
  for (const std::string_view piece : {std::string_view{"x"}, std::string_view{"xxxxxxxxxxxxx"}}) {
    EXPECT_LE(most_heap("data: ", piece, limits, ParserStatus::line_too_long), 100'000u + 256);
    EXPECT_LE(most_heap(":", piece, limits, ParserStatus::line_too_long), 100'000u + 256);
  }
}

TEST(ParserLimit, endless_block_never_holds_more_than_the_bounds) {
  const ParserLimits limits{100'000, 150'000};
  const std::string line = "data: " + std::string(70'000, 'x') + "\n";
  for (const std::string_view piece : {std::string_view{"data: xyz\n"}, std::string_view{line},
                                       std::string_view{"data\nid: 1\nevent: 2\ndata: 3"}}) {
    EXPECT_LE(most_heap("id: i\nevent: e\n", piece, limits, ParserStatus::event_too_long),
              250'000u + 256);
  }
}

/// Feeds `text` in pieces of a thousand bytes; answers the most heap that was held after any.
std::size_t most_heap_over(Parser& parser, std::string_view text) {
  Transcript seen;
  std::size_t most = 0;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, 1000);
    EXPECT_EQ(parser.feed(piece, seen), ParserStatus::ok);
    text.remove_prefix(piece.size());
    most = std::max(most, parser.heap_bytes());
  }
  return most;
}

TEST(ParserLimit, type_that_was_replaced_is_not_held_beside_the_data) {
  Parser parser{{100'000, 150'000}};
  const std::string data = "data: " + std::string(70'000, 'x') + "\n";
  const std::string text = "event: " + std::string(90'000, 'e') + "\n:" + std::string(2'000, 'c') +
                           "\nevent: x\n" + data + data + ":" + std::string(99'990, 'c') + "\n\n";
  EXPECT_LE(most_heap_over(parser, text), 250'000u + 256);
  EXPECT_EQ(parser.heap_bytes(), 0u);
}

TEST(ParserLimit, room_for_more_data_is_given_up_when_the_id_needs_it) {
  Parser parser{{100'000, 150'000}};
  std::string text;
  while (text.size() < 140'000) text += "data: 123456\n";  // some 75 kB of data
  text += "id: " + std::string(70'000, 'i') + "\n:" + std::string(99'990, 'c') + "\n";
  EXPECT_LE(most_heap_over(parser, text), 250'000u + 256);
}

TEST(Parser, gives_back_a_large_line_while_its_block_stays_open) {
  Parser parser;
  (void)most_heap_over(parser, "event: e\n:" + std::string(100'000, 'c') + "\n");
  EXPECT_FALSE(parser.at_block_boundary());
  EXPECT_LE(parser.heap_bytes(), 8'000u);
}

// --- generated streams ------------------------------------------------------------------------

/// Streams made of the tokens that matter, so that states are reached which bytes would not.
std::string generated_stream(std::mt19937& random) {
  constexpr std::string_view tokens[] = {
      "data",    "data:",    "data: ",
      "id",      "id:",      "id: ",
      "event:",  "event: ",  "retry:",
      "retry: ", "\n",       "\n",
      "\r",      "\r\n",     "\n\n",
      "\r\r",    "\r\n\r\n", ":",
      ": ",      " ",        "x",
      "12",      "foo",      "\xC3\xA9",
      "\xC3",    "\xF0\x9F", "\xEF\xBB\xBF",
      "\xEF",    {"\0", 1},  "a longer run of text, past the words that are scanned"};
  std::string stream;
  const std::size_t count = random() % 60;
  for (std::size_t i = 0; i < count; ++i) stream += tokens[random() % std::size(tokens)];
  return stream;
}

TEST(Parser, agrees_with_the_plain_reading_on_generated_streams) {
  std::mt19937 random{20'240};
  for (int round = 0; round < 20'000; ++round) {
    const std::string stream = generated_stream(random);
    Transcript plain;
    PlainReading reading{plain};
    const bool unfinished = reading.read(stream);
    plain.text += fmt::format("end ok {} id={}\n", unfinished ? "unfinished" : "clean",
                              escaped(reading.last_event_id));
    Pieces pieces;
    for (std::string_view rest = stream; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 20);
      pieces.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(transcript_of(pieces), plain.text) << escaped(stream);
    ASSERT_EQ(transcript_of(Pieces{stream}), plain.text) << escaped(stream);
  }
}

TEST(Parser, reports_the_same_however_cut_when_bounds_are_tight) {
  std::mt19937 random{11};
  for (int round = 0; round < 5'000; ++round) {
    const std::string stream = generated_stream(random);
    (void)transcript_however_cut(stream, {random() % 30, random() % 40});
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace streamgauge::sse
