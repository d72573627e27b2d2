// Clients that poll, and clients that hold a WebSocket (against Beast's server side of it).
#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "harness/core/http/websocket.hpp"
#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SwarmPolls : public SwarmTest {
 protected:
  SwarmPolls() {
    group().transport = Transport::long_poll;
    group().policy = policy_defaults(PolicyKind::agent);
    group().policy.backoff_base = 1ms;
    group().policy.backoff_cap = 1ms;
    group().policy.poll_pause = 1ms;
    config.endpoint.poll_path = "/poll?c={channel}";
  }
  static std::string answer(const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
  }
  /// Each request on each connection gets the next answer; the last one is never given.
  void answer_polls(std::vector<std::string> all) {
    answers = std::move(all);
    serve([this](ServedConnection& connection) {
      for (;;) {
        const std::string request = connection.read_request();
        if (request.empty()) return;
        std::size_t at = 0;
        {
          const std::lock_guard lock{requests_mutex};
          at = requests.size();
          requests.push_back(request);
        }
        if (at >= answers.size()) return void(connection.wait_until_closed());
        if (!connection.send(answers[at])) return;
        if (answers[at].find("Connection: close") != std::string::npos) return;
      }
    });
  }
  std::vector<std::string> answers;
};

TEST_F(SwarmPolls, ask_again_on_the_same_connection_from_where_they_have_come_to) {
  answer_polls({answer("id: 5\n\n"), answer("id: 6\ndata: a\n\nid: 7\ndata: b\n\n"),
                answer("data: c\n\nid: 9\n\n")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(3));
  ASSERT_TRUE(sink.wait_for_lag_reports(1));
  swarm->stop();
  EXPECT_EQ(server->accepted(), 1);
  server.reset();
  EXPECT_THAT(data(), ElementsAre("a", "b", "c"));
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_THAT(requests[0], StartsWith("GET /poll?c=news%20%26%20more HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0], Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(requests[1], HasSubstr("Last-Event-ID: 5\r\n"));
  EXPECT_THAT(requests[2], HasSubstr("Last-Event-ID: 7\r\n"));
  EXPECT_THAT(requests[3], HasSubstr("Last-Event-ID: 9\r\n"));
  // To everybody else it is one stream.
  EXPECT_EQ(sink.count<fact::Connecting>(), 1u);
  EXPECT_EQ(sink.count<fact::Headers>(), 1u);
  EXPECT_EQ(sink.count<fact::Closed>(), 1u);
}

TEST_F(SwarmPolls, take_another_connection_when_the_server_keeps_none) {
  answer_polls({answer("id: 1\ndata: a\n\n", "Connection: close\r\n"),
                answer("id: 2\ndata: b\n\n", "Connection: close\r\n")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  ASSERT_TRUE(sink.wait_for<fact::Connecting>(3));
  EXPECT_EQ(sink.count<fact::ReconnectScheduled>(), 0u);
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::complete);
}

TEST_F(SwarmPolls, take_204_for_nothing_new) {
  answer_polls({"HTTP/1.1 204 No Content\r\n\r\n", answer("data: a\n\n")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  EXPECT_EQ(sink.count<fact::GaveUp>(), 0u);
}

TEST_F(SwarmPolls, do_not_spin_on_empty_answers) {
  group().policy.poll_pause = 1h;
  answer_polls(std::vector<std::string>(50, answer("")));
  start();
  ASSERT_TRUE(sink.wait_for<fact::Headers>());
  ASSERT_TRUE(sink.wait_for_lag_reports(2));
  swarm->stop();
  server.reset();
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(SwarmPolls, think_about_what_they_got_before_they_ask_again) {
  group().policy.poll_think = 1h;
  answer_polls({answer("id: 5\n\n"), answer("id: 6\ndata: a\n\n"), answer("")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  ASSERT_TRUE(sink.wait_for_lag_reports(2));
  swarm->stop();
  server.reset();
  EXPECT_EQ(requests.size(), 2u);
}

TEST_F(SwarmPolls, whose_answer_is_refused_end_as_streams_do) {
  answer_polls({answer("id: 5\n\n"), "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"});
  start();
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::rejected);
}

TEST_F(SwarmPolls, of_a_hybrid_client_come_after_three_streams_that_brought_nothing) {
  group().transport = Transport::sse;
  group().policy = policy_defaults(PolicyKind::hybrid);
  group().policy.reconnect = 1ms;
  group().policy.poll_pause = 1ms;
  group().policy.fallback_for = 1h;
  serve([this](ServedConnection& connection) {
    for (;;) {
      const std::string request = connection.read_request();
      if (request.empty()) return;
      if (request.starts_with("GET /events")) {
        connection.send(stream_head());
        return;
      }
      const bool again = request.find("Last-Event-ID") != std::string::npos;
      if (again) return void(connection.wait_until_closed());
      connection.send(answer("id: 1\ndata: polled\n\n"));
    }
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  EXPECT_THAT(data(), ElementsAre("polled"));
  EXPECT_EQ(sink.count<fact::FellBack>(), 1u);
  EXPECT_EQ(sink.count<fact::Connecting>(), 4u);
}

TEST_F(SwarmPolls, of_a_hybrid_client_give_way_to_a_stream_after_their_time) {
  group().transport = Transport::sse;
  group().policy = policy_defaults(PolicyKind::hybrid);
  group().policy.reconnect = 1ms;
  group().policy.poll_pause = 1ms;
  group().policy.fallback_after = 1;
  group().policy.fallback_for = 60ms;
  serve([this](ServedConnection& connection) {
    for (;;) {
      const std::string request = connection.read_request();
      if (request.empty()) return;
      if (request.starts_with("GET /poll")) {
        reached = true;
        if (!connection.send(answer(""))) return;
        continue;
      }
      if (!reached) return void(connection.send(stream_head()));
      connection.send(stream_head() + "data: streamed\n\n");
      return void(connection.wait_until_closed());
    }
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  const auto moves = sink.all<fact::FellBack>();
  ASSERT_EQ(moves.size(), 2u);
  EXPECT_TRUE(moves[0].to_fallback);
  EXPECT_FALSE(moves[1].to_fallback);
}

// --- WebSocket ---------------------------------------------------------------------------------

namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;

class SwarmSockets : public SwarmTest {
 protected:
  using Peer = websocket::stream<tcp::socket>;
  SwarmSockets() {
    group().transport = Transport::websocket;
    config.endpoint.websocket_path = "/ws?c={channel}";
  }
  /// `talk` with Beast's server once it has accepted the handshake.
  void serve_socket(std::function<void(Peer&)> talk) {
    serve([this, talk = std::move(talk)](ServedConnection& connection) {
      boost::asio::io_context io;
      tcp::socket socket(io);
      socket.assign(tcp::v4(), ::dup(connection.descriptor()));
      Peer peer(std::move(socket));
      boost::beast::flat_buffer buffer;
      boost::beast::http::request<boost::beast::http::string_body> request;
      boost::system::error_code error;
      boost::beast::http::read(peer.next_layer(), buffer, request, error);
      if (error) return;
      {
        const std::lock_guard lock{requests_mutex};
        requests.emplace_back(request.target().data(), request.target().size());
      }
      peer.accept(request, error);
      if (error) return;
      talk(peer);
    });
  }
  static void write(Peer& peer, std::string_view text) {
    boost::system::error_code ignored;
    peer.text(true);
    peer.write(boost::asio::buffer(text.data(), text.size()), ignored);
  }
  /// Until the client has closed.
  static void read_to_end(Peer& peer) {
    boost::system::error_code error;
    boost::beast::flat_buffer buffer;
    while (!error) peer.read(buffer, error);
  }
};

TEST_F(SwarmSockets, read_each_message_as_a_block_and_end_with_a_closing_handshake) {
  serve_socket([this](Peer& peer) {
    write(peer, ": hello\n\n");
    write(peer, "id: 7\nevent: e\ndata: one\n\n");
    write(peer, "data: " + std::string(200'000, 'x') + "\n\n");
    boost::system::error_code error;
    peer.close(websocket::close_code::normal, error);
    reached = !error;
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::complete);
  EXPECT_EQ(closed.detail, "close code 1000");
  swarm->stop();
  server.reset();
  EXPECT_TRUE(reached) << "the client answers the close";
  EXPECT_THAT(requests, ElementsAre("/ws?c=news%20%26%20more"));
  const auto events = sink.all<fact::Event>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, "e");
  EXPECT_EQ(events[0].id, "7");
  EXPECT_EQ(events[1].data.size(), 200'000u);
  EXPECT_EQ(sink.all<fact::Headers>().at(0).status, 101);
}

TEST_F(SwarmSockets, answer_pings_and_say_goodbye_at_the_end_of_the_run) {
  serve_socket([this](Peer& peer) {
    peer.control_callback([this](websocket::frame_type kind, boost::beast::string_view) {
      if (kind == websocket::frame_type::pong) go = true;
      if (kind == websocket::frame_type::close) reached = true;
    });
    boost::system::error_code ignored;
    peer.ping("?", ignored);
    write(peer, "data: 1\n\n");
    read_to_end(peer);
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  ASSERT_TRUE(sink.wait_for_lag_reports(1));
  swarm->stop();
  server.reset();
  EXPECT_TRUE(go) << "no pong";
  EXPECT_TRUE(reached) << "no close frame";
}

TEST_F(SwarmSockets, come_back_with_their_last_id) {
  group().policy = policy_defaults(PolicyKind::agent);
  group().policy.backoff_base = group().policy.backoff_cap = 1ms;
  serve([this](ServedConnection& connection) {
    const std::string request = connection.read_request();
    const std::lock_guard lock{requests_mutex};
    requests.push_back(request);
    const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
    const std::string key = request.substr(at, request.find("\r\n", at) - at);
    std::string frame;
    http::append_frame_header(frame, http::WebSocketOpcode::text, 16);
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
        http::websocket_accept(key) + "\r\n\r\n" + frame + "id: 7\ndata: 1\n\n");
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Closed>(2));
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::truncated);
  EXPECT_EQ(sink.all<fact::Closed>()[0].detail, "closed without a close frame");
  swarm->stop();
  server.reset();
  EXPECT_THAT(requests.at(0), Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(requests.at(1), HasSubstr("Last-Event-ID: 7\r\n"));
}

struct HandshakeCase {
  const char* name;
  std::string head;
  Ending ending;
  const char* detail;
};

class SwarmHandshake : public SwarmSockets, public ::testing::WithParamInterface<HandshakeCase> {};

TEST_P(SwarmHandshake, that_is_none_is_told_with_its_fault) {
  serve_bytes(GetParam().head);
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, GetParam().ending);
  EXPECT_THAT(std::string{closed.detail}, HasSubstr(GetParam().detail));
  EXPECT_EQ(sink.count<fact::Event>(), 0u);
}

const std::string upgraded =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

INSTANTIATE_TEST_SUITE_P(
    Faults, SwarmHandshake,
    ::testing::Values(
        HandshakeCase{"a_page", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", Ending::rejected,
                      "status 404"},
        HandshakeCase{"a_stream", stream_head() + "data: 1\n\n", Ending::rejected,
                      "a stream in place of a WebSocket"},
        HandshakeCase{"another_key",
                      upgraded + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                      Ending::bad_http, "not that of the key"},
        HandshakeCase{"no_key", upgraded + "\r\n", Ending::bad_http,
                      "without Sec-WebSocket-Accept"},
        HandshakeCase{"another_upgrade",
                      "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                      Ending::bad_http, "without Upgrade: websocket"}),
    [](const auto& tested) { return std::string{tested.param.name}; });

}  // namespace
}  // namespace streamgauge::net
