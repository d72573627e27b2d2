// GET /ws, read by Beast's WebSocket client: somebody else's reading of the protocol.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::asio::ip::tcp;

class Socket {
 public:
  Socket(std::uint16_t port, const std::string& target, const std::string& last_id = "")
      : stream_(io_) {
    stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    stream_.set_option(websocket::stream_base::decorator([last_id](websocket::request_type& r) {
      if (!last_id.empty()) r.set("Last-Event-ID", last_id);
    }));
    stream_.handshake("t", target);
  }
  std::string message() {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    // Beast tells what went wrong behind the close frame, too: a server that is gone by then.
    if (error == websocket::error::closed || stream_.reason().code != websocket::close_code::none) {
      return "closed " + std::to_string(stream_.reason().code);
    }
    if (error) return "error: " + error.message();
    EXPECT_TRUE(stream_.got_text());
    return beast::buffers_to_string(buffer.data());
  }
  /// The next one that is no comment and no retry.
  std::string event() {
    for (;;) {
      std::string text = message();
      if (text.find("data:") != std::string::npos || text.starts_with("closed")) return text;
      if (text.starts_with("error")) return text;
    }
  }
  websocket::stream<tcp::socket>& stream() { return stream_; }

 private:
  boost::asio::io_context io_;
  websocket::stream<tcp::socket> stream_;
};

TEST(WebSockets, get_each_block_of_the_stream_as_one_message) {
  ServerBench bench;
  Socket socket(bench.server().port(), "/ws?channel=a");
  EXPECT_EQ(socket.message(), "retry: 3000\n\n");
  bench.publish("/publish?channel=a&event=greeting", "hello");
  const std::string event = socket.event();
  EXPECT_TRUE(event.starts_with("event: greeting\nid: ")) << event;
  EXPECT_TRUE(event.ends_with("data: hello\n\n")) << event;
}

TEST(WebSockets, get_the_same_bytes_as_streams_in_the_same_order) {
  ServerBench bench;
  WireClient stream = bench.stream("/events?channel=a");
  Socket socket(bench.server().port(), "/ws?channel=a");
  std::string by_socket, by_stream;
  for (int n = 0; n < 20; ++n) {
    bench.publish("/publish?channel=a", std::string(static_cast<std::size_t>(n) * 5000 + 1, 'x'));
    const std::string message = socket.event();
    by_socket += message;
    const std::string chunk = stream.read_until("\n\n\r\n");
    by_stream += chunk.substr(chunk.find("\r\n") + 2, message.size());
  }
  EXPECT_EQ(by_socket, by_stream);
}

TEST(WebSockets, resume_from_the_last_id) {
  ServerBench bench;
  for (int n = 1; n <= 3; ++n) bench.publish("/publish?channel=a", fmt::format("n{}", n));
  Socket all(bench.server().port(), "/ws?channel=a", "1-1");  // too old: told so, then all
  EXPECT_NE(all.event().find("event: reset"), std::string::npos);
  const std::string first = all.event();
  const std::size_t at = first.find("id: ") + 4;
  Socket rest(bench.server().port(), "/ws?channel=a", first.substr(at, first.find('\n', at) - at));
  EXPECT_NE(rest.event().find("data: n2\n"), std::string::npos);
}

TEST(WebSockets, are_answered_when_they_ping_and_when_they_close) {
  ServerBench bench;
  Socket socket(bench.server().port(), "/ws?channel=a");
  std::string pong;
  socket.stream().control_callback([&](websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::pong) pong.assign(payload.data(), payload.size());
  });
  socket.stream().ping("are you there");
  bench.publish("/publish?channel=a", "something to read");
  EXPECT_NE(socket.event().find("something to read"), std::string::npos);
  EXPECT_EQ(pong, "are you there");
  boost::system::error_code error;
  socket.stream().close(websocket::close_code::normal, error);
  EXPECT_FALSE(error) << error.message();
  EXPECT_TRUE(bench.eventually("streams_open", 0));
}

TEST(WebSockets, are_told_when_the_server_goes) {
  ServerBench bench;
  Socket socket(bench.server().port(), "/ws?channel=a");
  bench.ask_admin(ServerBench::post("/admin/drain"));
  EXPECT_EQ(socket.event(), "closed 1001");
}

TEST(WebSockets, are_counted_apart_from_streams) {
  ServerBench bench;
  WireClient stream = bench.stream("/events?channel=a");
  Socket socket(bench.server().port(), "/ws?channel=a");
  const std::string metrics = bench.ask(ServerBench::get("/metrics"));
  EXPECT_NE(metrics.find("sse_subscribers{transport=\"sse\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("sse_subscribers{transport=\"websocket\"} 1\n"), std::string::npos);
}

TEST(WebSockets, need_a_proper_handshake) {
  ServerBench bench;
  EXPECT_EQ(bench.status_of("/ws?channel=a"), "426");
  const std::string old = bench.ask(
      ServerBench::get("/ws?channel=a",
                       "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_NE(old.find("426"), std::string::npos);
  EXPECT_NE(old.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
}

}  // namespace
}  // namespace streamgauge::server
