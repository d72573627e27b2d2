// Clients that leave without a word, paths that fall silent, addresses that change.
#include <gmock/gmock.h>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::HasSubstr;

class SwarmPath : public SwarmTest {
 protected:
  /// Sends one event, and more until the client has gone; counts how connections ended.
  void serve_talkative_streams() {
    serve([this](ServedConnection& connection) { talk(connection); });
  }
  void talk(ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: first\n\n");
    while (!over) {
      pollfd p{connection.descriptor(), POLLIN, 0};
      char byte = 0;
      if (::poll(&p, 1, 2) > 0 && ::recv(connection.descriptor(), &byte, 1, 0) <= 0) break;
      connection.send(": more\n\n");
    }
    ++ended;
  }
  void TearDown() override {
    over = true;
    SwarmTest::TearDown();
    second.reset();
  }
  std::vector<std::size_t> kinds_of(StreamId stream) const {
    std::vector<std::size_t> kinds;
    for (const Record& r : sink.records()) {
      if (r.stream == stream && !std::holds_alternative<fact::Comment>(r.fact)) {
        kinds.push_back(r.fact.index());
      }
    }
    return kinds;
  }
  static std::size_t kind(const Fact& fact) { return fact.index(); }

  std::atomic<bool> over{false};
  std::atomic<unsigned> ended{0};
  std::unique_ptr<AdversarialServer> second;
};

TEST_F(SwarmPath, aborts_are_told_before_the_connection_is_closed) {
  serve_talkative_streams();
  for (const AbortKind how : {AbortKind::fin, AbortKind::reset}) {
    start();
    const std::size_t before = sink.count<fact::Closed>();
    const std::size_t events = sink.count<fact::Event>();
    ASSERT_TRUE(sink.wait_for<fact::Event>(events + 1));
    swarm->close_streams({0, how, {}, false}, 0s);
    ASSERT_TRUE(sink.wait_for<fact::Closed>(before + 1));
    const auto kinds = kinds_of(0);
    const auto aborted = std::find(kinds.rbegin(), kinds.rend(), kind(fact::Aborted{}));
    ASSERT_NE(aborted, kinds.rend());
    EXPECT_EQ(sink.all<fact::Aborted>().back().kind, how);
    EXPECT_EQ(*(aborted - 1), kind(fact::Closed{}));
    EXPECT_EQ(sink.all<fact::Closed>().back().ending, Ending::local);
    swarm.reset();
  }
}

TEST_F(SwarmPath, a_half_closed_client_goes_on_reading_until_the_target_ends_it) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: first\n\n");
    connection.wait_until_closed();  // sees the FIN
    connection.send("data: second\n\n");
    while (!go) std::this_thread::yield();
  });
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->close_streams({0, AbortKind::half_close, {}, false}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  EXPECT_EQ(sink.all<fact::Aborted>().at(0).kind, AbortKind::half_close);
  EXPECT_EQ(sink.count<fact::Closed>(), 0u);
  EXPECT_EQ(swarm->status().open, 1u);
  go = true;
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.count<fact::PeerGone>(), 1u);
  EXPECT_EQ(sink.all<fact::Closed>()[0].ending, Ending::eof);
}

TEST_F(SwarmPath, a_vanished_client_is_silent_until_the_target_gives_it_up) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head() + "data: first\n\n");
    while (!go) std::this_thread::yield();
    // Neither an acknowledgement nor a FIN or an RST comes back from there.
    connection.send("data: second\n\n");
    pollfd p{connection.descriptor(), POLLIN, 0};
    reached = ::poll(&p, 1, 100) == 0;
  });
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 0s;
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->close_streams({0, AbortKind::vanish, {}, false}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Aborted>());
  EXPECT_EQ(sink.count<fact::PeerGone>(), 0u);
  EXPECT_EQ(swarm->status().open, 0u);
  go = true;
  ASSERT_TRUE(sink.wait_for<fact::PeerGone>());
  EXPECT_TRUE(reached);
  EXPECT_EQ(sink.count<fact::Event>(), 1u);
  EXPECT_EQ(sink.count<fact::Closed>(), 0u);
  EXPECT_EQ(sink.count<fact::Connecting>(), 1u);
  swarm->stop();
  EXPECT_EQ(sink.all<fact::Closed>().at(0).ending, Ending::local);
}

