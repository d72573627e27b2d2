// What the scenario orders while streams are open: stop reading, read slowly, close, come back.
#include <gmock/gmock.h>

#include "harness/net/clock.hpp"
#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

class SwarmOrders : public SwarmTest {
 protected:
  /// Streams that stay open until the client leaves; counts those it left with an RST.
  void serve_open_streams() {
    serve([this](ServedConnection& connection) {
      const std::string request = connection.read_request();
      if (request.find("Last-Event-ID: 1\r\n") != std::string::npos) ++returned_with_id;
      connection.send(stream_head() + "id: 1\ndata: 1\n\n");
      if (connection.wait_until_closed()) ++resets;
      ++ended;
    });
  }
  bool wait_open(std::uint64_t streams) {
    return sink.wait_until([&](const auto& records) {
      return RecordingSink::count_in<fact::Event>(records) >= streams;
    });
  }

  std::atomic<unsigned> resets{0}, ended{0}, returned_with_id{0};
};

TEST_F(SwarmOrders, a_stopped_reader_takes_nothing_until_it_goes_on) {
  group().receive_buffer_bytes = 4096;
  const std::string block = "data: " + std::string(1000, 'x') + "\n\n";
  serve([this, block](ServedConnection& connection) {
    connection.read_request();
    const int size = 4096;
    ::setsockopt(connection.descriptor(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    connection.send(stream_head() + "data: first\n\n");
    pollfd p{connection.descriptor(), POLLIN, 0};
    while (::poll(&p, 1, 0) == 0) {  // until the client closes
      const ssize_t n = ::send(connection.descriptor(), block.data(), block.size(), MSG_DONTWAIT);
      if (n < 0) reached = true;
      if (n >= 0 && static_cast<std::size_t>(n) < block.size()) {
        connection.send(std::string_view{block}.substr(static_cast<std::size_t>(n)));
      }
    }
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stop_reading(0, std::nullopt);
  ASSERT_TRUE(sink.wait_for<fact::ReadingStopped>());
  const std::uint64_t bytes = swarm->status().bytes;
  reached = false;
  while (!reached) std::this_thread::sleep_for(1ms);  // the buffers of the kernel are full
  EXPECT_EQ(swarm->status().bytes, bytes);
  EXPECT_EQ(sink.count<fact::PeerGone>(), 0u);
  const std::size_t events = sink.count<fact::Event>();
  swarm->resume_reading(0);
  EXPECT_TRUE(sink.wait_for<fact::ReadingResumed>());
  EXPECT_TRUE(sink.wait_for<fact::Event>(events + 100));
}

TEST_F(SwarmOrders, reading_goes_on_by_itself_after_the_time_given) {
  serve_open_streams();
  group().streams = 3;
  start();
  ASSERT_TRUE(wait_open(3));
  swarm->stop_reading(0, 20ms);
  EXPECT_TRUE(sink.wait_for<fact::ReadingResumed>(3));
  Instant stopped{}, resumed{};
  for (const Record& r : sink.records()) {
    if (r.stream != 0) continue;
    if (std::holds_alternative<fact::ReadingStopped>(r.fact)) stopped = r.at;
    if (std::holds_alternative<fact::ReadingResumed>(r.fact)) resumed = r.at;
  }
  EXPECT_GE(resumed - stopped, 20ms);
}

TEST_F(SwarmOrders, a_later_stop_outlasts_an_earlier_resume) {
  serve_open_streams();
  start();
  ASSERT_TRUE(wait_open(1));
  swarm->stop_reading(0, 20ms);
  swarm->stop_reading(0, std::nullopt);
  ASSERT_TRUE(sink.wait_for<fact::ReadingStopped>());
  ASSERT_TRUE(sink.wait_for_lag_reports(2));  // 20 ms and more have passed on that thread
  EXPECT_EQ(sink.count<fact::ReadingStopped>(), 1u);
  EXPECT_EQ(sink.count<fact::ReadingResumed>(), 0u);
}

TEST_F(SwarmOrders, a_peer_that_left_is_seen_behind_data_that_nobody_reads) {
  group().receive_buffer_bytes = 4096;
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: first\n\n");
    while (!go) std::this_thread::sleep_for(1ms);
    const std::string block = "data: " + std::string(1000, 'x') + "\n\n";
    // More than the client's buffer takes: the FIN has to queue behind it.
    while (::send(connection.descriptor(), block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stop_reading(0, std::nullopt);
  ASSERT_TRUE(sink.wait_for<fact::ReadingStopped>());
  go = true;
  ASSERT_TRUE(sink.wait_for<fact::PeerGone>());
  EXPECT_EQ(sink.count<fact::Closed>(), 0u);
  EXPECT_EQ(swarm->status().open, 1u);
  const std::size_t events = sink.count<fact::Event>();
  swarm->resume_reading(0);
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::eof);
  EXPECT_GT(sink.count<fact::Event>(), events);
  EXPECT_EQ(sink.count<fact::PeerGone>(), 1u);
}

TEST_F(SwarmOrders, a_reset_is_seen_while_nobody_reads) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: first\n\n");
    while (!go) std::this_thread::sleep_for(1ms);
    connection.reset();
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stop_reading(0, std::nullopt);
  ASSERT_TRUE(sink.wait_for<fact::ReadingStopped>());
  go = true;
  ASSERT_TRUE(sink.wait_for<fact::PeerGone>());
  swarm->resume_reading(0);
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::reset);
}

TEST_F(SwarmOrders, a_slow_reader_reads_no_faster_than_told) {
  group().read_bytes_per_s = 20'000;
  const std::string block = "data: " + std::string(92, 'x') + "\n\n";
  serve([block](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head());
    std::string all;
    for (int i = 0; i < 60; ++i) all += block;
    connection.send(all);
  });
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::eof);
  EXPECT_EQ(sink.count<fact::Event>(), 60u);
  Instant opened{}, last{};
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::Headers>(r.fact)) opened = r.at;
    if (std::holds_alternative<fact::Event>(r.fact)) last = r.at;
  }
  // 6000 bytes at 20 000 a second; up to 512 of them may have come along with the head.
  EXPECT_GE(last - opened, 250ms);
}

