#include "harness/run/at_once.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace streamgauge::run {
namespace {

TEST(AtOnce, runs_every_job_once_whatever_the_lanes) {
  for (const std::size_t lanes : {1u, 3u, 100u}) {
    std::vector<std::atomic<int>> ran(20);
    at_once(std::vector<bool>(20), {lanes, 1}, [&](std::size_t i) { ++ran[i]; });
    for (const auto& times : ran) EXPECT_EQ(times, 1);
  }
  at_once({}, {4, 1}, [](std::size_t) { FAIL(); });
}

TEST(AtOnce, never_more_at_a_time_than_there_are_lanes) {
  std::vector<bool> heavy(24);
  for (std::size_t i = 0; i < heavy.size(); i += 2) heavy[i] = true;
  std::mutex mutex;
  std::size_t now = 0, now_heavy = 0, most = 0, most_heavy = 0;
  at_once(heavy, {4, 2}, [&](std::size_t i) {
    {
      const std::lock_guard lock(mutex);
      most = std::max(most, ++now);
      most_heavy = std::max(most_heavy, now_heavy += heavy[i]);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    const std::lock_guard lock(mutex);
    --now;
    now_heavy -= heavy[i];
  });
  EXPECT_LE(most, 4u);
  EXPECT_LE(most_heavy, 2u);
}

TEST(AtOnce, hands_out_what_a_job_throws_after_all_others_have_ended) {
  std::atomic<int> ran = 0;
  EXPECT_THROW(at_once(std::vector<bool>(8), {2, 1},
                       [&](std::size_t i) {
                         ++ran;
                         if (i == 0) throw std::runtime_error("no");
                       }),
               std::runtime_error);
  EXPECT_EQ(ran, 8);
}

}  // namespace
}  // namespace streamgauge::run
