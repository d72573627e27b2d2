// What a client makes of a response's body, and how it tells the endings apart.
#include <gmock/gmock.h>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using SwarmBody = SwarmTest;

TEST_F(SwarmBody, reports_the_life_of_a_stream_in_order) {
  serve_bytes(stream_head("X-Mine: 1\r\n") + ": hello\n\nretry: 500\n\nid: 7\ndata: one\n\n");
  EXPECT_EQ(first_closed().ending, Ending::eof);
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  const auto records = sink.records();
  std::vector<std::size_t> kinds;
  Instant last{};
  for (const Record& record : records) {
    kinds.push_back(record.fact.index());
    EXPECT_EQ(record.stream, 0u);
    EXPECT_GE(record.at, last);
    last = record.at;
  }
  auto index = [](Fact fact) { return fact.index(); };
  EXPECT_THAT(
      kinds, ElementsAre(index(fact::Joined{}), index(fact::Connecting{}), index(fact::Connected{}),
                         index(fact::Headers{}), index(fact::Comment{}), index(fact::Retry{}),
                         index(fact::Event{}), index(fact::Closed{}), index(fact::GaveUp{})));
  EXPECT_EQ(sink.all<fact::Comment>()[0].text, " hello");
  EXPECT_EQ(sink.all<fact::Retry>()[0].milliseconds, 500u);
  const auto event = sink.all<fact::Event>()[0];
  EXPECT_EQ(event.data, "one");
  EXPECT_EQ(event.id, "7");
  EXPECT_TRUE(event.has_id);
  EXPECT_FALSE(event.envelope);
  const auto headers = sink.all<fact::Headers>()[0];
  EXPECT_EQ(headers.status, 200);
  EXPECT_EQ(headers.head, stream_head("X-Mine: 1\r\n"));
  EXPECT_GT(sink.all<fact::Connected>()[0].took, Duration{});
}

TEST_F(SwarmBody, reads_the_envelope_once_for_the_record) {
  serve_bytes(stream_head() + "data: sg1 5 0 9 1234 c ...\n\n");
  first_closed();
  const auto event = sink.all<fact::Event>().at(0);
  ASSERT_TRUE(event.envelope);
  EXPECT_EQ(event.envelope->seq, 9u);
  EXPECT_EQ(event.envelope->kind, sse::EnvelopeKind::critical);
}

TEST_F(SwarmBody, forwards_what_is_odd) {
  serve_bytes(stream_head() + "dada: 1\n\nretry: soon\n\n");
  first_closed();
  const auto all = sink.all<fact::Oddity>();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].notice, sse::Notice::unknown_field);
  EXPECT_EQ(all[0].detail, "dada");
  EXPECT_EQ(all[1].notice, sse::Notice::retry_not_digits);
}

struct EndingCase {
  const char* name;
  std::string bytes;
  Ending ending;
  bool mid_block;
  const char* detail;
  std::size_t events;
};

class SwarmEnding : public SwarmTest, public ::testing::WithParamInterface<EndingCase> {};

TEST_P(SwarmEnding, is_told_apart) {
  serve_bytes(GetParam().bytes);
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, GetParam().ending) << closed.detail;
  EXPECT_EQ(closed.mid_block, GetParam().mid_block);
  EXPECT_THAT(std::string{closed.detail}, HasSubstr(GetParam().detail));
  EXPECT_EQ(sink.count<fact::Event>(), GetParam().events);
  EXPECT_EQ(sink.count<fact::Closed>(), 1u);
}

const std::string chunked_head = stream_head("Transfer-Encoding: chunked\r\n");
const std::string event = "data: 1\n\n";

