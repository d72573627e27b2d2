#include "harness/net/ready_poller.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "harness/net/clock.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

struct ReadyPollerTest : testing::Test {
  ReadyQuestion question(const ScriptedHttpServer& server) const {
    return {server.addresses(), server.host(), "/ready"};
  }
  /// Takes until there are `count`.
  bool saw(ReadyPoller& poller, std::size_t count) {
    return eventually([&] {
      const auto more = poller.take();
      seen.insert(seen.end(), more.begin(), more.end());
      return seen.size() >= count;
    });
  }
  std::vector<ReadyPoller::Seen> seen;
};

TEST_F(ReadyPollerTest, tells_the_first_answer_and_each_change_once) {
  std::atomic<int> status{200};
  std::atomic<int> asked{0};
  auto server = std::make_unique<ScriptedHttpServer>([&](HttpConversation& c) {
    const auto request = c.request();
    if (!request) return;
    EXPECT_TRUE(request->starts_with("GET /ready HTTP/1.1\r\n")) << *request;
    ++asked;
    c.answer(status);
  });
  const auto begin = now();
  ReadyPoller poller(question(*server));
  ASSERT_TRUE(saw(poller, 1));
  ASSERT_TRUE(eventually([&] { return asked >= 5; }));
  EXPECT_TRUE(poller.take().empty()) << "nothing has changed";
  EXPECT_GE(server->connections(), 5u) << "each on a fresh connection";
  status = 503;
  ASSERT_TRUE(saw(poller, 2));
  server.reset();
  ASSERT_TRUE(saw(poller, 3));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].what.status, 200);
  EXPECT_EQ(seen[1].what.status, 503);
  EXPECT_EQ(seen[2].what.status, 0) << "no answer";
  EXPECT_GE(seen[0].at, begin);
  EXPECT_GT(seen[1].at, seen[0].at);
  EXPECT_GE(seen[1].what.since_last, 15ms) << "it waits between polls";
}

TEST_F(ReadyPollerTest, ends_at_once_though_the_target_does_not_answer) {
  std::atomic<bool> connected{false};
  ScriptedHttpServer server([&](HttpConversation& c) {
    connected = true;
    c.hold();
  });
  auto poller = std::make_unique<ReadyPoller>(question(server));
  ASSERT_TRUE(eventually([&] { return connected.load(); }));
  poller.reset();  // the test's own time limit is the bound
}

}  // namespace
}  // namespace streamgauge::net
