#include "harness/net/readiness.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace streamgauge::net {
namespace {

class ReadinessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
  }
  void TearDown() override {
    for (const int descriptor : pair) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
  std::size_t take() { return readiness.take(ready); }
  void write_byte() { ASSERT_EQ(::write(pair[1], "x", 1), 1); }

  Readiness readiness;
  std::array<Readiness::Ready, Readiness::batch_max> ready;
  std::array<int, 2> pair{-1, -1};
};

TEST_F(ReadinessTest, tells_of_each_arrival_once) {
  ASSERT_EQ(readiness.watch(pair[0], 7), 0);
  ASSERT_EQ(take(), 1u);  // writable: connected
  EXPECT_EQ(take(), 0u);
  write_byte();
  ASSERT_EQ(take(), 1u);
  EXPECT_EQ(ready[0].tag, 7u);
  EXPECT_FALSE(ready[0].hung_up);
  EXPECT_EQ(take(), 0u);  // although it has not been read
  write_byte();
  EXPECT_EQ(take(), 1u);
}

TEST_F(ReadinessTest, tells_that_the_end_is_behind_what_can_be_read) {
  ASSERT_EQ(readiness.watch(pair[0], 7), 0);
  write_byte();
  ::close(std::exchange(pair[1], -1));
  ASSERT_EQ(take(), 1u);
  EXPECT_TRUE(ready[0].hung_up);
}

TEST_F(ReadinessTest, a_mark_comes_after_what_was_ready_before_it) {
  ASSERT_EQ(readiness.watch(pair[0], 7), 0);
  for (int round = 0; round < 3; ++round) {
    write_byte();
    readiness.mark();
    ASSERT_EQ(take(), 2u);
    EXPECT_EQ(ready[0].tag, 7u);
    EXPECT_EQ(ready[1].tag, Readiness::mark_tag);
    EXPECT_EQ(take(), 0u);
  }
}

TEST_F(ReadinessTest, forgets_a_closed_socket) {
  ASSERT_EQ(readiness.watch(pair[0], 7), 0);
  write_byte();
  ::close(std::exchange(pair[0], -1));
  EXPECT_EQ(take(), 0u);
}

TEST_F(ReadinessTest, says_what_cannot_be_watched) {
  EXPECT_EQ(readiness.watch(-1, 7), EBADF);
}

}  // namespace
}  // namespace streamgauge::net
