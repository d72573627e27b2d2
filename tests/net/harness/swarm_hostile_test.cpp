// Servers that never end something. A client gives them up at its bound, or reads on without
// keeping anything; either way the heap grows by no more than the bounds that the client states.
#include <gmock/gmock.h>
#include <malloc.h>

#include <algorithm>

#include "harness/core/http/websocket.hpp"
#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::HasSubstr;

// Beside what the client may hold: threads' buffers, the sink's records, a growing string's copy.
constexpr std::size_t slack_bytes = 1u << 20;
// Far more than any bound: a client that kept it all would be seen.
constexpr std::size_t flood_bytes = 16u << 20;

std::size_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct HostileCase {
  const char* name;
  std::string begin;   // sent once
  std::string repeat;  // then this, for ever or until the flood's size
  Ending ending;
  const char* detail;
};

class SwarmHostile : public SwarmTest {
 protected:
  SwarmHostile() {
    ClientLimits& limits = group().policy.limits;
    limits.line_bytes_max = 64u << 10;
    limits.event_bytes_max = 256u << 10;
    limits.head_bytes_max = 32u << 10;
    limits.head_fields_max = 100;
    limits.error_body_bytes_max = 1u << 10;
  }
  /// Everything that the client may hold at once, doubled for strings that grow by copying.
  [[nodiscard]] std::size_t bound() {
    const ClientLimits& limits = group().policy.limits;
    return 2 * (limits.line_bytes_max + limits.event_bytes_max + limits.head_bytes_max +
                limits.error_body_bytes_max) +
           slack_bytes;
  }
  /// Sends until the client closes or has been sent the flood; keeps the highest heap.
  void flood(ServedConnection& connection, const std::string& repeat) {
    std::string block;
    while (block.size() < 16'384) block += repeat;
    const std::size_t before = heap_in_use();
    for (std::size_t sent = 0; sent < flood_bytes; sent += block.size()) {
      if (!connection.send(block)) break;
      const std::size_t now = heap_in_use();
      grown = std::max(grown.load(), now - std::min(now, before));
    }
  }
  std::atomic<std::size_t> grown{0};
};

class SwarmHostileCase : public SwarmHostile, public ::testing::WithParamInterface<HostileCase> {};

TEST_P(SwarmHostileCase, is_given_up_at_the_bound_and_costs_no_more) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    if (connection.send(GetParam().begin)) flood(connection, GetParam().repeat);
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, GetParam().ending) << closed.detail;
  EXPECT_THAT(std::string{closed.detail}, HasSubstr(GetParam().detail));
  EXPECT_LT(closed.detail.size(), 400u);
  swarm->stop();
  server.reset();
  EXPECT_LT(grown, bound());
  EXPECT_LT(swarm->status().bytes, flood_bytes);
}

const std::string head = stream_head();
const std::string chunked = stream_head("Transfer-Encoding: chunked\r\n");
const std::string line(100, 'x');

