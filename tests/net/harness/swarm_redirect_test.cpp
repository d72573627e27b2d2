// Where redirects lead a client, what it takes along, and what its requests say beside.
#include <gmock/gmock.h>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SwarmRedirect : public SwarmTest {
 protected:
  static std::string redirect(int status, const std::string& location) {
    return "HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nLocation: " + location +
           "\r\nContent-Length: 0\r\n\r\n";
  }
  /// Request after request is answered with the next of `answers`; the last one stands.
  void answer_with(std::vector<std::string> all) {
    answers = std::move(all);
    serve([this](ServedConnection& connection) {
      std::string request = connection.read_request();
      if (request.empty()) return;
      const std::size_t body = body_bytes(request);
      for (std::size_t i = 0; i < body; ++i) {
        char byte = 0;
        if (::recv(connection.descriptor(), &byte, 1, 0) == 1) request += byte;
      }
      std::size_t at = 0;
      {
        const std::lock_guard lock{requests_mutex};
        at = std::min(requests.size(), answers.size() - 1);
        requests.push_back(request);
      }
      connection.send(answers[at]);
    });
  }
  static std::size_t body_bytes(const std::string& request) {
    const std::size_t at = request.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(request.substr(at + 16));
  }
  void run_until_requests(std::size_t count) {
    start();
    ASSERT_TRUE(sink.wait_for<fact::Connecting>(count));
    ASSERT_TRUE(sink.wait_for<fact::Closed>(count));
    swarm->stop();
    server.reset();
    ASSERT_GE(requests.size(), count);
  }

  std::vector<std::string> answers;
};

const std::string stream = stream_head() + "data: 1\n\n";

TEST_F(SwarmRedirect, is_followed_at_once_to_a_relative_address) {
  group().policy = policy_defaults(PolicyKind::browser);
  answer_with({redirect(302, "/elsewhere?a=b#part"), stream});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  const auto closed = sink.all<fact::Closed>().at(0);
  EXPECT_EQ(closed.ending, Ending::redirected);
  EXPECT_THAT(std::string{closed.detail}, HasSubstr("/elsewhere?a=b"));
  EXPECT_EQ(sink.count<fact::GaveUp>(), 0u);
  ASSERT_TRUE(sink.wait_for<fact::Closed>(2));
  swarm->stop();
  server.reset();
  EXPECT_THAT(requests.at(1), StartsWith("GET /elsewhere?a=b HTTP/1.1\r\n"));
}

TEST_F(SwarmRedirect, a_temporary_one_is_asked_for_again_and_a_permanent_one_is_kept) {
  group().policy = policy_defaults(PolicyKind::browser);
  group().policy.reconnect = 1ms;
  answer_with({redirect(307, "/for-now"), stream, redirect(301, "/for-good"), stream, stream});
  run_until_requests(5);
  EXPECT_THAT(requests[1], StartsWith("GET /for-now "));
  EXPECT_THAT(requests[2], StartsWith("GET /events "));
  EXPECT_THAT(requests[3], StartsWith("GET /for-good "));
  EXPECT_THAT(requests[4], StartsWith("GET /for-good "));
}

