#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "harness/net/client_under_test.hpp"
#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using namespace client_case;

struct ProgramRun {
  explicit ProgramRun(const std::string& command, const StreamOrder& order = {}) {
    ExecOptions options;
    options.command = command;
    client = exec_client(std::move(options));
    auto started = client->start("http://127.0.0.1:1/stream?a=1&b=2", order, log);
    EXPECT_TRUE(started);
    if (started) session = std::move(*started);
  }
  /// Waits for so many observations; those that there are then.
  std::vector<Observation> entries(std::size_t count) {
    log->wait([&](const auto& all) { return all.size() >= count; }, now() + 20s);
    return log->entries();
  }
  std::shared_ptr<ObservationLog> log = std::make_shared<ObservationLog>();
  std::unique_ptr<ClientUnderTest> client;
  std::unique_ptr<ClientSession> session;
};

TEST(ExecClient, LinesBecomeObservationsInTheirOrder) {
  ProgramRun run(R"(printf '{"kind":"open"}\n{"kind":"comment","comment":"hi"}\r\n\n'; sleep 100)");
  const auto entries = run.entries(2);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<seen::Opened>(entries[0].what));
  EXPECT_EQ(std::get<seen::Comment>(entries[1].what).text, "hi");
}

TEST(ExecClient, TheAddressReachesTheProgramWhole) {
  ProgramRun run(
      R"(echo() { printf '{"kind":"error","comment":"%s"}\n' "$1"; }; echo {url}; sleep 100)");
  const auto entries = run.entries(1);
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(std::get<seen::Failure>(entries[0].what).message, "http://127.0.0.1:1/stream?a=1&b=2");
}

TEST(ExecClient, WhatElseTheProgramIsToldIsInItsEnvironment) {
  StreamOrder order;
  order.last_event_id = "41";
  order.read_timeout = 400ms;
  ProgramRun run(R"(printf '{"kind":"error","comment":"%s %s %s"}\n' $SG_LAST_EVENT_ID )"
                 R"($SG_READ_TIMEOUT_MS $SG_METHOD; sleep 100)",
                 order);
  const auto entries = run.entries(1);
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(std::get<seen::Failure>(entries[0].what).message, "41 400 GET");
}

TEST(ExecClient, AnEndAndItsLastWordsAreNoticed) {
  ProgramRun run("echo no such thing >&2; exit 3");
  const auto entries = run.entries(1);
  ASSERT_FALSE(entries.empty());
  const std::string how = std::get<seen::Gone>(entries[0].what).how;
  EXPECT_THAT(how, testing::HasSubstr("exit code 3"));
  EXPECT_THAT(how, testing::HasSubstr("no such thing"));
}

TEST(ExecClient, ALineThatIsNoReportEndsIt) {
  ProgramRun run("echo hello; sleep 100");
  const auto entries = run.entries(1);
  ASSERT_FALSE(entries.empty());
  EXPECT_THAT(std::get<seen::Gone>(entries[0].what).how, testing::HasSubstr("not JSON"));
}

TEST(ExecClient, WhatTheProgramLeavesBehindDiesWithIt) {
  const std::string file = testing::TempDir() + "/exec-client-child";
  std::remove(file.c_str());
  pid_t child = 0;
  {
    ProgramRun run("sleep 1000 & echo $! > '" + file + "'; wait");
    const Instant deadline = now() + 20s;
    while (child == 0 && now() < deadline) {
      std::ifstream(file) >> child;
      std::this_thread::sleep_for(5ms);
    }
    ASSERT_GT(child, 0);
    EXPECT_EQ(::kill(child, 0), 0);
  }
  const Instant deadline = now() + 20s;
  while (::kill(child, 0) == 0 && now() < deadline) std::this_thread::sleep_for(5ms);
  EXPECT_NE(::kill(child, 0), 0);
}

TEST(ExecClient, ItsMemoryCanBeLookedAt) {
  ProgramRun run("sleep 100");
  const auto bytes = run.session->memory_bytes();
  ASSERT_TRUE(bytes.has_value());
  EXPECT_GT(*bytes, 0u);
}

}  // namespace
}  // namespace streamgauge::net