INSTANTIATE_TEST_SUITE_P(
    Servers, SwarmHostileCase,
    ::testing::Values(
        HostileCase{"endless_line", head + "data: ", line, Ending::over_limit, "a line longer"},
        HostileCase{"endless_comment", head + ": ", line, Ending::over_limit, "a line longer"},
        HostileCase{"endless_id", head + "id: ", line, Ending::over_limit, "a line longer"},
        HostileCase{"endless_field_name", head, line, Ending::over_limit, "a line longer"},
        HostileCase{"endless_event", head, "data: " + line + "\n", Ending::over_limit,
                    "an event longer"},
        HostileCase{"endless_event_in_chunks", chunked, chunk("data: " + line + "\n"),
                    Ending::over_limit, "an event longer"},
        HostileCase{"endless_head", "HTTP/1.1 200 OK\r\n", "X-A: " + line + "\r\n",
                    Ending::over_limit, "a response head longer than 32 KiB"},
        HostileCase{"endless_header_line", "HTTP/1.1 200 OK\r\nX-A: ", line, Ending::over_limit,
                    "a response head longer"},
        HostileCase{"endless_status_line", "HTTP/1.1 200 ", line, Ending::over_limit,
                    "a response head longer"},
        HostileCase{"interim_responses", "", "HTTP/1.1 100 Continue\r\n\r\n", Ending::over_limit,
                    "interim responses of more than 32 KiB"},
        HostileCase{"early_hints", "", "HTTP/1.1 103 Early Hints\r\nLink: " + line + "\r\n\r\n",
                    Ending::over_limit, "interim responses of more than"},
        HostileCase{"endless_chunk_extension", chunked + "5;", line, Ending::bad_http,
                    "malformed chunked"},
        HostileCase{"endless_chunk_size", chunked, "0", Ending::bad_http, "malformed chunked"},
        HostileCase{"endless_trailer_line", chunked + "0\r\nX: ", line, Ending::bad_http,
                    "malformed chunked"},
        HostileCase{"endless_error_body", "HTTP/1.1 500 No\r\n\r\n", line, Ending::rejected,
                    "status 500"},
        HostileCase{"endless_error_body_in_chunks",
                    "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(line),
                    Ending::rejected, "status 404"},
        HostileCase{"endless_page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", line,
                    Ending::rejected, "content type text/html"}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST_F(SwarmHostile, ten_thousand_fields_are_more_than_a_client_counts) {
  group().policy.limits.head_bytes_max = 1u << 20;
  serve([](ServedConnection& connection) {
    connection.read_request();
    std::string fields;
    for (int i = 0; i < 10'000; ++i) fields += "A: b\r\n";
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + fields + "\r\n");
    connection.wait_until_closed();
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::over_limit);
  EXPECT_EQ(closed.detail, "a response head of more than 100 fields");
}

TEST_F(SwarmHostile, as_many_fields_as_are_allowed_are_read) {
  serve([](ServedConnection& connection) {
    connection.read_request();
    std::string fields;
    for (int i = 0; i < 99; ++i) fields += "A: b\r\n";
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + fields + "\r\n");
  });
  EXPECT_EQ(first_closed().ending, Ending::eof);
}

struct EndureCase {
  const char* name;
  std::string begin, repeat, end;
};

class SwarmEndures : public SwarmHostile, public ::testing::WithParamInterface<EndureCase> {};

TEST_P(SwarmEndures, what_is_allowed_without_end_and_keeps_nothing_of_it) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(GetParam().begin);
    flood(connection, GetParam().repeat);
    connection.send(GetParam().end);
    connection.wait_until_closed();
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stop();
  server.reset();
  EXPECT_LT(grown, bound());
  EXPECT_GE(swarm->status().bytes, flood_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Floods, SwarmEndures,
    ::testing::Values(EndureCase{"blank_lines", head, "\n", "data: 1\n\n"},
                      EndureCase{"unfinished_types", head, "event: " + line + "\n", "data: 1\n\n"},
                      EndureCase{"tiny_chunks", chunked, chunk("\n"), chunk("data: 1\n\n")}),
    [](const auto& tested) { return std::string{tested.param.name}; });

/// A WebSocket's head is answered before the frames are sent.
class SwarmHostileSocket : public SwarmHostile {
 protected:
  static constexpr std::string_view key_name = "Sec-WebSocket-Key: ";
  SwarmHostileSocket() {
    group().transport = Transport::websocket;
    config.endpoint.websocket_path = "/ws";
  }
  void serve_frames(std::string begin, std::string repeat) {
    serve([this, begin, repeat](ServedConnection& connection) {
      const std::string request = connection.read_request();
      const std::size_t at = request.find(key_name);
      if (at == std::string::npos) return;  // left before it asked: the test is over
      const std::size_t from = at + key_name.size();
      const std::string key = request.substr(from, request.find("\r\n", from) - from);
      connection.send(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
          "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
          http::websocket_accept(key) + "\r\n\r\n" + begin);
      flood(connection, repeat);
    });
  }
};

TEST_F(SwarmHostileSocket, an_endless_message_is_given_up_at_the_bound) {
  std::string begin;
  http::append_frame_header(begin, http::WebSocketOpcode::text, 1ull << 40);
  serve_frames(begin, line);
  EXPECT_EQ(first_closed().ending, Ending::over_limit);
  swarm->stop();
  server.reset();
  EXPECT_LT(grown, bound());
}

TEST_F(SwarmHostileSocket, a_flood_of_pings_from_one_who_does_not_read_costs_nothing) {
  std::string ping;
  http::append_frame_header(ping, http::WebSocketOpcode::ping, line.size());
  serve_frames("", ping + line);
  start();
  ASSERT_TRUE(sink.wait_for<fact::Closed>());  // the flood ends, then the server closes
  swarm->stop();
  server.reset();
  EXPECT_LT(grown, bound());
  EXPECT_GE(swarm->status().bytes, flood_bytes / 2);  // the end may be lost to a reset
}

TEST_F(SwarmHostile, a_poll_without_end_is_bounded_as_a_stream_is) {
  group().transport = Transport::long_poll;
  config.endpoint.poll_path = "/poll";
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(head + "data: ");
    flood(connection, line);
  });
  EXPECT_EQ(first_closed().ending, Ending::over_limit);
  swarm->stop();
  server.reset();
  EXPECT_LT(grown, bound());
}

}  // namespace
}  // namespace streamgauge::net
