// Clients that speak TLS: whom they trust, what they call the server, how they tell endings apart.
#include <gmock/gmock.h>

#include "harness/net/http_probe.hpp"
#include "tests/net/harness/swarm_fixture.hpp"
#include "tests/net/harness/tls_server.hpp"

namespace streamgauge::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SwarmTls : public SwarmTest {
 protected:
  void TearDown() override {
    SwarmTest::TearDown();
    tls.reset();
  }
  void serve_tls(std::string answer, bool hangs_up = false) {
    tls = std::make_unique<TlsServer>([answer](const std::string&) { return answer; }, hangs_up);
    config.endpoint.addresses = {tls->endpoint()};
    config.endpoint.host = "localhost";
    config.endpoint.tls = tls->trusted();
  }
  std::unique_ptr<TlsServer> tls;
};

TEST_F(SwarmTls, read_a_stream_from_a_server_that_they_trust_and_call_by_its_name) {
  serve_tls(stream_head() + "data: " + std::string(100'000, 'x') + "\n\ndata: 2\n\n");
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  EXPECT_EQ(sink.all<fact::Event>()[0].data.size(), 100'000u);
  EXPECT_THAT(tls->names(), ElementsAre("localhost"));
}

TEST_F(SwarmTls, that_the_body_ends_is_told_by_http_not_by_tls) {
  serve_tls(stream_head("Transfer-Encoding: chunked\r\n") + chunk("data: 1\n\n"), true);
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::truncated);
  EXPECT_EQ(closed.detail, "closed without the terminal chunk");
}

TEST_F(SwarmTls, a_server_that_nobody_vouches_for_is_not_spoken_to) {
  serve_tls(stream_head() + "data: 1\n\n");
  config.endpoint.tls.context = TlsContext::client({}).value();
  start();
  ASSERT_TRUE(sink.wait_for<fact::ConnectFailed>());
  EXPECT_THAT(std::string{sink.all<fact::ConnectFailed>()[0].reason},
              HasSubstr("TLS: certificate verify failed"));
  EXPECT_EQ(sink.count<fact::Connected>(), 0u);
}

TEST_F(SwarmTls, a_certificate_for_another_name_is_not_taken) {
  serve_tls(stream_head() + "data: 1\n\n");
  config.endpoint.tls = tls->trusted("elsewhere.example");
  start();
  ASSERT_TRUE(sink.wait_for<fact::ConnectFailed>());
  EXPECT_THAT(std::string{sink.all<fact::ConnectFailed>()[0].reason},
              HasSubstr("ostname mismatch"));
}

TEST_F(SwarmTls, an_address_is_checked_as_one_and_not_sent_as_a_name) {
  serve_tls(stream_head() + "data: 1\n\n");
  config.endpoint.tls = tls->trusted("127.0.0.1");
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  EXPECT_THAT(tls->names(), ElementsAre(""));
}

TEST_F(SwarmTls, insecure_takes_any_certificate) {
  serve_tls(stream_head() + "data: 1\n\n");
  TlsTerms terms;
  terms.insecure = true;
  config.endpoint.tls = {TlsContext::client(terms).value(), "elsewhere.example"};
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
}

TEST_F(SwarmTls, a_server_without_tls_is_a_failed_connection_with_its_cause) {
  serve([](ServedConnection& connection) {
    connection.send("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
    connection.wait_until_closed();
  });
  config.endpoint.tls = {TlsContext::client({}).value(), "localhost"};
  start();
  ASSERT_TRUE(sink.wait_for<fact::ConnectFailed>());
  EXPECT_THAT(std::string{sink.all<fact::ConnectFailed>()[0].reason}, HasSubstr("TLS: "));
}

TEST_F(SwarmTls, a_server_that_never_shakes_hands_is_given_its_time) {
  group().policy.header_timeout = 50ms;
  serve([](ServedConnection& connection) { connection.wait_until_closed(); });
  config.endpoint.tls = {TlsContext::client({}).value(), "localhost"};
  start();
  ASSERT_TRUE(sink.wait_for<fact::ConnectFailed>());
  EXPECT_EQ(sink.all<fact::ConnectFailed>()[0].reason, "no connection within 50 ms");
}

TEST_F(SwarmTls, small_requests_of_the_harness_speak_it_too) {
  serve_tls("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  HttpRequest request;
  request.host = "localhost";
  const auto answer = http_request({tls->endpoint()}, request, 10s, tls->trusted());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
  const auto refused =
      http_request({tls->endpoint()}, request, 10s, tls->trusted("elsewhere.example"));
  EXPECT_FALSE(refused);
}

TEST(TlsTermsOf, a_file_that_holds_no_certificate_are_a_usage_error) {
  TlsTerms terms;
  terms.ca_file = "/nowhere/ca.pem";
  const auto context = TlsContext::client(terms);
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().exit_code, ExitCode::usage);
  EXPECT_THAT(context.error().message, HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace streamgauge::net