TEST_F(SwarmPath, a_vanished_client_may_be_back_while_its_old_connection_lives_on) {
  group().streams = 3;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(3));
  swarm->close_streams({0, AbortKind::vanish, {}, true}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Event>(6));
  EXPECT_EQ(server->accepted(), 6);
  EXPECT_EQ(ended, 0u) << "the target must not have learnt of it";
  EXPECT_EQ(swarm->status().open, 3u);
  EXPECT_EQ(sink.count<fact::Closed>(), 3u);
  EXPECT_EQ(sink.count<fact::PeerGone>(), 0u);
  over = true;  // the server closes the old ones and the new ones
  EXPECT_TRUE(sink.wait_for<fact::PeerGone>(3));
  EXPECT_TRUE(sink.wait_for<fact::Closed>(6));
}

TEST_F(SwarmPath, the_kernel_keeps_no_vanished_connection_after_the_run) {
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->close_streams({0, AbortKind::vanish, {}, true}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  swarm->stop();
  while (ended < 2) std::this_thread::yield();  // both scripts saw their client go
  EXPECT_EQ(ended, 2u);
}

TEST_F(SwarmPath, a_silent_stream_is_ended_by_the_client_s_liveness) {
  group().policy.liveness = 500ms;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Comment>(30));
  EXPECT_EQ(sink.count<fact::Closed>(), 0u);
  swarm->stall_path(0, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_EQ(sink.count<fact::Deafened>(), 1u);
  const auto closed = sink.all<fact::Closed>()[0];
  EXPECT_EQ(closed.ending, Ending::silent);
  EXPECT_EQ(closed.detail, "no byte within 500 ms");
  Instant deafened{}, last_heard{}, closed_at{};
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::Deafened>(r.fact)) deafened = r.at;
    if (std::holds_alternative<fact::Comment>(r.fact)) last_heard = r.at;
    if (std::holds_alternative<fact::Closed>(r.fact)) closed_at = r.at;
  }
  EXPECT_GE(closed_at - last_heard, 500ms);
  EXPECT_GT(deafened, Instant{});
}

