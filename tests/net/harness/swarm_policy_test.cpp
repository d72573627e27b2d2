// How a client connects, is refused, reconnects and gives up.
#include <gmock/gmock.h>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using SwarmPolicy = SwarmTest;

struct RefusalCase {
  const char* name;
  std::string bytes;
  const char* detail;
};

class SwarmRefusal : public SwarmTest, public ::testing::WithParamInterface<RefusalCase> {};

TEST_P(SwarmRefusal, is_recorded_with_its_cause_and_stops_a_browser) {
  group().policy.kind = PolicyKind::browser;
  serve_bytes(GetParam().bytes);
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::rejected);
  EXPECT_EQ(closed.detail, GetParam().detail);
  EXPECT_FALSE(closed.mid_block);
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  EXPECT_EQ(sink.count<fact::Headers>(), 1u);
  EXPECT_EQ(sink.count<fact::Event>(), 0u);
  EXPECT_EQ(sink.count<fact::ReconnectScheduled>(), 0u);
  const SwarmStatus status = swarm->status();
  EXPECT_EQ(status.given_up, 1u);
  EXPECT_EQ(status.open, 0u);
  EXPECT_EQ(status.settled, 1u);
}

const std::string page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

INSTANTIATE_TEST_SUITE_P(
    Refusals, SwarmRefusal,
    ::testing::Values(
        RefusalCase{"status_500", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status 500"},
        RefusalCase{"status_503_with_body",
                    "HTTP/1.1 503 Busy\r\nContent-Length: 12\r\n\r\ntry\r\n again!",
                    "status 503: try again!"},
        RefusalCase{"status_204", "HTTP/1.1 204 No Content\r\n\r\n", "status 204"},
        RefusalCase{"wrong_status_with_a_stream",
                    "HTTP/1.1 202 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n",
                    "status 202: data: 1"},
        RefusalCase{"html_page", page + "\r\n<h1>hello</h1>",
                    "content type text/html: <h1>hello</h1>"},
        RefusalCase{"html_page_chunked",
                    page + "Transfer-Encoding: chunked\r\n\r\n" + chunk("<h1>") + "0\r\n\r\n",
                    "content type text/html: <h1>"},
        RefusalCase{"no_type", "HTTP/1.1 200 OK\r\n\r\n", "no content type"},
        RefusalCase{"compressed", stream_head("Content-Encoding: gzip\r\n"),
                    "content encoding gzip, which the request did not offer"},
        RefusalCase{"redirect_to_nowhere", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
                    "status 302: a redirect that is not followed (Location: missing)"},
        RefusalCase{"redirect_to_emptiness",
                    "HTTP/1.1 307 There\r\nLocation: \r\nContent-Length: 0\r\n\r\n",
                    "status 307: a redirect that is not followed (Location: missing)"}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST_F(SwarmPolicy, a_refusal_without_end_is_not_waited_for) {
  serve([](ServedConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\nwait for it");
    connection.wait_until_closed();
  });
  EXPECT_EQ(first_closed().detail, "status 503: wait for it");
}

TEST_F(SwarmPolicy, the_body_of_a_refusal_is_bounded) {
  serve([](ServedConnection& connection) {
    connection.read_request();
    connection.send(page + "\r\n");
    while (connection.send(std::string(4096, 'x'))) {
    }
  });
  EXPECT_LT(first_closed().detail.size(), 300u);
}

TEST_F(SwarmPolicy, asks_as_a_browser_does) {
  serve([this](ServedConnection& connection) { requests = {connection.read_request()}; });
  config.endpoint.path = "/events?channel={channel}&user={user}&id={id}";
  config.endpoint.headers = {{"Authorization", "Bearer t"}, {"user-agent", "mine"}};
  first_closed();
  swarm->stop();
  server.reset();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0], "GET /events?channel=news%20%26%20more&user=u0&id=c0 HTTP/1.1\r\nHost: " +
                             config.endpoint.host +
                             "\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n"
                             "Authorization: Bearer t\r\nuser-agent: mine\r\n\r\n");
}

TEST_F(SwarmPolicy, comes_back_with_its_last_event_id_after_what_the_server_asked_for) {
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 1h;
  serve([this](ServedConnection& connection) {
    const std::string request = connection.read_request();
    {
      const std::lock_guard lock{requests_mutex};
      requests.push_back(request);
    }
    // The second block is cut: its id must not count.
    connection.send(stream_head() + "retry: 30\nid: seven\ndata: 1\n\nid: eight\ndata: 2\n");
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Connecting>(2));
  ASSERT_TRUE(sink.wait_for<fact::Closed>(2));
  const auto scheduled = sink.all<fact::ReconnectScheduled>();
  EXPECT_EQ(scheduled.at(0).delay, 30ms);
  const auto connecting = sink.all<fact::Connecting>();
  EXPECT_EQ(connecting.at(0).attempt, 1u);
  EXPECT_FALSE(connecting.at(0).sends_last_event_id);
  EXPECT_EQ(connecting.at(1).attempt, 2u);
  EXPECT_TRUE(connecting.at(1).sends_last_event_id);
  Instant closed_at{}, back_at{};
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::Closed>(r.fact) && closed_at == Instant{}) closed_at = r.at;
    const auto* begun = std::get_if<fact::Connecting>(&r.fact);
    if (begun != nullptr && begun->attempt == 2) {
      EXPECT_EQ(begun->intended, closed_at + 30ms);
      back_at = r.at;
    }
  }
  EXPECT_GE(back_at - closed_at, 30ms);
  swarm->stop();
  server.reset();
  EXPECT_THAT(requests.at(0), Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(requests.at(1), HasSubstr("Last-Event-ID: seven\r\n"));
}

TEST_F(SwarmPolicy, a_refused_connection_is_told_from_others) {
  serve([](ServedConnection&) {});
  const auto nobody = server->endpoint();
  server.reset();
  config.endpoint.addresses = {nobody};
  start();
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  const auto failed = sink.all<fact::ConnectFailed>().at(0);
  EXPECT_TRUE(failed.refused);
  EXPECT_EQ(failed.reason, "Connection refused");
  EXPECT_EQ(sink.count<fact::Closed>(), 0u);
  EXPECT_EQ(swarm->status().refused, 1u);
  EXPECT_EQ(swarm->status().connect_failures, 1u);
  EXPECT_EQ(swarm->status().settled, 1u);
}

TEST_F(SwarmPolicy, tries_the_next_address_before_it_fails) {
  serve_bytes(stream_head() + "data: 1\n\n");
  AdversarialServer gone{[](ServedConnection&) {}};
  auto nobody = gone.endpoint();
  nobody.port(1);  // tcpmux: nobody listens on loopback
  config.endpoint.addresses = {nobody, server->endpoint()};
  EXPECT_EQ(first_closed().ending, Ending::eof);
  EXPECT_EQ(sink.count<fact::ConnectFailed>(), 0u);
  EXPECT_EQ(sink.count<fact::Connecting>(), 1u);
}

TEST_F(SwarmPolicy, backs_off_from_a_server_that_refuses_for_now) {
  group().policy.kind = PolicyKind::agent;
  group().policy.backoff_base = 8ms;
  group().policy.backoff_cap = 32ms;
  group().policy.jitter = 0;
  serve_bytes("HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n");
  start();
  ASSERT_TRUE(sink.wait_for<fact::ReconnectScheduled>(4));
  std::vector<Duration> delays;
  for (const auto& scheduled : sink.all<fact::ReconnectScheduled>()) {
    delays.push_back(scheduled.delay);
  }
  delays.resize(4);
  EXPECT_THAT(delays, ElementsAre(8ms, 16ms, 32ms, 32ms));
}

TEST_F(SwarmPolicy, honours_retry_after) {
  group().policy.kind = PolicyKind::agent;
  serve_bytes("HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n");
  start();
  ASSERT_TRUE(sink.wait_for<fact::ReconnectScheduled>());
  EXPECT_GE(sink.all<fact::ReconnectScheduled>()[0].delay, 30s);
}

TEST_F(SwarmPolicy, a_server_that_never_answers_is_given_its_time) {
  group().policy.header_timeout = 50ms;
  serve([](ServedConnection& connection) { connection.wait_until_closed(); });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::timed_out);
  EXPECT_EQ(closed.detail, "no response head within 50 ms");
}

TEST_F(SwarmPolicy, the_header_time_out_is_over_once_the_head_is_there) {
  group().policy.header_timeout = 50ms;
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: 1\n\n");
    while (!go) std::this_thread::yield();
    connection.send("data: 2\n\n");
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  std::this_thread::sleep_for(120ms);  // the time-out has to pass for the test to mean anything
  go = true;
  EXPECT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::eof);
  EXPECT_EQ(sink.count<fact::Event>(), 2u);
}

}  // namespace
}  // namespace streamgauge::net