TEST_F(SwarmOrders, closes_spread_evenly_and_come_back_at_once_with_their_id) {
  group().streams = 20;
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 1h;  // so that who comes back was ordered to
  serve_open_streams();
  start();
  ASSERT_TRUE(wait_open(20));
  const Instant ordered = now();
  swarm->close_streams({0, AbortKind::fin, {}, true}, 200ms);
  ASSERT_TRUE(sink.wait_for<fact::Event>(40));
  for (const Record& r : sink.records()) {
    if (const auto* closed = std::get_if<fact::Closed>(&r.fact)) {
      EXPECT_EQ(closed->ending, Ending::local);
      EXPECT_GE(r.at, ordered + r.stream * 10ms);
    }
  }
  EXPECT_EQ(sink.count<fact::Closed>(), 20u);
  for (const auto& scheduled : sink.all<fact::ReconnectScheduled>()) {
    EXPECT_EQ(scheduled.delay, Duration{});
  }
  EXPECT_EQ(swarm->status().open, 20u);
  swarm->stop();
  server.reset();
  EXPECT_EQ(returned_with_id, 20u);
  EXPECT_EQ(resets, 0u);
}

TEST_F(SwarmOrders, an_abort_is_an_rst_and_the_policy_decides_on_the_return) {
  group().streams = 5;
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 1h;
  serve_open_streams();
  start();
  ASSERT_TRUE(wait_open(5));
  swarm->close_streams({0, AbortKind::reset, {}, false}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::ReconnectScheduled>(5));
  EXPECT_EQ(sink.all<fact::ReconnectScheduled>()[0].delay, 1h);
  EXPECT_EQ(swarm->status().open, 0u);
  swarm->stop();
  server.reset();
  EXPECT_EQ(resets, 5u);
}

TEST_F(SwarmOrders, only_the_group_that_is_named_obeys) {
  scenario.groups.push_back(group());
  scenario.groups[0].streams = 3;
  scenario.groups[1].streams = 2;
  serve_open_streams();
  start();
  ASSERT_TRUE(wait_open(5));
  swarm->close_streams({1, AbortKind::fin, {}, false}, 0s);
  swarm->stop_reading(0, std::nullopt);
  ASSERT_TRUE(sink.wait_for<fact::GaveUp>(2));
  ASSERT_TRUE(sink.wait_for<fact::ReadingStopped>(3));
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::Closed>(r.fact)) {
      EXPECT_GE(r.stream, 3u);
    } else if (std::holds_alternative<fact::ReadingStopped>(r.fact)) {
      EXPECT_LT(r.stream, 3u);
    } else if (const auto* joined = std::get_if<fact::Joined>(&r.fact)) {
      EXPECT_EQ(joined->group, r.stream < 3 ? 0 : 1);
    }
  }
}

}  // namespace
}  // namespace streamgauge::net
