#include "harness/core/history/wire_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace streamgauge;
using testing::ElementsAre;

namespace {

const Instant started{1'790'000'000s};
using Kind = WireChunk::Kind;
// What a chunk costs beside its bytes: the limits below are for exact fits.
constexpr std::size_t chunk = sizeof(WireChunk);

std::string all_of(const WireLog& log, StreamId stream) {
  std::string text;
  for (const WireChunk& c : log.of(stream).chunks) text += c.bytes;
  return text;
}

}  // namespace

TEST(WireLog, keeps_chunks_of_each_stream_in_order_with_their_times) {
  WireLog log;
  log.add(3, started, Kind::opened, "connected");
  log.add(4, started, Kind::sent, "other");
  log.add(3, started + 1ms, Kind::sent, "GET");
  log.add(3, started + 2ms, Kind::received, "HTTP");
  EXPECT_THAT(log.of(3).chunks, ElementsAre(WireChunk{started, Kind::opened, "connected"},
                                            WireChunk{started + 1ms, Kind::sent, "GET"},
                                            WireChunk{started + 2ms, Kind::received, "HTTP"}));
  EXPECT_TRUE(log.of(5).chunks.empty());
}

TEST(WireLog, keeps_the_first_bytes_for_good_and_the_newest_of_the_rest) {
  WireLog log({chunk + 4, 2 * (chunk + 2)});
  log.add(0, started, Kind::received, "headtail");  // cut where the head is full
  EXPECT_EQ(all_of(log, 0), "headtail");
  for (const char* bytes : {"11", "22", "33", "44"}) log.add(0, started, Kind::received, bytes);
  EXPECT_EQ(all_of(log, 0), "head3344");
  EXPECT_EQ(log.of(0).lost_bytes, 8u);
}

TEST(WireLog, a_chunk_beyond_the_bound_leaves_its_end) {
  WireLog log({0, 10});
  log.add(0, started, Kind::received, "0123456789abcdef");
  EXPECT_EQ(all_of(log, 0), "6789abcdef");
  EXPECT_EQ(log.of(0).lost_bytes, 6u);
}

TEST(WireLog, memory_stays_within_head_and_tail_whatever_the_pieces) {
  for (const std::size_t piece : {1u, 7u, 100u, 5000u}) {
    WireLog log({1000, 4000});
    for (int i = 0; i < 3000; ++i) {
      log.add(0, started, Kind::received, std::string(piece, 'x'));
      ASSERT_LE(log.bytes_held(), 1000u + 4000u + 3 * chunk) << piece;
    }
  }
}