TEST_F(SwarmRedirect, without_end_is_given_up_at_its_bound) {
  group().policy = policy_defaults(PolicyKind::browser);
  group().policy.limits.redirects_max = 5;
  answer_with({redirect(302, "/round")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  EXPECT_EQ(sink.all<fact::GaveUp>()[0].reason, "too many redirects");
  EXPECT_EQ(sink.count<fact::Connecting>(), 6u);
  EXPECT_EQ(swarm->status().settled, 1u);
}

TEST_F(SwarmRedirect, to_another_origin_shows_no_credentials_there) {
  AdversarialServer other{[this](ServedConnection& connection) {
    const std::string request = connection.read_request();
    const std::lock_guard lock{requests_mutex};
    requests.push_back(request);
    connection.send(stream);
  }};
  group().policy = policy_defaults(PolicyKind::browser);
  config.endpoint.headers = {{"Authorization", "Bearer secret"}, {"X-Mine", "1"}};
  const std::string there = "127.0.0.1:" + std::to_string(other.endpoint().port());
  answer_with({redirect(307, "http://" + there + "/s")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stop();
  server.reset();
  EXPECT_THAT(requests.at(0), HasSubstr("Authorization: Bearer secret"));
  EXPECT_THAT(requests.at(1), HasSubstr("Host: " + there));
  EXPECT_THAT(requests.at(1), HasSubstr("X-Mine: 1"));
  EXPECT_THAT(requests.at(1), Not(HasSubstr("Authorization")));
}

TEST_F(SwarmRedirect, to_a_name_finds_its_host) {
  group().policy = policy_defaults(PolicyKind::browser);
  answer_with({"", stream});
  const std::string port = std::to_string(server->endpoint().port());
  answers[0] = redirect(302, "http://localhost:" + port + "/named");
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
}

TEST_F(SwarmRedirect, to_a_name_that_nobody_has_is_a_failed_connection) {
  group().policy = policy_defaults(PolicyKind::browser);
  answer_with({redirect(302, "http://nowhere.invalid/")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::ConnectFailed>());
  EXPECT_THAT(std::string{sink.all<fact::ConnectFailed>()[0].reason},
              HasSubstr("host 'nowhere.invalid' cannot be resolved"));
  ASSERT_TRUE(sink.wait_for<fact::ReconnectScheduled>());
}

TEST_F(SwarmRedirect, to_no_place_that_can_be_asked_is_an_error) {
  group().policy = policy_defaults(PolicyKind::browser);
  answer_with({redirect(302, "ftp://127.0.0.1/")});
  start();
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  EXPECT_EQ(sink.all<fact::GaveUp>()[0].reason, "status 302 without a usable Location");
}

struct BodyCase {
  int status;
  std::string method;
  bool body;
};

class SwarmRedirectBody : public SwarmRedirect, public ::testing::WithParamInterface<BodyCase> {};

TEST_P(SwarmRedirectBody, is_sent_again_where_the_status_says_so) {
  group().policy = policy_defaults(PolicyKind::browser);
  group().says = {"POST", {{"Content-Type", "text/x-mine"}, {"X-Mine", "1"}}, "question", ""};
  answer_with({redirect(GetParam().status, "/next"), stream});
  run_until_requests(2);
  EXPECT_THAT(requests[0], StartsWith("POST /events "));
  EXPECT_THAT(requests[1], StartsWith(GetParam().method + " /next "));
  EXPECT_EQ(requests[1].ends_with("question"), GetParam().body);
  EXPECT_EQ(requests[1].find("text/x-mine") != std::string::npos, GetParam().body);
  EXPECT_THAT(requests[1], HasSubstr("X-Mine: 1"));
}

INSTANTIATE_TEST_SUITE_P(Statuses, SwarmRedirectBody,
                         ::testing::Values(BodyCase{301, "GET", false}, BodyCase{302, "GET", false},
                                           BodyCase{303, "GET", false}, BodyCase{307, "POST", true},
                                           BodyCase{308, "POST", true}),
                         [](const auto& tested) { return std::to_string(tested.param.status); });

using SwarmRequest = SwarmRedirect;

TEST_F(SwarmRequest, says_what_its_group_says_beside_the_target) {
  group().says = {"REPORT", {{"Accept", "text/mine"}, {"x-target", "ours"}}, "body", "41"};
  config.endpoint.headers = {{"X-Target", "theirs"}, {"X-Other", "1"}};
  answer_with({stream});
  run_until_requests(1);
  const std::string& text = requests[0];
  EXPECT_THAT(text, StartsWith("REPORT /events HTTP/1.1\r\n"));
  EXPECT_THAT(text, HasSubstr("Accept: text/mine\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("text/event-stream")));
  EXPECT_THAT(text, HasSubstr("x-target: ours\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("theirs")));
  EXPECT_THAT(text, HasSubstr("X-Other: 1\r\n"));
  EXPECT_THAT(text, HasSubstr("Last-Event-ID: 41\r\n"));
  EXPECT_THAT(text, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\nbody"));
  EXPECT_TRUE(sink.all<fact::Connecting>()[0].sends_last_event_id);
}

TEST_F(SwarmRequest, of_a_hidden_page_is_held_back_until_it_is_shown) {
  group().policy = policy_defaults(PolicyKind::fetch);
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream);
    connection.wait_until_closed();
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->set_visible(0, false);
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.all<fact::Closed>()[0].detail, "in the background");
  ASSERT_TRUE(sink.wait_for_lag_reports(2));
  EXPECT_EQ(sink.count<fact::Connecting>(), 1u);
  EXPECT_EQ(sink.count<fact::ReconnectScheduled>(), 0u);
  swarm->set_visible(0, true);
  EXPECT_TRUE(sink.wait_for<fact::Event>(2));
}

TEST_F(SwarmRequest, with_a_new_token_revives_who_was_refused) {
  group().policy = policy_defaults(PolicyKind::fetch);
  group().credential = Credential::wrong;
  config.endpoint.headers = {{"Authorization", "{token}"}};
  serve([](ServedConnection& connection) {
    const bool valid = connection.read_request().find("valid-token") != std::string::npos;
    connection.send(valid ? stream : "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>());
  swarm->change_token(0, Credential::valid);
  EXPECT_TRUE(sink.wait_for<fact::Event>());
}

TEST_F(SwarmRequest, goes_to_a_mirror_when_the_first_address_is_dead) {
  group().policy = policy_defaults(PolicyKind::hybrid);
  serve_bytes(stream);
  auto mirror = std::make_shared<StreamEndpoint>(config.endpoint);
  mirror->path = "/mirrored";
  config.endpoint.mirrors = {mirror};
  config.endpoint.addresses[0].port(1);  // nobody listens there
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  EXPECT_EQ(sink.all<fact::ReconnectScheduled>().at(0).delay, 0ms);
}

TEST_F(SwarmRequest, of_a_hybrid_client_is_given_up_when_nothing_comes_for_its_liveness) {
  group().policy = policy_defaults(PolicyKind::hybrid);
  group().policy.liveness = 40ms;
  serve([](ServedConnection& connection) { connection.wait_until_closed(); });
  EXPECT_EQ(first_closed().ending, Ending::timed_out);
}

}  // namespace
}  // namespace streamgauge::net
