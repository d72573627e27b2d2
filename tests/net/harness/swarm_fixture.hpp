// One group of clients against an adversarial server.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/scenario/scenario.hpp"
#include "harness/net/swarm.hpp"
#include "tests/net/harness/adversarial_server.hpp"
#include "tests/net/harness/recording_sink.hpp"

namespace streamgauge::net {

using namespace std::chrono_literals;

class SwarmTest : public ::testing::Test {
 protected:
  SwarmTest() {
    ClientGroup group;
    group.name = "clients";
    group.channel = "news & more";
    group.policy.kind = PolicyKind::none;
    scenario.channels = {group.channel};
    scenario.groups = {group};
  }
  // The clients first: scripts wait for them. Then the scripts, before what they refer to goes;
  // so what a script captures by reference is a member, never a local of the test.
  void TearDown() override {
    swarm.reset();
    server.reset();
  }

  ClientGroup& group() { return scenario.groups[0]; }

  void serve(AdversarialServer::Script script) {
    server = std::make_unique<AdversarialServer>(std::move(script));
    config.endpoint.addresses = {server->endpoint()};
    config.endpoint.host = "127.0.0.1:" + std::to_string(server->endpoint().port());
  }
  /// Answers the first request with `bytes` and then closes.
  void serve_bytes(std::string bytes) {
    serve([bytes = std::move(bytes)](ServedConnection& connection) {
      connection.read_request();
      connection.send(bytes);
    });
  }
  void start() {
    config.scenario = &scenario;
    config.sinks = {&sink};
    if (config.endpoint.path.empty()) config.endpoint.path = "/events";
    swarm = std::make_unique<Swarm>(config);
    const auto started = swarm->start();
    ASSERT_TRUE(started) << started.error().message;
  }
  /// Runs until the first connection is closed, and tells how.
  fact::Closed first_closed() {
    start();
    EXPECT_TRUE(sink.wait_for<fact::Closed>());
    const auto all = sink.all<fact::Closed>();
    return all.empty() ? fact::Closed{Ending::local, false, "never closed"} : all[0];
  }
  std::vector<std::string> data() const {
    std::vector<std::string> texts;
    for (const auto& event : sink.all<fact::Event>()) texts.emplace_back(event.data);
    return texts;
  }

  Scenario scenario;
  SwarmConfig config;
  RecordingSink sink;
  std::atomic<bool> go{false};        // from the test to the script
  std::atomic<bool> reached{false};   // from the script to the test
  std::vector<std::string> requests;  // to be read once the server is gone
  std::mutex requests_mutex;
  std::unique_ptr<AdversarialServer> server;
  std::unique_ptr<Swarm> swarm;
};

}  // namespace streamgauge::net
