// What is wrong on the wire under a flaw, and right without it.
#include <gtest/gtest.h>

#include "builders.hpp"
#include "reference-server/core/flawed_bytes.hpp"
#include "reference-server/core/held_output.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

std::string head_of(Flaws flaws) {
  return stream_head(default_contract(), flaws, false, "");
}

std::string encoded(std::string_view data, Flaws flaws) {
  Publication publication;
  publication.data = data;
  return encode(publication, "7-1", flaws).value();
}

TEST(FlawedHead, says_something_else_where_the_flaw_is_and_the_same_everywhere_else) {
  const struct {
    Flaw flaw;
    std::string right;
    std::string wrong;
  } cases[] = {
      {Flaw::stream_status_201, "HTTP/1.1 200 OK\r\n", "HTTP/1.1 201 Created\r\n"},
      {Flaw::wrong_content_type, "Content-Type: text/event-stream;", "Content-Type: text/plain;"},
      {Flaw::no_cache_control, "Cache-Control: no-cache, no-transform\r\n", ""},
      {Flaw::no_x_accel_buffering, "X-Accel-Buffering: no\r\n", ""},
  };
  for (const auto& one : cases) {
    std::string expected = head_of({});
    const std::size_t at = expected.find(one.right);
    ASSERT_NE(at, std::string::npos) << one.right;
    expected.replace(at, one.right.size(), one.wrong);
    EXPECT_EQ(head_of(with(one.flaw)), expected);
  }
}