INSTANTIATE_TEST_SUITE_P(
    Endings, SwarmEnding,
    ::testing::Values(
        EndingCase{"until_close", stream_head() + event, Ending::eof, false, "", 1},
        EndingCase{"until_close_mid_line", stream_head() + event + "data: 2", Ending::eof, true, "",
                   1},
        EndingCase{"until_close_mid_block", stream_head() + event + "data: 2\n", Ending::eof, true,
                   "", 1},
        EndingCase{"chunked_complete", chunked_head + chunk(event) + "0\r\n\r\n", Ending::complete,
                   false, "", 1},
        EndingCase{"chunked_with_trailer", chunked_head + chunk(event) + "0\r\nA: b\r\n\r\n",
                   Ending::complete, false, "", 1},
        EndingCase{"chunked_complete_mid_block", chunked_head + chunk("data: 1\n") + "0\r\n\r\n",
                   Ending::complete, true, "", 0},
        EndingCase{"bytes_behind_the_end", chunked_head + chunk(event) + "0\r\n\r\nmore",
                   Ending::complete, false, "4 bytes behind the end", 1},
        EndingCase{"chunked_without_terminal", chunked_head + chunk(event), Ending::truncated,
                   false, "without the terminal chunk", 1},
        EndingCase{"chunked_cut_in_chunk", chunked_head + chunk(event) + "20\r\ndata: 2",
                   Ending::truncated, true, "inside a chunk", 1},
        EndingCase{"event_over_two_chunks",
                   chunked_head + chunk("data: o") + chunk("ne\n\n") + "0\r\n\r\n",
                   Ending::complete, false, "", 1},
        EndingCase{"malformed_chunk", chunked_head + chunk(event) + "zz\r\n", Ending::bad_http,
                   false, "malformed chunked coding", 1},
        EndingCase{"length_reached", stream_head("Content-Length: 9\r\n") + event, Ending::complete,
                   false, "", 1},
        EndingCase{"length_zero", stream_head("Content-Length: 0\r\n"), Ending::complete, false, "",
                   0},
        EndingCase{"length_short", stream_head("Content-Length: 12\r\n") + event, Ending::truncated,
                   false, "3 bytes short", 1},
        EndingCase{"length_exceeded", stream_head("Content-Length: 9\r\n") + event + event,
                   Ending::complete, false, "9 bytes behind the end", 1},
        EndingCase{"no_response", "", Ending::truncated, false, "without a response", 0},
        EndingCase{"half_a_head", "HTTP/1.1 200 OK\r\nContent-", Ending::truncated, false,
                   "inside the response head", 0},
        EndingCase{"not_http", "SSH-2.0-OpenSSH\r\n", Ending::bad_http, false, "SSH-2.0-OpenSSH",
                   0},
        EndingCase{"malformed_head", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", Ending::bad_http,
                   false, "malformed response head", 0},
        EndingCase{"switching_protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                   Ending::bad_http, false, "101", 0},
        EndingCase{"interim_responses",
                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                       stream_head() + event,
                   Ending::eof, false, "", 1},
        EndingCase{"bare_line_feeds",
                   "HTTP/1.1 200 OK\nContent-Type: text/event-stream; charset=utf-8\n\n" + event,
                   Ending::eof, false, "", 1},
        EndingCase{"http_1_0", "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + event,
                   Ending::eof, false, "", 1}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST_F(SwarmBody, a_reset_is_not_an_end) {
  serve([](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: 1\n\ndata: 2\n");
    connection.reset();
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::reset);
  EXPECT_EQ(closed.detail, "Connection reset by peer");
}

TEST_F(SwarmBody, comes_through_bytes_that_drip_one_by_one) {
  serve([](ServedConnection& connection) {
    connection.read_request();
    const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\n" + chunked_head +
                              chunk("id: 1\ndata: on") + chunk("e\r\n\r\n: c\n\n") + "0\r\n\r\n";
    const int on = 1;
    ::setsockopt(connection.descriptor(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    for (const char c : bytes) {
      connection.send({&c, 1});
      std::this_thread::sleep_for(200us);
    }
  });
  EXPECT_EQ(first_closed().ending, Ending::complete);
  EXPECT_THAT(data(), ElementsAre("one"));
  EXPECT_EQ(sink.all<fact::Headers>().at(0).head, chunked_head);
  EXPECT_EQ(sink.count<fact::Comment>(), 1u);
}

TEST_F(SwarmBody, an_endless_line_is_given_up_at_its_bound) {
  group().policy.limits.line_bytes_max = 1u << 20;
  serve([](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: ");
    const std::string block(16384, 'x');
    while (connection.send(block)) {
    }
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::over_limit);
  EXPECT_EQ(closed.detail, "a line longer than 1 MiB");
  EXPECT_LT(swarm->status().bytes, 2u << 20);
}

TEST_F(SwarmBody, an_endless_head_is_given_up_at_its_bound) {
  group().policy.limits.head_bytes_max = 4096;
  serve([](ServedConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X-Filler: xxxxxxxxxxxxxxxxxxxxxxxx\r\n")) {
    }
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::over_limit);
  EXPECT_EQ(closed.detail, "a response head longer than 4 KiB");
}

TEST_F(SwarmBody, a_complete_body_is_closed_from_our_side) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(chunked_head + "0\r\n\r\n");
    connection.wait_until_closed();
    reached = true;
  });
  EXPECT_EQ(first_closed().ending, Ending::complete);
  swarm->stop();
  server.reset();
  EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace streamgauge::net
