#include "harness/core/result/bin_fold.hpp"

#include <gtest/gtest.h>

#include <numeric>

using namespace std::chrono_literals;
using namespace streamgauge;

namespace {

const Instant started{1'790'000'000s};

std::uint64_t total(const Bins& bins) {
  return std::accumulate(bins.counts.begin(), bins.counts.end(), std::uint64_t{0});
}

}  // namespace

TEST(BinFold, counts_in_bins_of_five_milliseconds_up_to_its_bound) {
  BinFold fold(started);
  EXPECT_TRUE(fold.bins().counts.empty());
  fold.add(started - 1s);
  fold.add(started + 4'999us);
  fold.add(started + 5ms);
  fold.add(started + 5ms * 511);
  const Bins bins = fold.bins();
  EXPECT_EQ(bins.width, 5ms);
  ASSERT_EQ(bins.counts.size(), BinFold::bins_max);
  EXPECT_EQ(bins.counts[0], 2u);
  EXPECT_EQ(bins.counts[1], 1u);
  EXPECT_EQ(bins.counts[511], 1u);
}

TEST(BinFold, doubles_its_width_beyond_the_bound_and_loses_nothing) {
  BinFold fold(started);
  for (int i = 0; i < 512; ++i) fold.add(started + 5ms * i);
  fold.add(started + 5ms * 512);
  EXPECT_EQ(fold.bins().width, 10ms);
  EXPECT_EQ(fold.bins().counts.size(), 257u);
  EXPECT_EQ(fold.bins().counts[0], 2u);
  EXPECT_EQ(fold.bins().counts[256], 1u);
  fold.add(started + 24h);
  EXPECT_LE(fold.bins().counts.size(), BinFold::bins_max);
  EXPECT_EQ(total(fold.bins()), 514u);
}

TEST(BinFold, survives_times_that_make_no_sense) {
  BinFold fold(started);
  fold.add(Instant::min());
  fold.add(Instant::max());
  EXPECT_LE(fold.bins().counts.size(), BinFold::bins_max);
  EXPECT_EQ(total(fold.bins()), 2u);
}

TEST(BinFold, merged_folds_are_what_one_would_have_counted) {
  BinFold one(started), a(started), b(started);
  for (int i = 0; i < 100; ++i) {
    one.add(started + 7ms * i);
    (i % 2 == 0 ? a : b).add(started + 7ms * i);
  }
  one.add(started + 1min);
  b.add(started + 1min);
  a.merge(b);
  EXPECT_EQ(a.bins(), one.bins());
}
