#include "harness/core/sse/encoder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/sse/round_trip.hpp"

namespace streamgauge::sse {
namespace {

using namespace std::chrono_literals;

std::string encoded(const OutgoingEvent& event) {
  std::string out;
  EXPECT_EQ(append_event(out, event), EncodeError::none);
  return out;
}

TEST(Encoder, writes_fields_in_a_fixed_order) {
  EXPECT_EQ(encoded({"tick", "a\nb", "7", 1500ms}),
            "event: tick\nid: 7\nretry: 1500\ndata: a\ndata: b\n\n");
}

TEST(Encoder, writes_only_what_is_there) {
  EXPECT_EQ(encoded({"", "a", {}, {}}), "data: a\n\n");
  EXPECT_EQ(encoded({"", "", {}, {}}), "data:\n\n");
  EXPECT_EQ(encoded({"", "", "", {}}), "id:\ndata:\n\n");
  EXPECT_EQ(encoded({"", "", {}, -1ms}), "retry: 0\ndata:\n\n");
}

TEST(Encoder, keeps_leading_spaces) {
  EXPECT_EQ(encoded({" t", "  a\n b", " i", {}}), "event:  t\nid:  i\ndata:   a\ndata:  b\n\n");
}

TEST(Encoder, makes_each_kind_of_line_break_a_data_line) {
  const struct {
    std::string_view data, lines;
  } cases[] = {
      {"a\nb", "data: a\ndata: b\n\n"},
      {"a\rb", "data: a\ndata: b\n\n"},
      {"a\r\nb", "data: a\ndata: b\n\n"},
      {"a\n\rb", "data: a\ndata:\ndata: b\n\n"},
      {"a\r\rb", "data: a\ndata:\ndata: b\n\n"},
      {"a\n", "data: a\ndata:\n\n"},
      {"\n", "data:\ndata:\n\n"},
      {"\r\n\r\n", "data:\ndata:\ndata:\n\n"},
      {"\r\n\n", "data:\ndata:\ndata:\n\n"},
      {"a\r", "data: a\ndata:\n\n"},
      {"x\n\nid: evil", "data: x\ndata:\ndata: id: evil\n\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(encoded({"", c.data, {}, {}}), c.lines);
}

TEST(Encoder, refuses_what_cannot_be_represented_and_writes_nothing) {
  const struct {
    OutgoingEvent event;
    EncodeError error;
  } cases[] = {
      {{"a\nb", "d", {}, {}}, EncodeError::line_break_in_type},
      {{"a\rb", "d", {}, {}}, EncodeError::line_break_in_type},
      {{"\n", "d", {}, {}}, EncodeError::line_break_in_type},
      {{"", "d", "1\n2", {}}, EncodeError::line_break_in_id},
      {{"", "d", "1\r", {}}, EncodeError::line_break_in_id},
      {{"", "d", std::string_view{"1\0", 2}, {}}, EncodeError::nul_in_id},
  };
  for (const auto& c : cases) {
    std::string out = "before";
    EXPECT_EQ(append_event(out, c.event), c.error) << to_string(c.error);
    EXPECT_EQ(out, "before");
  }
}

TEST(Encoder, splits_a_comment_into_comments) {
  const struct {
    std::string_view text, bytes;
  } cases[] = {
      {"", ":\n\n"},
      {"hb", ":hb\n\n"},
      {" hb", ": hb\n\n"},
      {"a\ndata: evil\n\ndata: x", ":a\n:data: evil\n:\n:data: x\n\n"},
      {"a\r\nb\rc\n", ":a\n:b\n:c\n:\n\n"},
  };
  for (const auto& c : cases) {
    std::string out;
    append_comment(out, c.text);
    EXPECT_EQ(out, c.bytes);
  }
}

TEST(Encoder, writes_a_lone_retry) {
  std::string out;
  append_retry(out, 250ms);
  append_retry(out, -5ms);
  EXPECT_EQ(out, "retry: 250\n\nretry: 0\n\n");
}

TEST(Encoder, round_trips_generated_events_through_the_parser) {
  constexpr std::string_view parts[] = {"\n",      "\r",      "\r\n",         " ", ":",
                                        "a",       "data: x", "id: y",        "é", "\xEF\xBB\xBF",
                                        {"\0", 1}, "event",   "sg1 1 2 3 4 n"};
  std::mt19937 random{5};
  const auto text = [&] {
    std::string result;
    for (std::size_t left = random() % 8; left > 0; --left) {
      result += parts[random() % std::size(parts)];
    }
    return result;
  };
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string type = text(), data = text(), id = text();
    OutgoingEvent event{type, data, {}, {}};
    if (random() % 2 == 0) event.id = id;
    if (random() % 2 == 0) event.retry = std::chrono::milliseconds{random() % 100'000};
    const RoundTrip trip = round_trip(event);
    ASSERT_EQ(trip.seen, trip.expected) << escaped(type) << escaped(data) << escaped(id);
    accepted += trip.encoded ? 1 : 0;
  }
  EXPECT_GT(accepted, 2'000) << "most inputs were refused: the property was hardly tested";
}

}  // namespace
}  // namespace streamgauge::sse
