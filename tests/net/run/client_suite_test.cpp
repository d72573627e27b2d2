#include "harness/run/client_suite.hpp"

#include <gmock/gmock.h>

#include <set>

#include "harness/net/test_service.hpp"

namespace streamgauge::run {
namespace {

using namespace std::chrono_literals;

PolicySpec browser() {
  PolicySpec policy;
  policy.kind = PolicyKind::browser;
  policy.reconnect = 100ms;
  return policy;
}

std::string said(const CheckResult& check) {
  return check.id + ": " + std::string(to_string(check.finding.verdict)) + ", " +
         check.finding.reason;
}

RunResult run(net::ClientUnderTest& client, std::vector<std::string> cases) {
  ClientSuiteOptions options;
  options.cases = std::move(cases);
  auto result = run_client_suite(client, options, {});
  EXPECT_TRUE(result);
  return result ? std::move(result->run) : RunResult{};
}

const std::vector<std::string> a_few{"sse/9.2.5/bom-split", "sse/9.2.6/type-*",
                                     "sse/9.2.6/end-*",     "reconnect/id/*",
                                     "reconnect/end/*",     "http/status/404-*"};

TEST(ClientSuite, OurOwnBrowserPassesWhatABrowserMust) {
  const auto client = net::built_in_client("policy browser", browser());
  const RunResult result = run(*client, a_few);
  ASSERT_EQ(result.scenarios.size(), 1u);
  EXPECT_GT(result.scenarios[0].checks.size(), 50u);
  for (const CheckResult& check : result.scenarios[0].checks) {
    const bool good =
        check.finding.verdict == Verdict::pass || check.finding.verdict == Verdict::skip;
    EXPECT_TRUE(good) << said(check);
  }
}

TEST(ClientSuite, AClientThatNeverReconnectsIsSeenTo) {
  PolicySpec policy = browser();
  policy.kind = PolicyKind::none;
  const auto client = net::built_in_client("policy none", policy);
  const RunResult result = run(*client, {"reconnect/end/complete"});
  EXPECT_EQ(exit_code(result), ExitCode::violated);
}

TEST(ClientSuite, TheSameClientBehindTheProtocolIsJudgedAlike) {
  const auto service = net::TestService::start("127.0.0.1", 0, browser());
  ASSERT_TRUE(service);
  const auto client = net::service_client((*service)->url(), 300ms);
  ASSERT_TRUE(client) << client.error().message;
  const RunResult result = run(**client, {"sse/9.2.6/id*", "sse/9.2.6/reports-*",
                                          "reconnect/order/*", "robust/silence/after-events"});
  for (const CheckResult& check : result.scenarios[0].checks) {
    EXPECT_EQ(check.finding.verdict, Verdict::pass) << said(check);
  }
}

TEST(ClientSuite, AnEmptySelectionJudgesNothing) {
  const auto client = net::built_in_client("policy browser", browser());
  const auto result = run_client_suite(*client, {{"sse/9.9/*"}, 0, false}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().exit_code, ExitCode::nothing_judged);
}

TEST(ClientSuite, AServiceThatIsNotThereIsATargetError) {
  const auto client = net::service_client("http://127.0.0.1:1", 300ms);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().exit_code, ExitCode::target);
}

TEST(ClientSuite, WhatDoesNotPassLeavesItsWire) {
  PolicySpec policy = browser();
  policy.kind = PolicyKind::none;
  const auto client = net::built_in_client("policy none", policy);
  ClientSuiteOptions options;
  options.cases = {"reconnect/end/complete"};
  const auto result = run_client_suite(*client, options, {});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->wires.size(), 1u);
  EXPECT_EQ(result->wires[0].name, "wire/reconnect_end_complete.txt");
  EXPECT_THAT(result->wires[0].text, testing::HasSubstr("#1 < GET /stream"));
}

}  // namespace
}  // namespace streamgauge::run
