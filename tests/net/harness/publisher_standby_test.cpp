// The publisher with a second instance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/core/sse/envelope.hpp"
#include "harness/net/publisher.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/recording_sink.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

/// Keeps the sequence numbers that came, and answers as the test wants.
class Instance {
 public:
  std::atomic<int> status{200};

  std::vector<std::uint64_t> sequence() const {
    const std::lock_guard lock(mutex_);
    return sequence_;
  }
  std::string first_request() const {
    const std::lock_guard lock(mutex_);
    return requests_.empty() ? "" : requests_.front();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::uint64_t> sequence_;

 public:
  ScriptedHttpServer server{[this](HttpConversation& c) {
    while (const auto request = c.request()) {
      const auto body = request->substr(request->find("\r\n\r\n") + 4);
      const auto envelope = sse::parse_envelope(body);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request->substr(0, request->find("\r\n")));
        if (envelope) sequence_.push_back(envelope->seq);
      }
      c.answer(status);
    }
  }};  // last: its threads use the others
};

std::vector<std::uint64_t> up_to(std::size_t n) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 1; i <= n; ++i) numbers.push_back(i);
  return numbers;
}

struct PublisherStandbyTest : testing::Test {
  PublisherStandbyTest() { scenario.channels = {"a"}; }

  static StreamEndpoint endpoint(const ScriptedHttpServer& server) {
    StreamEndpoint to;
    to.addresses = server.addresses();
    to.host = server.host();
    to.tokens.valid = "s3cret";
    return to;
  }
  std::unique_ptr<Publisher> publisher(const StreamEndpoint& one, const StreamEndpoint& other) {
    PublisherConfig config;
    config.scenario = &scenario;
    config.endpoint = one;
    config.publish.path = "/one?token={token}";
    config.standby.emplace();
    config.standby->endpoint = other;
    config.standby->publish.path = "/two?token={token}";
    config.sink = &sink;
    config.answer_within = 60s;
    auto made = std::make_unique<Publisher>(std::move(config));
    made->start();
    return made;
  }
  static Publication at_rate(double events_per_s) {
    Publication publication;
    publication.events_per_s = events_per_s;
    return publication;
  }

  Scenario scenario;
  RecordingSink sink;
  Instance first, second;
};

TEST_F(PublisherStandbyTest, sends_each_message_to_both_in_one_order_and_tells_it_once) {
  auto both = publisher(endpoint(first.server), endpoint(second.server));
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(20));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  const auto status = both->status();
  both->stop();
  const auto told = sink.count<fact::Published>();
  EXPECT_EQ(first.sequence(), up_to(told));
  EXPECT_EQ(second.sequence(), up_to(told));
  EXPECT_EQ(status.published, told);
  EXPECT_EQ(status.uneven, 0u);
  EXPECT_EQ(first.first_request(), "POST /one?token=s3cret HTTP/1.1");
  EXPECT_EQ(second.first_request(), "POST /two?token=s3cret HTTP/1.1");
}

TEST_F(PublisherStandbyTest, tells_the_answer_of_the_first_until_it_is_told_to_switch) {
  second.status = 202;
  auto both = publisher(endpoint(first.server), endpoint(second.server));
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(5));
  EXPECT_EQ(sink.all<fact::Published>().front().status, 200);
  both->switch_to_standby();
  ASSERT_TRUE(sink.wait_until([](const auto& records) {
    return std::get<fact::Published>(records.back().fact).status == 202;
  }));
  const auto last_of_first = first.sequence().size();
  ASSERT_TRUE(sink.wait_for<fact::Published>(sink.count<fact::Published>() + 5));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  both->stop();
  EXPECT_EQ(first.sequence().size(), last_of_first) << "nothing more goes to the first";
  EXPECT_EQ(second.sequence(), up_to(sink.count<fact::Published>())) << "the sequence goes on";
}

TEST_F(PublisherStandbyTest, goes_on_with_the_second_when_the_first_is_gone) {
  const RefusingPort gone;
  StreamEndpoint refusing;
  refusing.addresses = gone.addresses();
  refusing.host = "gone";
  auto both = publisher(refusing, endpoint(second.server));
  both->switch_to_standby();
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(5));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  both->stop();
  EXPECT_EQ(sink.all<fact::Published>().front().status, 200);
  EXPECT_EQ(both->status().failed, 0u);
}

TEST_F(PublisherStandbyTest, counts_messages_that_only_one_of_them_took) {
  second.status = 503;
  auto both = publisher(endpoint(first.server), endpoint(second.server));
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(3));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  both->stop();
  EXPECT_EQ(both->status().uneven, sink.count<fact::Published>());
  EXPECT_EQ(both->status().failed, 0u) << "the first one's answer counts";
}

TEST_F(PublisherStandbyTest, what_the_first_refuses_counts_once_it_takes_another) {
  first.status = 503;
  auto both = publisher(endpoint(first.server), endpoint(second.server));
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(3));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  EXPECT_EQ(both->status().uneven, 0u) << "it may be about to stop";
  const auto refused = sink.count<fact::Published>();
  first.status = 200;
  both->set({at_rate(500)});
  ASSERT_TRUE(sink.wait_for<fact::Published>(refused + 1));
  both->set({});
  ASSERT_TRUE(both->drain(60s));
  both->stop();
  EXPECT_EQ(both->status().uneven, refused);
}

TEST_F(PublisherStandbyTest, stops_though_the_second_does_not_answer) {
  ScriptedHttpServer silent([](HttpConversation& c) { c.hold(); });
  auto both = publisher(endpoint(first.server), endpoint(silent));
  both->set({at_rate(500)});
  ASSERT_TRUE(eventually([&] { return !first.sequence().empty() && silent.connections() > 0; }));
  both->stop();
  EXPECT_EQ(sink.count<fact::Published>(), 1u);
}

}  // namespace
}  // namespace streamgauge::net
