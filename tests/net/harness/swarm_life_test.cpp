// Many streams, several threads, starting and stopping.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <set>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::HasSubstr;

class SwarmLife : public SwarmTest {
 protected:
  void serve_open_streams() {
    serve([](ServedConnection& connection) {
      connection.read_request();
      connection.send(stream_head() + "data: 1\n\n");
      connection.wait_until_closed();
    });
  }
};

TEST_F(SwarmLife, deals_streams_out_over_threads_with_dense_ids) {
  group().streams = 30;
  serve_open_streams();
  RecordingSink other;
  config.scenario = &scenario;
  config.endpoint.path = "/";
  config.sinks = {&sink, &other};
  swarm = std::make_unique<Swarm>(config);
  ASSERT_TRUE(swarm->start());
  ASSERT_TRUE(sink.wait_for<fact::Event>(15));
  ASSERT_TRUE(other.wait_for<fact::Event>(15));
  swarm->stop();
  const SwarmStatus status = swarm->status();
  EXPECT_EQ(status.streams, 30u);
  EXPECT_EQ(status.events, 30u);
  EXPECT_EQ(status.settled, 30u);
  EXPECT_EQ(status.open, 0u);
  std::set<StreamId> ids, others;
  for (const Record& r : sink.records()) ids.insert(r.stream);
  for (const Record& r : other.records()) others.insert(r.stream);
  EXPECT_EQ(ids.size(), 15u);
  EXPECT_EQ(others.size(), 15u);
  ids.merge(others);
  EXPECT_EQ(ids.size(), 30u);
  EXPECT_EQ(*ids.rbegin(), 29u);
}

TEST_F(SwarmLife, intends_connects_evenly_over_the_ramp) {
  group().streams = 10;
  group().ramp = 100ms;
  serve_open_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(10));
  Instant begin{};
  std::vector<Duration> intended(10);
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::Joined>(r.fact)) begin = r.at;
    if (const auto* connecting = std::get_if<fact::Connecting>(&r.fact)) {
      intended[r.stream] = connecting->intended - begin;
      EXPECT_GE(r.at, connecting->intended);
    }
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(intended[static_cast<std::size_t>(i)], i * 10ms);
}

TEST_F(SwarmLife, stopping_closes_every_stream_and_is_final) {
  group().streams = 10;
  group().policy.kind = PolicyKind::browser;
  serve_open_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(10));
  swarm->stop();
  const auto closed = sink.all<fact::Closed>();
  EXPECT_EQ(closed.size(), 10u);
  for (const auto& c : closed) EXPECT_EQ(c.ending, Ending::local);
  EXPECT_EQ(sink.count<fact::ReconnectScheduled>(), 0u);
  const std::size_t records = sink.records().size();
  swarm->stop();
  swarm->close_streams({0, AbortKind::fin, {}, true}, 0s);
  swarm->resume_reading(0);
  EXPECT_EQ(sink.records().size(), records);
}

TEST_F(SwarmLife, may_be_stopped_at_any_moment) {
  group().streams = 50;
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 0s;
  group().policy.header_timeout = 5ms;
  group().ramp = 5ms;
  serve([](ServedConnection& connection) {
    connection.read_request();
    switch (connection.number() % 4) {
      case 0:
        connection.send(stream_head() + "data: 1\n\n");
        return;
      case 1:
        connection.reset();
        return;
      case 2:
        connection.send("HTTP/1.1 503 Busy\r\n\r\nno");
        return;
      default:
        connection.wait_until_closed();
    }
  });
  for (int round = 0; round < 10; ++round) {
    start();
    swarm->stop_reading(0, 1ms);
    swarm->close_streams({0, round % 2 == 0 ? AbortKind::reset : AbortKind::fin, {}, true}, 4ms);
    std::this_thread::sleep_for(round * 1ms);
    swarm.reset();
  }
}

TEST_F(SwarmLife, never_started_is_fine_too) {
  serve_open_streams();
  config.scenario = &scenario;
  config.sinks = {&sink};
  swarm = std::make_unique<Swarm>(config);
  swarm->stop_reading(0, std::nullopt);
  EXPECT_EQ(swarm->status().streams, 1u);
}

TEST_F(SwarmLife, tells_each_sink_on_its_thread) {
  serve_open_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  const auto tell = [](RecordSink& to) { to.on({Instant{}, no_stream, fact::PhaseBegan{3}}); };
  swarm->tell_sinks(tell);
  ASSERT_TRUE(sink.wait_for<fact::PhaseBegan>());
  swarm->stop();
  swarm->tell_sinks(tell);
  EXPECT_EQ(sink.count<fact::PhaseBegan>(), 2u);
}

TEST_F(SwarmLife, reports_its_own_scheduling_lag) {
  serve_open_streams();
  start();
  EXPECT_TRUE(sink.wait_for_lag_reports(3));
}

TEST_F(SwarmLife, refuses_to_start_with_too_few_descriptors) {
  serve_open_streams();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  if (before.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "no limit on descriptors here";
  group().streams = static_cast<std::uint32_t>(before.rlim_max);
  config.scenario = &scenario;
  config.sinks = {&sink};
  swarm = std::make_unique<Swarm>(config);
  const auto started = swarm->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().exit_code, ExitCode::target);
  EXPECT_THAT(started.error().message, HasSubstr("file descriptors"));
  EXPECT_TRUE(sink.records().empty());
}

}  // namespace
}  // namespace streamgauge::net
