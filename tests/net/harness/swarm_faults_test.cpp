// An error at each system call of the driver in turn, and a cancel at each: the client records what
// happened, comes back as its policy says, gets its event in the end, and leaves no descriptor
// open.
#include <gmock/gmock.h>

#include <filesystem>

#include "harness/core/http/websocket.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/io_faults.hpp"
#include "tests/net/harness/swarm_fixture.hpp"
#include "tests/net/harness/tls_server.hpp"

namespace streamgauge::net {
namespace {

constexpr int calls_at_most = 200;  // of one client until its event: far more than it makes

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += entry.exists() ? 1 : 1;
  }
  return count;
}

struct Way {
  const char* name;
  Transport transport;
  bool tls;
};

class SwarmFaults : public SwarmTest, public ::testing::WithParamInterface<Way> {
 protected:
  SwarmFaults() {
    group().policy = policy_defaults(PolicyKind::agent);
    group().policy.backoff_base = group().policy.backoff_cap = 1ms;
    group().policy.jitter = 0;
    group().policy.header_timeout = 5s;
    group().policy.poll_pause = 1ms;
    group().transport = GetParam().transport;
    config.endpoint.poll_path = "/poll";
    config.endpoint.websocket_path = "/ws";
    config.endpoint.path = "/events";
  }
  void TearDown() override {
    IoFaults::off();
    SwarmTest::TearDown();
    tls_server.reset();
  }

  void serve_well() {
    if (GetParam().tls) {
      tls_server = std::make_unique<TlsServer>(
          [](const std::string&) { return stream_head() + "id: 1\ndata: 1\n\n"; });
      config.endpoint.addresses = {tls_server->endpoint()};
      config.endpoint.host = "localhost";
      config.endpoint.tls = tls_server->trusted();
      return;
    }
    serve([](ServedConnection& connection) {
      for (;;) {
        const std::string request = connection.read_request();
        if (request.empty()) return;
        if (!connection.send(answer_to(request))) return;
        if (!request.starts_with("GET /poll")) return void(connection.wait_until_closed());
        if (request.find("Last-Event-ID") != std::string::npos) {
          return void(connection.wait_until_closed());
        }
      }
    });
  }
  static std::string answer_to(const std::string& request) {
    const std::string block = "id: 1\ndata: 1\n\n";
    if (request.starts_with("GET /poll")) {
      return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
             std::to_string(block.size()) + "\r\n\r\n" + block;
    }
    if (!request.starts_with("GET /ws")) return stream_head() + block;
    const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
    std::string frame;
    http::append_frame_header(frame, http::WebSocketOpcode::text, block.size());
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           http::websocket_accept(request.substr(at, request.find("\r\n", at) - at)) + "\r\n\r\n" +
           frame + block;
  }
  /// A swarm of its own with a sink of its own; the server stays.
  struct Run {
    RecordingSink sink;
    std::unique_ptr<Swarm> swarm;
  };
  std::unique_ptr<Run> start_run() {
    auto run = std::make_unique<Run>();
    config.scenario = &scenario;
    config.sinks = {&run->sink};
    run->swarm = std::make_unique<Swarm>(config);
    const auto started = run->swarm->start();
    EXPECT_TRUE(started) << started.error().message;
    return run;
  }
  /// Each attempt has one end, and after an end that is not ours a decision follows.
  static void expect_sound(const std::vector<Record>& records, const std::string& where) {
    int connecting = 0, ends = 0, decisions = 0;
    for (const Record& r : records) {
      connecting += std::holds_alternative<fact::Connecting>(r.fact) ? 1 : 0;
      const auto* closed = std::get_if<fact::Closed>(&r.fact);
      ends += closed != nullptr || std::holds_alternative<fact::ConnectFailed>(r.fact) ? 1 : 0;
      decisions += std::holds_alternative<fact::ReconnectScheduled>(r.fact) ? 1 : 0;
    }
    EXPECT_LE(ends, connecting) << where;
    EXPECT_GE(ends, connecting - 1) << where;  // an attempt that the end of the run has cut off
    EXPECT_LE(decisions, ends) << where;
    EXPECT_GE(decisions, ends - 1) << where;
  }

  std::unique_ptr<TlsServer> tls_server;
};

TEST_P(SwarmFaults, an_error_at_each_call_is_recorded_and_recovered_from) {
  serve_well();
  int n = 1;
  for (; n < calls_at_most; ++n) {
    const std::size_t descriptors = open_descriptors();
    IoFaults::plan(IoFaults::Kind::fail, n);
    auto run = start_run();
    const bool arrived = run->sink.wait_for<fact::Event>();
    const bool was_hit = IoFaults::reached;
    IoFaults::off();
    const std::string where =
        std::string{"call "} + std::to_string(n) + ", " + IoFaults::name.load();
    ASSERT_TRUE(arrived) << where;
    run->swarm->stop();
    const auto records = run->sink.records();
    run.reset();
    EXPECT_TRUE(eventually([&] { return open_descriptors() <= descriptors; })) << where;
    if (!was_hit) break;
    expect_sound(records, where);
    const std::size_t connects = RecordingSink::count_in<fact::Connecting>(records);
    EXPECT_LE(connects, 3u) << where << ": one fault is one more attempt";
  }
  EXPECT_GT(n, 4) << "the calls of a client were not counted";
  EXPECT_LT(n, calls_at_most);
}

TEST_P(SwarmFaults, the_end_of_the_run_at_each_call_leaves_nothing_behind) {
  serve_well();
  int n = 1;
  for (; n < calls_at_most; ++n) {
    const std::size_t descriptors = open_descriptors();
    IoFaults::plan(IoFaults::Kind::stall, n);
    auto run = start_run();
    const bool was_hit =
        eventually([&] { return IoFaults::reached || run->sink.count<fact::Event>() > 0; });
    EXPECT_TRUE(was_hit);
    const bool reached_it = IoFaults::reached;
    run->swarm->stop();  // while the call is held
    IoFaults::off();
    const std::string where =
        std::string{"call "} + std::to_string(n) + ", " + IoFaults::name.load();
    const auto records = run->sink.records();
    expect_sound(records, where);
    EXPECT_EQ(run->swarm->status().open, 0u) << where;
    run.reset();
    EXPECT_TRUE(eventually([&] { return open_descriptors() <= descriptors; })) << where;
    if (!reached_it) break;
  }
  EXPECT_GT(n, 4) << "the calls of a client were not counted";
  EXPECT_LT(n, calls_at_most);
}

INSTANTIATE_TEST_SUITE_P(Ways, SwarmFaults,
                         ::testing::Values(Way{"sse", Transport::sse, false},
                                           Way{"sse_over_tls", Transport::sse, true},
                                           Way{"long_poll", Transport::long_poll, false},
                                           Way{"websocket", Transport::websocket, false}),
                         [](const auto& tested) { return std::string{tested.param.name}; });

}  // namespace
}  // namespace streamgauge::net
