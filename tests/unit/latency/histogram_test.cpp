#include "harness/core/latency/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using streamgauge::Duration;
using streamgauge::latency::Histogram;
using streamgauge::latency::HistogramConfig;
using streamgauge::latency::Layout;

namespace {

std::vector<std::int64_t> random_values(std::size_t n, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> values(n);
  for (std::int64_t& v : values) {
    v = static_cast<std::int64_t>(
        std::pow(10.0, 3.0 + 9.5 * static_cast<double>(random() >> 11) * 0x1p-53));
  }
  return values;
}

Histogram of(const std::vector<std::int64_t>& values) {
  Histogram h;
  for (const std::int64_t v : values) h.record(Duration{v});
  return h;
}

}  // namespace

TEST(Layout, is_the_one_that_hdr_histogram_derives) {
  struct Case {
    HistogramConfig config;
    int unit, half, buckets;
    std::size_t counts;
  };
  const Case cases[] = {
      {{1'000, 3'600'000'000'000, 3}, 9, 10, 23, 24576},
      {{1, 3'600'000'000, 3}, 0, 10, 22, 23552},
      {{1, 2, 0}, 0, 0, 2, 3},
      {{1, 2047, 3}, 0, 10, 1, 2048},  // the last value of the first bucket
      {{1, 2048, 3}, 0, 10, 2, 3072},  // one more
      {{1, INT64_MAX, 5}, 0, 17, 46, std::size_t{47} << 17},
  };
  for (const Case& c : cases) {
    const auto layout = Layout::of(c.config);
    ASSERT_TRUE(layout.has_value());
    EXPECT_EQ(layout->unit_magnitude, c.unit);
    EXPECT_EQ(layout->sub_bucket_half_magnitude, c.half);
    EXPECT_EQ(layout->buckets, c.buckets);
    EXPECT_EQ(layout->counts, c.counts);
    EXPECT_LE(layout->counts, Layout::counts_max);
  }
}

TEST(Layout, puts_each_value_into_the_range_of_its_index) {
  const Layout layout = *Layout::of({});
  std::size_t previous = 0;
  for (std::int64_t v = 0; v < (std::int64_t{1} << 42); v += 1 + v / 1777) {
    const std::size_t index = layout.index_of(v);
    ASSERT_LT(index, layout.counts);
    ASSERT_LE(layout.lowest_at(index), v);
    ASSERT_GE(layout.highest_at(index), v);
    ASSERT_GE(index, previous);
    previous = index;
    const std::int64_t width = layout.highest_at(index) - layout.lowest_at(index) + 1;
    ASSERT_TRUE(width == 512 || static_cast<double>(width) <= static_cast<double>(v) / 1000.0);
  }
}

TEST(Layout, leaves_no_gap_between_indices) {
  const Layout layout = *Layout::of({1, 1'000'000, 2});
  for (std::size_t i = 0; i + 1 < layout.counts; ++i) {
    ASSERT_EQ(layout.highest_at(i) + 1, layout.lowest_at(i + 1)) << i;
    ASSERT_EQ(layout.index_of(layout.lowest_at(i)), i);
    ASSERT_EQ(layout.index_of(layout.highest_at(i)), i);
  }
}

TEST(Histogram, refuses_what_hdr_histogram_refuses) {
  EXPECT_THROW(Histogram({0, 10, 3}), std::invalid_argument);
  EXPECT_THROW(Histogram({10, 19, 3}), std::invalid_argument);
  EXPECT_NO_THROW(Histogram({10, 20, 3}));
  EXPECT_THROW(Histogram({1, 10, 6}), std::invalid_argument);
  EXPECT_NO_THROW(Histogram({1, 10, 5}));
  EXPECT_THROW(Histogram({1, 10, -1}), std::invalid_argument);
  EXPECT_NO_THROW(Histogram({1, 10, 0}));
  // 10 digits' worth of half a bucket and the unit must fit 61 bits together.
  EXPECT_NO_THROW(Histogram({std::int64_t{1} << 51, INT64_MAX, 3}));
  EXPECT_THROW(Histogram({std::int64_t{1} << 52, INT64_MAX, 3}), std::invalid_argument);
}

TEST(Histogram, is_zero_everywhere_while_empty_and_holds_no_heap) {
  const Histogram h;
  EXPECT_TRUE(h.empty());
  EXPECT_EQ(h.min(), 0ns);
  EXPECT_EQ(h.max(), 0ns);
  EXPECT_EQ(h.at_percentile(50), 0ns);
  EXPECT_EQ(h.mean_ns(), 0);
  EXPECT_EQ(h.stddev_ns(), 0);
  EXPECT_EQ(h.heap_bytes(), 0u);
}

TEST(Histogram, allocates_around_the_values_that_occur_and_never_more_than_the_layout) {
  Histogram h;
  h.record(1ms);
  EXPECT_EQ(h.heap_bytes(), Histogram::window_step * 8);
  h.record(1ms + 1us);
  EXPECT_EQ(h.heap_bytes(), Histogram::window_step * 8);
  h.record(0ns);
  h.record(2h);
  EXPECT_LE(h.heap_bytes(), 24576u * 8);
}

TEST(Histogram, counts_below_range_lowest_and_above_range_highest_and_says_so) {
  Histogram h;
  h.record(-5s);
  h.record(0ns);
  EXPECT_EQ(h.max(), 511ns);
  EXPECT_EQ(h.saturated(), 0u);
  h.record(1h);
  EXPECT_EQ(h.saturated(), 0u);
  const Duration top = h.max();
  EXPECT_GE(top, 1h);
  h.record(1h + 1ns, 2);
  h.record(Duration::max());
  EXPECT_EQ(h.saturated(), 3u);
  EXPECT_EQ(h.max(), top);
  EXPECT_EQ(h.count(), 6u);
}

TEST(Histogram, answers_percentiles_as_sorting_would) {
  for (const std::size_t n : {1u, 2u, 3u, 10u, 99u, 100u, 101u, 5000u}) {
    std::vector<std::int64_t> values = random_values(n, 7);
    const Histogram h = of(values);
    const Layout layout = *Layout::of({});
    std::sort(values.begin(), values.end());
    for (const double p : {0.001, 1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
      // Smallest rank that covers p percent; per mille of n in integers, free of rounding.
      const auto thousandths = static_cast<std::size_t>(std::llround(p * 1000));
      const std::size_t rank = std::max<std::size_t>((thousandths * n + 99'999) / 100'000, 1);
      EXPECT_EQ(h.at_percentile(p).count(), layout.highest_at(layout.index_of(values[rank - 1])))
          << p << " % of " << n;
    }
    EXPECT_EQ(h.at_percentile(0), h.min());
    EXPECT_EQ(h.at_percentile(-1), h.min());
    EXPECT_EQ(h.at_percentile(std::nan("")), h.min());
    EXPECT_EQ(h.at_percentile(101), h.max());
    EXPECT_EQ(h.min().count(), layout.lowest_at(layout.index_of(values.front())));
  }
}

TEST(Histogram, keeps_mean_and_deviation_within_its_resolution) {
  Histogram h;
  for (int i = 0; i < 1000; ++i) h.record(i % 2 == 0 ? 10ms : 20ms);
  EXPECT_NEAR(h.mean_ns(), 15e6, 15e3);
  EXPECT_NEAR(h.stddev_ns(), 5e6, 20e3);
}

TEST(Histogram, corrects_for_the_samples_that_a_stall_prevented) {
  Histogram h;
  h.record_corrected(100ms, 10ms);  // 100, 90, ..., 10
  EXPECT_EQ(h.count(), 10u);
  EXPECT_LE(h.min(), 10ms);
  h.reset();
  h.record_corrected(19ms, 10ms);  // 9 ms would be below the interval
  EXPECT_EQ(h.count(), 1u);
  h.record_corrected(20ms, 10ms);
  EXPECT_EQ(h.count(), 3u);
  h.record_corrected(20ms, 0ms);
  EXPECT_EQ(h.count(), 4u);
}

TEST(Histogram, merges_to_what_recording_everything_in_one_would_give) {
  const std::vector<std::int64_t> values = random_values(3000, 11);
  const std::vector<std::int64_t> first(values.begin(), values.begin() + 1234);
  const std::vector<std::int64_t> second(values.begin() + 1234, values.end());
  Histogram a = of(first);
  const Histogram b = of(second);
  Histogram c = b;
  c.merge(a);
  a.merge(b);
  EXPECT_EQ(a, of(values));
  EXPECT_EQ(c, a);
  Histogram empty;
  empty.merge(a);
  EXPECT_EQ(empty, a);
  a.merge(Histogram{});
  EXPECT_EQ(empty, a);
  a.merge(a);
  EXPECT_EQ(a.count(), 2 * values.size());
}

TEST(Histogram, refuses_to_merge_another_layout) {
  Histogram a;
  EXPECT_THROW(a.merge(Histogram({1'000, 3'600'000'000'000, 2})), std::invalid_argument);
}

TEST(Histogram, merges_and_forgets_saturation) {
  Histogram a, b;
  a.record(2h);
  b.record(2h);
  a.merge(b);
  EXPECT_EQ(a.saturated(), 2u);
  a.reset();
  EXPECT_EQ(a.saturated(), 0u);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(a, Histogram{});
}

TEST(Histogram, compares_counts_wherever_its_memory_lies) {
  Histogram a, b;
  a.record(1ms);
  b.record(1h);
  b.reset();
  EXPECT_NE(a, b);
  b.record(1ms);
  EXPECT_EQ(a, b);
  b.record(1us);
  a.record(2us);
  EXPECT_NE(a, b);
  EXPECT_NE(Histogram{}, Histogram({1, 1000, 3}));
}

TEST(Histogram, hands_out_its_buckets_in_ascending_order) {
  const Histogram h = of(random_values(500, 3));
  std::uint64_t total = 0;
  Duration last{-1};
  h.each_bucket([&](const Histogram::Bucket& b) {
    EXPECT_GT(b.low, last);
    EXPECT_GE(b.high, b.low);
    EXPECT_GT(b.count, 0u);
    last = b.high;
    total += b.count;
  });
  EXPECT_EQ(total, h.count());
  EXPECT_EQ(last, h.max());
}

TEST(PercentileText, ends_with_the_whole_count_and_the_summary) {
  Histogram h;
  for (int i = 1; i <= 1000; ++i) h.record(std::chrono::milliseconds{i});
  const std::string text = streamgauge::latency::percentile_text(h);
  EXPECT_TRUE(text.starts_with("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"));
  EXPECT_NE(text.find("       1.000 0.000000000000          1           1.00\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("    1000.342 1.000000000000       1000\n#[Mean    ="), std::string::npos)
      << text;
  EXPECT_NE(text.find("#[Buckets =           23, SubBuckets     =         2048]\n"),
            std::string::npos);
}

TEST(PercentileText, of_nothing_is_header_and_summary) {
  const std::string text = streamgauge::latency::percentile_text(Histogram{}, 1e6, 0);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(PercentileText, ends_although_nearly_all_of_a_huge_count_rounds_to_all_of_it) {
  Histogram h;
  h.record(1ms, std::uint64_t{1} << 62);
  h.record(2ms);
  const std::string text = streamgauge::latency::percentile_text(h);
  EXPECT_LT(text.size(), 100'000u);
  EXPECT_NE(text.find(" 1.000000000000 4611686018427387905\n"), std::string::npos) << text;
}
