// Flaws that show only on a socket: bytes held back, ends that go wrong, slots that stay.
#include <gtest/gtest.h>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

ServerOptions flawed(Flaw flaw) {
  ServerOptions options = test_options();
  options.flaws.add(flaw);
  options.drain_delay = Duration::zero();
  return options;
}

/// A reader that has stopped before events of 20 kB, on a server that holds little for it.
struct Stopped {
  static constexpr int events = 20;

  explicit Stopped(ServerOptions options)
      : bench([&options] {
          options.send_buffer_bytes = 16 << 10;
          return std::move(options);
        }()),
        reader(bench.stream("/events?channel=a&id=me", "", 16 << 10)) {
    for (int n = 0; n < events; ++n) {
      bench.publish("/publish?channel=a", fmt::format("n{}.", n) + std::string(20'000, '.'));
    }
  }
  ServerBench bench;
  WireClient reader;
};

// --- held back ---------------------------------------------------------------------------------

TEST(HeldStream, of_blocks_sends_no_status_line_before_4_KiB_have_gathered) {
  ServerBench bench(flawed(Flaw::header_hold));
  WireClient stream = bench.connect();
  stream.send(ServerBench::get("/events?channel=a"));
  ASSERT_TRUE(bench.eventually("streams_open", 1));
  EXPECT_TRUE(stream.is_silent_for(50ms));
  bench.publish("/publish?channel=a", std::string(5000, 'x'));
  EXPECT_TRUE(stream.read_until("\r\n").starts_with("HTTP/1.1 200"));
  bench.server().drain();
  const std::string rest = stream.read_to_end();
  EXPECT_TRUE(rest.ends_with("\r\n0\r\n\r\n")) << rest.substr(rest.size() - 20);
}

TEST(HeldStream, of_a_window_sends_what_came_within_it_together) {
  ServerBench bench(flawed(Flaw::coalesced_events));
  WireClient stream = bench.stream("/events?channel=a");
  const auto start = std::chrono::steady_clock::now();
  bench.publish("/publish?channel=a&id=1", "one");
  EXPECT_NE(stream.read_until("one\n\n\r\n"), "");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 200ms);
}

TEST(HeldStream, compressed_is_for_those_only_who_ask_for_it) {
  ServerBench bench(flawed(Flaw::compressed_without_flush));
  const auto head_of = [&bench](std::string_view headers) {
    WireClient stream = bench.connect();
    stream.send(ServerBench::get("/events?channel=a", headers));
    return stream.read_until("\r\n\r\n");
  };
  EXPECT_EQ(head_of("").find("Content-Encoding"), std::string::npos);
  EXPECT_NE(head_of("Accept-Encoding: br, gzip\r\n").find("Content-Encoding: gzip\r\n"),
            std::string::npos);
  WireClient plain = bench.stream("/events?channel=a");
  WireClient packed = bench.connect();
  packed.send(ServerBench::get("/events?channel=a", "Accept-Encoding: gzip\r\n"));
  (void)packed.read_until("\r\n\r\n");
  bench.publish("/publish?channel=a&id=1", "one");
  EXPECT_NE(plain.read_until("one\n\n\r\n"), "");
  EXPECT_TRUE(packed.is_silent_for(50ms));
  bench.publish("/publish?channel=a&id=2", std::string(1024, 'x'));
  EXPECT_NE(packed.read_until("\r\n").find_first_of("0123456789abcdef"), std::string::npos);
  bench.server().drain();
  EXPECT_TRUE(packed.read_to_end().ends_with("\r\n0\r\n\r\n"));
}

// --- stopped readers ---------------------------------------------------------------------------

TEST(FlawedStream, that_is_full_is_cut_inside_an_event_and_ended_without_a_reset) {
  Stopped stopped(flawed(Flaw::truncates_on_full));
  ASSERT_TRUE(stopped.bench.eventually("streams_open", 0));
  const std::string got = stopped.reader.read_to_end();
  EXPECT_TRUE(stopped.reader.ended());
  EXPECT_TRUE(got.ends_with(".")) << got.substr(got.size() - 10);
}

TEST(FlawedStream, whose_writer_hangs_gets_nothing_more) {
  Stopped stopped(flawed(Flaw::drain_wait_hangs));
  const std::string got = stopped.reader.read_bytes(16 << 10);
  EXPECT_EQ(got.size(), 16u << 10);
  stopped.bench.server().stop();
  EXPECT_EQ(stopped.reader.read_to_end().find("n19."), std::string::npos);
}

TEST(FlawedStream, that_was_full_gets_the_head_of_the_queue_twice) {
  Stopped stopped(flawed(Flaw::duplicate_after_drain));
  stopped.bench.server().drain();
  const std::string got = stopped.reader.read_to_end();
  std::size_t twice = 0;
  for (int n = 0; n < Stopped::events; ++n) {
    std::size_t times = 0;
    const std::string mark = fmt::format("data: n{}.", n);
    for (std::size_t at = got.find(mark); at != std::string::npos; at = got.find(mark, at + 1)) {
      ++times;
    }
    twice += times > 1 ? 1 : 0;
  }
  EXPECT_GE(twice, 1u);
}

TEST(FlawedStream, that_was_evicted_keeps_its_slot) {
  for (const bool keeps : {false, true}) {
    ServerOptions options = keeps ? flawed(Flaw::evicted_slot_kept) : test_options();
    options.contract.eviction->stalled_after = 200ms;
    options.contract.limits.streams_total = 1;
    Stopped stopped(options);
    ASSERT_TRUE(stopped.bench.eventually("stalled", 1));
    EXPECT_EQ(stopped.bench.stat("streams_open"), keeps ? 1u : 0u);
    const std::string answer = stopped.bench.status_of("/events?channel=a&id=other");
    EXPECT_EQ(answer, keeps ? "503" : "200");
  }
}

// --- the end -----------------------------------------------------------------------------------

std::string end_of(Flaw flaw) {
  ServerOptions options = flawed(flaw);
  options.contract.drain->retry_hint = 2s;
  ServerBench bench(options);
  WireClient stream = bench.stream("/events?channel=a");
  bench.server().drain();
  bench.server().wait();
  return stream.read_to_end();
}

TEST(FlawedDrain, cuts_streams_inside_an_event) {
  const std::string end = end_of(Flaw::shutdown_truncates);
  EXPECT_NE(end.find("event: goodbye\n"), std::string::npos) << end;
  EXPECT_EQ(end.find("\n\n"), std::string::npos) << end;
}

TEST(FlawedDrain, does_not_say_when_to_come_back) {
  EXPECT_EQ(end_of(Flaw::no_retry_hint), "0\r\n\r\n");
}

TEST(FlawedDrain, waits_for_streams_that_never_end) {
  ServerOptions options = flawed(Flaw::shutdown_hangs);
  options.contract.drain->grace = 100ms;
  ServerBench bench(options);
  WireClient stream = bench.stream("/events?channel=a");
  bench.server().drain();
  EXPECT_TRUE(stream.is_silent_for(300ms));
  EXPECT_FALSE(bench.server().stopped());
  stream.close();
  bench.server().wait();
  EXPECT_TRUE(bench.server().stopped());
}

TEST(FlawedDrain, throws_away_what_waits) {
  Stopped stopped(flawed(Flaw::drain_drops_queue));
  ASSERT_GT(stopped.bench.stat("queue_events"), 1u);
  stopped.bench.server().drain();
  while (stopped.bench.stat("queue_events") > 1) std::this_thread::sleep_for(1ms);
  const std::string got = stopped.reader.read_to_end();
  EXPECT_EQ(got.find("n19."), std::string::npos);
  EXPECT_TRUE(got.ends_with("\r\n0\r\n\r\n"));
}

TEST(FlawedDrain, leaves_readiness_or_the_door_as_they_were) {
  for (const Flaw flaw : {Flaw::ready_flips_late, Flaw::drain_accepts_new}) {
    ServerOptions options = flawed(flaw);
    options.drain_delay = 1s;
    ServerBench bench(options);
    bench.server().drain();
    const bool ready = flaw == Flaw::ready_flips_late;
    EXPECT_EQ(bench.status_of("/readyz"), ready ? "200" : "503");
    EXPECT_EQ(bench.status_of("/events?channel=a"), ready ? "503" : "200");
  }
}

TEST(FlawedDrain, ends_all_streams_at_once) {
  for (const bool at_once : {false, true}) {
    ServerOptions options = at_once ? flawed(Flaw::drain_all_at_once) : test_options();
    options.contract.drain->spread = 400ms;
    options.drain_delay = Duration::zero();
    ServerBench bench(options);
    std::vector<WireClient> streams;
    for (int i = 0; i < 4; ++i) streams.push_back(bench.stream("/events?channel=a"));
    const auto start = std::chrono::steady_clock::now();
    bench.server().drain();
    bench.server().wait();
    const auto took = std::chrono::steady_clock::now() - start;
    // At once is not timed: only a spread has a lower bound.
    if (!at_once) {
      EXPECT_GE(took, 400ms);
    } else {
      for (WireClient& stream : streams) EXPECT_TRUE(stream.read_to_end().ends_with("0\r\n\r\n"));
    }
  }
}

}  // namespace
}  // namespace streamgauge::server
