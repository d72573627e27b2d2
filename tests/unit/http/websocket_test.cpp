#include "harness/core/http/websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamgauge::http {
namespace {

using Kind = WebSocketReader::Kind;

std::string frame(unsigned first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  bytes += static_cast<char>(payload.size());
  return bytes.append(payload);
}

/// "data 'ab'. ping 'x' close 1000 ''": what came out of `bytes`, fed in pieces of `step`.
std::string read_in_pieces(std::string_view bytes, std::size_t step, bool masked = false) {
  WebSocketReader reader{masked};
  std::string said;
  bool in_data = false;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::string_view piece = bytes.substr(at, step);
    for (auto item = reader.next(piece); item.kind != Kind::none; item = reader.next(piece)) {
      if (item.kind == Kind::data) {
        if (!in_data) said += "data '";
        said += item.bytes;
        in_data = !item.ends_message;
        if (item.ends_message) said += "' ";
      }
      if (item.kind == Kind::ping) said += "ping '" + std::string{item.bytes} + "' ";
      if (item.kind == Kind::pong) said += "pong '" + std::string{item.bytes} + "' ";
      if (item.kind == Kind::close) {
        said += "close " + std::to_string(item.code) + " '" + std::string{item.bytes} + "' ";
      }
      if (item.kind == Kind::malformed) said += "malformed: " + std::string{item.bytes};
    }
  }
  return said;
}

/// The same however the bytes are cut.
std::string read(std::string_view bytes, bool masked = false) {
  const std::string whole = read_in_pieces(bytes, bytes.size() + 1, masked);
  for (std::size_t step = 1; step < bytes.size(); ++step) {
    EXPECT_EQ(read_in_pieces(bytes, step, masked), whole) << "pieces of " << step;
  }
  return whole;
}

TEST(WebSocketReader, reads_messages_whole_and_in_fragments_with_pings_between) {
  EXPECT_EQ(read(frame(0x81, "hello")), "data 'hello' ");
  EXPECT_EQ(read(frame(0x82, "")), "data '' ");
  EXPECT_EQ(read(frame(0x81, "a") + frame(0x81, "b")), "data 'a' data 'b' ");
  EXPECT_EQ(read(frame(0x01, "he") + frame(0x00, "l") + frame(0x80, "lo")), "data 'hello' ");
  EXPECT_EQ(read(frame(0x89, "x") + frame(0x8a, "")), "ping 'x' pong '' ");
}

TEST(WebSocketReader, a_ping_may_come_inside_a_message) {
  EXPECT_EQ(read_in_pieces(frame(0x01, "a") + frame(0x89, "p") + frame(0x80, "b"), 1000),
            "data 'aping 'p' b' ");
}

TEST(WebSocketReader, reads_lengths_of_every_size) {
  for (const std::size_t size : {125u, 126u, 127u, 65'535u, 65'536u, 100'000u}) {
    std::string bytes;
    append_frame_header(bytes, WebSocketOpcode::text, size);
    EXPECT_EQ(bytes.size(), size <= 125 ? 2u : size <= 65'535 ? 4u : 10u);
    bytes.append(size, 'x');
    EXPECT_EQ(read_in_pieces(bytes, 4096), "data '" + std::string(size, 'x') + "' ");
  }
}

TEST(WebSocketReader, a_close_ends_reading) {
  EXPECT_EQ(read(frame(0x88, "") + frame(0x81, "late")), "close 1005 '' ");
  EXPECT_EQ(read(frame(0x88, close_payload(1001, "bye"))), "close 1001 'bye' ");
}

TEST(WebSocketReader, unmasks_control_frames_of_clients) {
  std::string bytes;
  append_masked_frame(bytes, WebSocketOpcode::ping, "are you there", 0x1234'5678);
  append_masked_frame(bytes, WebSocketOpcode::close, close_payload(1000), 0xdead'beef);
  EXPECT_EQ(read(bytes, true), "ping 'are you there' close 1000 '' ");
}

TEST(WebSocketReader, refuses_what_the_protocol_forbids) {
  const std::string masked = [] {
    std::string bytes;
    append_masked_frame(bytes, WebSocketOpcode::text, "x", 1);
    return bytes;
  }();
  const std::string long_length{"\x81\x7e\x00\x05", 4};
  const std::string longer_length{"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05", 10};
  const std::string huge{"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10};
  const std::string big_ping{"\x89\x7e\x00\x7e", 4};
  for (const std::string& bytes :
       {masked, frame(0xc1, "x"), frame(0x83, "x"), frame(0x8b, "x"), frame(0x80, "x"),
        frame(0x01, "x") + frame(0x81, "y"), frame(0x09, "x"), frame(0x88, "x"),
        frame(0x88, close_payload(1005)), frame(0x88, close_payload(999)), long_length,
        longer_length, huge, big_ping}) {
    EXPECT_NE(read(bytes).find("malformed: "), std::string::npos);
  }
  EXPECT_NE(read(frame(0x81, "x"), true).find("malformed: an unmasked"), std::string::npos);
}

TEST(WebSocketReader, keeps_nothing_of_a_message_however_long) {
  static_assert(sizeof(WebSocketReader) <= 160, "a swarm holds one for each of its sockets");
}

TEST(WebSocketHandshake, answers_the_key_of_the_standard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace streamgauge::http
