#include "harness/core/check/probes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/core/sse/encoder.hpp"
#include "harness/core/sse/envelope.hpp"
#include "harness/core/sse/parser.hpp"

namespace streamgauge {
namespace {

/// What a client would see of a stream.
struct Seen : sse::Sink {
  struct Event {
    std::string type, data, id;
  };
  std::vector<Event> events;
  std::vector<std::string> comments;
  std::vector<std::uint64_t> retries;

  void on_event(const sse::EventView& event) override {
    events.push_back(
        {std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
  }
  void on_comment(std::string_view text) override { comments.emplace_back(text); }
  void on_retry(std::uint64_t milliseconds) override { retries.push_back(milliseconds); }
};

struct Message {
  std::string type, data;
};

Message message_of(const Probe& probe) {
  std::string data;
  sse::append_envelope(data, {7, 0, 1, instant_from_ns(1), sse::EnvelopeKind::probe});
  return {std::string(probe.event_type), data + std::string(probe.tail)};
}

/// True when what arrives is one event, whole, and nothing that nobody sent.
bool intact(const Message& sent, const std::string& wire) {
  Seen seen;
  sse::Parser parser;
  parser.feed(wire, seen);
  parser.finish(seen);
  return seen.events.size() == 1 && seen.events[0].data == with_lf(sent.data) &&
         seen.events[0].type == (sent.type.empty() ? "message" : sent.type) &&
         seen.events[0].id.empty() && seen.comments.empty() && seen.retries.empty();
}

bool shows_mark(const std::string& wire) {
  Seen seen;
  sse::Parser parser;
  parser.feed(wire, seen);
  for (const auto& event : seen.events) {
    if (event.type == injected_mark || event.id == injected_mark || event.data == injected_mark ||
        event.data.ends_with("\nsg-injected")) {
      return true;
    }
  }
  for (const auto& comment : seen.comments) {
    if (comment.find(injected_mark) != std::string::npos) return true;
  }
  return !seen.retries.empty();
}

std::string head_of(const Message& message) {
  return message.type.empty() ? "" : "event: " + message.type + "\n";
}

// --- encoders with the mistakes that the probes are made for --------------------------------

std::string as_it_is(const Message& message) {
  return head_of(message) + "data: " + message.data + "\n\n";
}

std::string lines(const Message& message, const std::vector<std::string>& ends,
                  const std::function<std::string(std::string)>& change) {
  std::string out = head_of(message);
  std::string line;
  for (std::size_t i = 0; i <= message.data.size();) {
    std::size_t end = 0;
    for (const auto& candidate : ends) {
      if (message.data.compare(i, candidate.size(), candidate) == 0) {
        end = candidate.size();
        break;
      }
    }
    if (end == 0 && i < message.data.size()) {
      line += message.data[i++];
      continue;
    }
    out += "data: " + change(line) + "\n";
    line.clear();
    i += end == 0 ? 1 : end;
  }
  return out + "\n";
}

std::string same(std::string line) {
  return line;
}

std::string lf_only(const Message& message) {
  return lines(message, {"\n"}, same);
}

std::string trimmed(const Message& message) {
  return lines(message, {"\r\n", "\n", "\r"}, [](std::string line) {
    return line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
  });
}

std::string any_unicode_line_end(const Message& message) {
  return lines(message, {"\r\n", "\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"}, same);
}

std::string without_last_empty_line(const Message& message) {
  auto data = with_lf(message.data);
  while (data.ends_with('\n')) data.pop_back();
  return lines({message.type, data}, {"\n"}, same);
}

std::string ascii_only(const Message& message) {
  return lines(message, {"\r\n", "\n", "\r"}, [](std::string line) {
    for (char& c : line) c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
    return line;
  });
}

std::string buffer_of_32_kib(const Message& message) {
  return lines(message, {"\r\n", "\n", "\r"},
               [](const std::string& line) { return line.substr(0, 32'768); });
}

struct Careless {
  std::string_view name;
  std::string (*encode)(const Message&);
};
constexpr std::array<Careless, 7> careless{{{"as it is", as_it_is},
                                            {"LF only", lf_only},
                                            {"trimmed", trimmed},
                                            {"any Unicode line end", any_unicode_line_end},
                                            {"no last empty line", without_last_empty_line},
                                            {"ASCII only", ascii_only},
                                            {"32 KiB buffer", buffer_of_32_kib}}};

TEST(Probes, each_tempts_at_least_one_careless_encoder) {
  for (const auto& probe : wire_probes()) {
    const auto message = message_of(probe);
    bool caught = false;
    for (const auto& encoder : careless) caught |= !intact(message, encoder.encode(message));
    EXPECT_TRUE(caught) << probe.name;
  }
}

TEST(Probes, each_careless_encoder_is_caught_and_passes_something) {
  for (const auto& encoder : careless) {
    std::size_t spoiled = 0;
    for (const auto& probe : wire_probes()) {
      const auto message = message_of(probe);
      spoiled += !intact(message, encoder.encode(message));
    }
    EXPECT_GT(spoiled, 0u) << encoder.name;
    EXPECT_LT(spoiled, wire_probes().size()) << encoder.name;
  }
}

TEST(Probes, those_that_inject_show_the_mark_through_a_raw_encoder) {
  const std::set<std::string_view> injecting{
      "lf-block",    "cr-block", "crlf-block", "event-field", "cr-event-field", "id-field",
      "retry-field", "comment",  "lf-in-type", "cr-in-type",  "crlf-in-type"};
  for (const auto& probe : wire_probes()) {
    EXPECT_EQ(injecting.contains(probe.name), shows_mark(as_it_is(message_of(probe))))
        << probe.name;
  }
}

TEST(Probes, those_with_line_ends_lose_data_through_a_raw_encoder) {
  for (const auto& probe : wire_probes()) {
    const auto message = message_of(probe);
    const bool breaks =
        probe.tail.find_first_of("\r\n") != std::string_view::npos || !probe.event_type.empty();
    EXPECT_EQ(breaks, !intact(message, as_it_is(message))) << probe.name;
  }
}

TEST(Probes, a_conforming_encoder_carries_every_one_that_may_not_be_refused) {
  for (const auto& probe : wire_probes()) {
    const auto message = message_of(probe);
    std::string wire;
    const auto error = sse::append_event(wire, {message.type, message.data, {}, {}});
    if (probe.refusal_ok) {
      EXPECT_EQ(error, sse::EncodeError::line_break_in_type) << probe.name;
    } else {
      ASSERT_EQ(error, sse::EncodeError::none) << probe.name;
      EXPECT_TRUE(intact(message, wire)) << probe.name;
      EXPECT_FALSE(shows_mark(wire)) << probe.name;
    }
  }
}

TEST(Probes, only_a_line_break_in_the_type_may_be_refused) {
  for (const auto& probe : wire_probes()) {
    EXPECT_EQ(probe.refusal_ok, probe.event_type.find_first_of("\r\n") != std::string_view::npos)
        << probe.name;
  }
}

TEST(Probes, envelopes_are_still_read_with_any_tail) {
  for (const auto& probe : wire_probes()) {
    const auto envelope = sse::parse_envelope(with_lf(message_of(probe).data));
    ASSERT_TRUE(envelope) << probe.name;
    EXPECT_EQ(envelope->kind, sse::EnvelopeKind::probe) << probe.name;
  }
}

TEST(Probes, names_are_unique_and_fit_a_report) {
  std::set<std::string_view> names;
  for (const auto& probe : wire_probes()) {
    EXPECT_TRUE(names.insert(probe.name).second) << probe.name;
    EXPECT_EQ(probe.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos)
        << probe.name;
  }
}

TEST(Probes, the_same_probes_come_in_the_same_order_each_time) {
  const auto first = wire_probes();
  EXPECT_EQ(first.data(), wire_probes().data());
  EXPECT_EQ(first.front().name, "lf-block");
  EXPECT_EQ(first.size(), 18u);
}

TEST(Probes, the_long_line_has_60_000_bytes_and_no_line_end) {
  for (const auto& probe : wire_probes()) {
    if (probe.name != "long-line") continue;
    EXPECT_EQ(probe.tail.size(), 60'000u);
    EXPECT_EQ(probe.tail.find_first_of("\r\n"), std::string_view::npos);
    return;
  }
  FAIL() << "no long line";
}

TEST(WithLf, turns_each_kind_of_line_end_into_one_lf) {
  struct Vector {
    std::string_view given, expected;
  };
  for (const auto& [given, expected] : std::vector<Vector>{{"", ""},
                                                           {"a", "a"},
                                                           {"\n", "\n"},
                                                           {"\r", "\n"},
                                                           {"\r\n", "\n"},
                                                           {"\n\r", "\n\n"},
                                                           {"\r\r\n\n", "\n\n\n"},
                                                           {"a\rb\r\nc\nd", "a\nb\nc\nd"},
                                                           {"end\r", "end\n"}}) {
    EXPECT_EQ(with_lf(given), expected);
  }
}

}  // namespace
}  // namespace streamgauge