TEST(FlawedBlock, joins_the_lines_of_data_whichever_way_they_end) {
  EXPECT_EQ(encoded("a\nb\r\nc\rd", {}), "id: 7-1\ndata: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(encoded("a\nb\r\nc\rd", with(Flaw::joined_data_lines)), "id: 7-1\ndata: abcd\n\n");
  EXPECT_EQ(encoded("a b", with(Flaw::joined_data_lines)), encoded("a b", {}));
}

TEST(FlawedBlock, writes_latin1_where_utf8_is_due) {
  EXPECT_EQ(encoded("caf\u00e9", {}), "id: 7-1\ndata: caf\xc3\xa9\n\n");
  EXPECT_EQ(encoded("caf\u00e9", with(Flaw::latin1_bytes)), "id: 7-1\ndata: caf\xe9\n\n");
}

TEST(FlawedBytes, of_latin1_cover_its_ends_and_give_up_on_what_it_lacks) {
  EXPECT_EQ(as_latin1("plain \x7f"), "plain \x7f");
  EXPECT_EQ(as_latin1("\u0080\u00bf\u00c0\u00ff"), "\x80\xbf\xc0\xff");
  EXPECT_EQ(as_latin1("\u0100 \u20ac \U0001F600"), "? ? ?");
  EXPECT_EQ(as_latin1("cut \xc3"), "cut \xc3");
  EXPECT_EQ(as_latin1(""), "");
}

TEST(FlawedHeartbeat, is_a_message_to_pages_whatever_the_contract_says) {
  const auto beat = [](Flaws flaws, HeartbeatForm form) {
    Contract contract = default_contract();
    contract.heartbeat->form = form;
    return std::string{hub_settings(contract, flaws, 7)->heartbeat->message->bytes(Framing::plain)};
  };
  EXPECT_TRUE(beat({}, HeartbeatForm::comment).starts_with(":"));
  EXPECT_EQ(beat({}, HeartbeatForm::event), "event: heartbeat\ndata: {}\n\n");
  for (const auto form : {HeartbeatForm::comment, HeartbeatForm::event}) {
    EXPECT_EQ(beat(with(Flaw::heartbeat_wrong_form), form), "data: heartbeat\n\n");
  }
}

// --- bytes held back ---------------------------------------------------------------------------

struct Held {
  explicit Held(Hold how) : output(how) { put("HEAD|"); }
  void put(std::string_view bytes) { output.put({&bytes, 1}, at); }
  /// What leaves now.
  std::string out() {
    std::string bytes{output.ready(at)};
    output.sent(bytes.size());
    return bytes;
  }
  HeldOutput output;
  Instant at = t0;
};

TEST(HeldOutput, is_chosen_by_the_flaw_and_compressed_for_those_only_who_accept_it) {
  EXPECT_EQ(hold_of({}, true), std::nullopt);
  EXPECT_EQ(hold_of(with(Flaw::header_hold), false), Hold::block);
  EXPECT_EQ(hold_of(with(Flaw::coalesced_events), false), Hold::window);
  EXPECT_EQ(hold_of(with(Flaw::compressed_without_flush), true), Hold::gzip);
  EXPECT_EQ(hold_of(with(Flaw::compressed_without_flush), false), std::nullopt);
}

TEST(HeldOutput, of_blocks_lets_nothing_out_below_4_KiB_the_head_included) {
  Held held(Hold::block);
  held.put(std::string(4096 - 5 - 1, 'x'));
  held.at += 1h;
  EXPECT_EQ(held.out(), "");
  EXPECT_EQ(held.output.due(), std::nullopt);
  held.put("y");
  EXPECT_EQ(held.out().size(), 4096u);
  held.put(std::string(4097, 'z'));
  EXPECT_EQ(held.out().size(), 4096u);
  EXPECT_EQ(held.out(), "");
  held.output.end();
  EXPECT_EQ(held.out(), "z");
}

TEST(HeldOutput, of_a_window_lets_the_head_go_and_the_rest_together_at_its_end) {
  Held held(Hold::window);
  EXPECT_EQ(held.out(), "HEAD|");
  EXPECT_EQ(held.output.due(), std::nullopt);
  held.put("1");
  held.at += 204ms;
  held.put("2");
  EXPECT_EQ(held.out(), "");
  EXPECT_EQ(held.output.due(), t0 + 205ms);
  held.at += 1ms;
  EXPECT_EQ(held.out(), "12");
  EXPECT_EQ(held.output.due(), std::nullopt);
  held.put("3");
  EXPECT_EQ(held.output.due(), t0 + 410ms);
  held.output.end();
  EXPECT_EQ(held.out(), "3");
}

TEST(HeldOutput, keeps_what_the_socket_did_not_take) {
  Held held(Hold::window);
  EXPECT_EQ(held.output.ready(held.at), "HEAD|");
  held.output.sent(3);
  EXPECT_EQ(held.output.ready(held.at), "D|");
}

/// The body of chunks, inflated as far as it has come.
std::string inflated(std::string_view chunks) {
  std::string compressed;
  while (!chunks.empty()) {
    const std::size_t n = std::stoul(std::string{chunks.substr(0, chunks.find('\r'))}, nullptr, 16);
    chunks.remove_prefix(chunks.find('\n') + 1);
    compressed += chunks.substr(0, n);
    chunks.remove_prefix(n + 2);
  }
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + 15), Z_OK);
  std::string text(1 << 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  (void)inflate(&stream, Z_SYNC_FLUSH);
  text.resize(text.size() - stream.avail_out);
  inflateEnd(&stream);
  return text;
}

TEST(HeldOutput, compressed_comes_out_when_a_kilobyte_has_gathered_and_is_whole_at_the_end) {
  Held held(Hold::gzip);
  EXPECT_EQ(held.out(), "HEAD|");
  const std::string event(512, 'a');
  held.put(event);
  held.put(event.substr(1));
  held.at += 1h;
  EXPECT_EQ(held.out(), "");
  held.put("b");
  const std::string first = held.out();
  EXPECT_EQ(inflated(first), event + event.substr(1) + "b");
  held.put("last");
  EXPECT_EQ(held.out(), "");
  held.output.end();
  const std::string rest = held.out();
  ASSERT_TRUE(rest.ends_with(terminal_chunk));
  const std::string body = rest.substr(0, rest.size() - terminal_chunk.size());
  EXPECT_EQ(inflated(first + body), event + event.substr(1) + "b" + "last");
}

TEST(HeldOutput, compressed_says_so_in_the_head) {
  EXPECT_EQ(compressed_head("HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nA: b\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n\r\n");
}

}  // namespace
}  // namespace streamgauge::server