TEST_F(SwarmPath, liveness_counts_from_the_last_byte_however_long_the_stream) {
  group().policy.liveness = 800ms;
  serve([this](ServedConnection& connection) {
    connection.read_request();
    connection.send(stream_head());
    for (int i = 0; i < 120; ++i) {  // longer than liveness as a whole
      connection.send(": beat\n\n");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(first_closed().ending, Ending::eof);
  EXPECT_EQ(sink.count<fact::Comment>(), 120u);
}

TEST_F(SwarmPath, a_stopped_reader_does_not_take_its_own_silence_for_the_target_s) {
  group().policy.liveness = 500ms;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Comment>());
  swarm->stop_reading(0, 700ms);
  ASSERT_TRUE(sink.wait_for<fact::ReadingResumed>());
  const std::size_t before = sink.count<fact::Comment>();
  EXPECT_TRUE(sink.wait_for<fact::Comment>(before + 1));
  bool stopped = false;
  for (const Record& r : sink.records()) {
    if (std::holds_alternative<fact::ReadingStopped>(r.fact)) stopped = true;
    if (std::holds_alternative<fact::ReadingResumed>(r.fact)) stopped = false;
    EXPECT_FALSE(stopped && std::holds_alternative<fact::Closed>(r.fact));
  }
}

TEST_F(SwarmPath, a_slow_reader_does_not_take_its_own_pace_for_silence) {
  group().policy.liveness = 60ms;
  group().read_bytes_per_s = 2'000;
  serve([](ServedConnection& connection) {
    connection.read_request();
    std::string all = stream_head();
    for (int i = 0; i < 50; ++i) all += ": a beat that takes time\n\n";
    connection.send(all);
    connection.wait_until_closed();
  });
  EXPECT_EQ(first_closed().ending, Ending::silent);  // once there is nothing left
  EXPECT_EQ(sink.count<fact::Comment>(), 50u);
}

TEST_F(SwarmPath, connections_within_a_stall_wait_in_vain_for_their_head) {
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 0s;
  group().policy.header_timeout = 300ms;
  group().policy.liveness = 300ms;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stall_path(0, 1h);
  ASSERT_TRUE(sink.wait_for<fact::Closed>(3));
  const auto closed = sink.all<fact::Closed>();
  EXPECT_EQ(closed[0].ending, Ending::silent);
  EXPECT_EQ(closed[1].ending, Ending::timed_out);
  EXPECT_EQ(closed[2].ending, Ending::timed_out);
  EXPECT_EQ(sink.count<fact::Headers>(), 1u);
  EXPECT_GE(sink.count<fact::Deafened>(), 3u);
}

TEST_F(SwarmPath, so_many_first_connections_meet_the_group_s_stall) {
  group().policy.kind = PolicyKind::browser;
  group().policy.reconnect = 0s;
  group().policy.header_timeout = 300ms;
  group().stall = StallPoint::before_headers;
  group().stalled_attempts = 2;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  EXPECT_EQ(sink.count<fact::Deafened>(), 2u);
  EXPECT_EQ(sink.count<fact::Closed>(), 2u);
  EXPECT_EQ(sink.all<fact::Connecting>().back().attempt, 3u);
}

TEST_F(SwarmPath, a_stall_behind_the_first_bytes_lets_them_pass) {
  group().policy.liveness = 40ms;
  group().stall = StallPoint::after_first_bytes;
  serve_talkative_streams();
  EXPECT_EQ(first_closed().ending, Ending::silent);
  EXPECT_EQ(sink.count<fact::Event>(), 1u);
  EXPECT_EQ(sink.count<fact::Headers>(), 1u);
  EXPECT_EQ(sink.count<fact::Deafened>(), 1u);
}

TEST_F(SwarmPath, falls_back_to_the_other_address_and_returns) {
  group().policy.kind = PolicyKind::agent;
  group().policy.backoff_base = 1ms;
  group().policy.header_timeout = 300ms;
  group().policy.fallback_after = 2;
  group().policy.fallback_for = 500ms;
  group().stall = StallPoint::before_headers;
  group().stalled_attempts = 2;
  second = std::make_unique<AdversarialServer>([this](ServedConnection& c) { talk(c); });
  serve_talkative_streams();
  config.endpoint.path = "/events";
  auto fallback = config.endpoint;
  fallback.addresses = {second->endpoint()};
  config.endpoint.fallback = std::make_shared<const StreamEndpoint>(fallback);
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  const auto changes = sink.all<fact::FellBack>();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_TRUE(changes[0].to_fallback);
  EXPECT_FALSE(changes[1].to_fallback);
  EXPECT_EQ(second->accepted(), 1);
  EXPECT_EQ(server->accepted(), 3);
  EXPECT_EQ(sink.all<fact::Closed>().back().detail, "back to its own address");
}

TEST_F(SwarmPath, a_fallback_without_an_address_is_a_path_that_is_never_silent) {
  group().policy.kind = PolicyKind::agent;
  group().policy.backoff_base = 1ms;
  group().policy.header_timeout = 300ms;
  group().policy.fallback_after = 2;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>());
  swarm->stall_path(0, 1h);
  swarm->close_streams({0, AbortKind::fin, {}, true}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  EXPECT_EQ(sink.count<fact::FellBack>(), 1u);
  EXPECT_EQ(sink.count<fact::Deafened>(), 3u);
}

TEST_F(SwarmPath, new_connections_go_where_the_swarm_was_switched_to) {
  group().streams = 2;
  second = std::make_unique<AdversarialServer>([this](ServedConnection& c) { talk(c); });
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  auto other = config.endpoint;
  other.path = "/";
  other.addresses = {second->endpoint()};
  swarm->switch_endpoint(other);
  swarm->close_streams({0, AbortKind::fin, {}, true}, 0s);
  ASSERT_TRUE(sink.wait_for<fact::Event>(4));
  EXPECT_EQ(server->accepted(), 2);
  EXPECT_EQ(second->accepted(), 2);
}

TEST_F(SwarmPath, a_group_that_joins_later_waits_for_its_order) {
  scenario.groups.push_back(group());
  scenario.groups[0].streams = 2;
  scenario.groups[1].streams = 3;
  scenario.groups[1].joins_later = true;
  serve_talkative_streams();
  start();
  ASSERT_TRUE(sink.wait_for<fact::Event>(2));
  EXPECT_EQ(swarm->status().streams, 2u);
  EXPECT_EQ(swarm->status().settled, 2u);
  EXPECT_EQ(sink.count<fact::Joined>(), 2u);
  swarm->join(1, 30ms);
  swarm->join(1, 30ms);
  ASSERT_TRUE(sink.wait_for<fact::Event>(5));
  EXPECT_EQ(swarm->status().streams, 5u);
  EXPECT_EQ(swarm->status().settled, 5u);
  EXPECT_EQ(sink.count<fact::Joined>(), 5u);
  EXPECT_EQ(sink.count<fact::Connecting>(), 5u);
  Instant joined{};
  for (const Record& r : sink.records()) {
    if (r.stream != 4) continue;
    if (const auto* f = std::get_if<fact::Joined>(&r.fact)) {
      EXPECT_EQ(f->group, 1);
      joined = r.at;
    } else if (const auto* begun = std::get_if<fact::Connecting>(&r.fact)) {
      EXPECT_EQ(begun->intended, joined + 20ms);
    }
  }
}

}  // namespace
}  // namespace streamgauge::net
