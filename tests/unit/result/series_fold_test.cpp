#include "harness/core/result/series_fold.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace streamgauge;

namespace {

const Instant series_began{1'790'000'000s};

std::uint64_t total_events(const TimeSeries& series) {
  std::uint64_t total = 0;
  for (const IntervalRow& row : series.rows) total += row.events;
  return total;
}

std::uint64_t total_delivered(const TimeSeries& series) {
  std::uint64_t total = 0;
  for (const IntervalRow& row : series.rows) total += row.delivery.count();
  return total;
}

}  // namespace

TEST(SeriesFold, has_no_rows_before_the_first_fact) {
  EXPECT_TRUE(SeriesFold(series_began).rows().rows.empty());
  EXPECT_EQ(SeriesFold(series_began).rows().interval, 1s);
}

TEST(SeriesFold, puts_each_fact_into_the_row_of_its_second) {
  SeriesFold fold(series_began);
  const std::pair<Duration, std::size_t> cases[] = {{-5s, 0}, {0s, 0},       {1s - 1ns, 0},
                                                    {1s, 1},  {2s - 1ns, 1}, {7s, 7}};
  for (const auto& [at, row] : cases) {
    const std::uint64_t before = row < fold.rows().rows.size() ? fold.rows().rows[row].events : 0;
    ++fold.at(series_began + at).events;
    EXPECT_EQ(fold.rows().rows.at(row).events, before + 1) << at.count();
  }
  EXPECT_EQ(fold.rows().rows.size(), 8u);
  EXPECT_EQ(fold.rows().rows[5].events, 0u);
}

TEST(SeriesFold, keeps_a_row_for_each_second_up_to_its_bound) {
  SeriesFold fold(series_began);
  ++fold.at(series_began + 599s).events;
  EXPECT_EQ(fold.rows().rows.size(), SeriesFold::rows_max);
  EXPECT_EQ(fold.rows().interval, 1s);
}

TEST(SeriesFold, doubles_the_interval_beyond_its_bound_and_loses_nothing) {
  SeriesFold fold(series_began);
  for (int s = 0; s < 600; ++s) {
    ++fold.at(series_began + std::chrono::seconds{s}).events;
    fold.delivered(series_began + std::chrono::seconds{s}, std::chrono::milliseconds{s + 1});
  }
  ++fold.at(series_began + 600s).events;
  fold.delivered(series_began + 600s, 1h);
  const TimeSeries series = fold.rows();
  EXPECT_EQ(series.interval, 2s);
  ASSERT_EQ(series.rows.size(), 301u);
  EXPECT_EQ(total_events(series), 601u);
  EXPECT_EQ(total_delivered(series), 601u);
  EXPECT_EQ(series.rows[0].events, 2u);
  EXPECT_EQ(series.rows[0].delivery.count(), 2u);
  EXPECT_LE(series.rows[0].delivery.max(), 2ms + 2us);
  EXPECT_EQ(series.rows[300].events, 1u);
  EXPECT_GE(series.rows[300].delivery.max(), 1h);
}

TEST(SeriesFold, survives_times_that_make_no_sense) {
  SeriesFold fold(series_began);
  ++fold.at(Instant::min()).events;
  ++fold.at(Instant::max()).events;
  ++fold.at(series_began).events;
  EXPECT_LE(fold.rows().rows.size(), SeriesFold::rows_max);
  EXPECT_EQ(total_events(fold.rows()), 3u);
  SeriesFold from_the_beginning(Instant::min());
  ++from_the_beginning.at(Instant::max()).events;
  EXPECT_EQ(total_events(from_the_beginning.rows()), 1u);
}

TEST(SeriesFold, keeps_deliveries_of_rows_that_are_left_and_entered_again) {
  SeriesFold fold(series_began);
  for (int i = 0; i < 10; ++i) {
    fold.delivered(series_began + 0s, 1ms);
    fold.delivered(series_began + 1s, 2ms);
  }
  EXPECT_EQ(fold.rows().rows[0].delivery.count(), 10u);
  EXPECT_EQ(fold.rows().rows[1].delivery.count(), 10u);
}

TEST(SeriesFold, holds_little_for_each_row) {
  SeriesFold fold(series_began);
  // A wide spread of latencies in each second: about 2000 different buckets a row.
  for (int s = 0; s < 600; ++s) {
    for (int i = 1; i <= 2000; ++i) {
      fold.delivered(series_began + std::chrono::seconds{s},
                     std::chrono::microseconds{100 + i * 5});
    }
  }
  EXPECT_LT(fold.heap_bytes(), 600u * 8'000u);
  EXPECT_EQ(total_delivered(fold.rows()), 600u * 2000u);
}

TEST(SeriesFold, counts_open_streams_at_each_rows_end) {
  SeriesFold fold(series_began);
  fold.at(series_began).opened = 10;
  fold.at(series_began + 1s).closed = 3;
  fold.at(series_began + 1s).opened = 1;
  fold.at(series_began + 3s).closed = 8;
  const TimeSeries series = fold.rows();
  EXPECT_EQ(series.rows[0].streams_open, 10u);
  EXPECT_EQ(series.rows[1].streams_open, 8u);
  EXPECT_EQ(series.rows[2].streams_open, 8u);
  EXPECT_EQ(series.rows[3].streams_open, 0u);
}

TEST(SeriesFold, carries_memory_over_rows_without_a_sample_but_not_cpu) {
  SeriesFold fold(series_began);
  SeriesFold::Sums& row = fold.at(series_began + 1s);
  row.sampled = true;
  row.rss_bytes = 5;
  row.threads = 2;
  row.cpu_ns = 7;
  ++fold.at(series_began + 2s).events;
  const TimeSeries series = fold.rows();
  EXPECT_EQ(series.rows[0].rss_bytes, 0u);
  EXPECT_EQ(series.rows[1].rss_bytes, 5u);
  EXPECT_EQ(series.rows[2].rss_bytes, 5u);
  EXPECT_EQ(series.rows[2].threads, 2u);
  EXPECT_EQ(series.rows[2].cpu_ns, 0u);
}

TEST(SeriesFold, merges_rows_of_different_length_both_ways) {
  const auto fill = [](SeriesFold& fold, int seconds) {
    for (int s = 0; s < seconds; ++s) {
      ++fold.at(series_began + std::chrono::seconds{s}).events;
      fold.delivered(series_began + std::chrono::seconds{s}, 1ms);
    }
  };
  SeriesFold fine(series_began), coarse(series_began), both(series_began);
  fill(fine, 100);
  fill(coarse, 1300);  // 4 s rows
  fill(both, 1300);
  fill(both, 100);
  SeriesFold other_way = coarse;
  other_way.merge(fine);
  fine.merge(coarse);
  for (const SeriesFold* merged : {&fine, &other_way}) {
    const TimeSeries series = merged->rows(), expected = both.rows();
    EXPECT_EQ(series.interval, 4s);
    ASSERT_EQ(series.rows.size(), expected.rows.size());
    for (std::size_t i = 0; i < series.rows.size(); ++i) {
      EXPECT_EQ(series.rows[i].events, expected.rows[i].events) << i;
      EXPECT_EQ(series.rows[i].delivery, expected.rows[i].delivery) << i;
    }
  }
  // And it goes on after a merge.
  ++fine.at(series_began).events;
  fine.delivered(series_began, 1ms);
  EXPECT_EQ(fine.rows().rows[0].events, both.rows().rows[0].events + 1);
  EXPECT_EQ(fine.rows().rows[0].delivery.count(), both.rows().rows[0].delivery.count() + 1);
}

TEST(SeriesFold, begins_with_the_interval_that_it_is_given) {
  SeriesFold fold(series_began, 100ms);
  fold.at(series_began + 250ms).events = 1;
  EXPECT_EQ(fold.rows().interval, 100ms);
  EXPECT_EQ(fold.rows().rows.at(2).events, 1u);
  fold.at(series_began + 100ms * 600).events = 1;
  EXPECT_EQ(fold.rows().interval, 200ms);
}

TEST(SeriesFold, shows_the_deliveries_of_its_latest_rows) {
  SeriesFold fold(series_began);
  EXPECT_TRUE(fold.recent(2).empty());
  for (int s = 0; s < 5; ++s) fold.delivered(series_began + std::chrono::seconds{s}, 1ms);
  EXPECT_EQ(fold.recent(0).count(), 1u);
  EXPECT_EQ(fold.recent(2).count(), 3u);
  EXPECT_EQ(fold.recent(100).count(), 5u);
}

TEST(SeriesFold, keeps_the_shortest_and_the_longest_gap_when_rows_are_merged) {
  SeriesFold fold(series_began), other(series_began);
  fold.at(series_began).heartbeat_after(5ms);
  other.at(series_began).heartbeat_after(2ms);
  other.at(series_began).heartbeat_after(9ms);
  other.at(series_began + 600s).heartbeat_after(1ms);
  fold.merge(other);
  const TimeSeries series = fold.rows();
  EXPECT_EQ(series.rows.at(0).heartbeats, 3u);
  EXPECT_EQ(series.rows.at(0).heartbeat_gap_min, 2ms);
  EXPECT_EQ(series.rows.at(0).heartbeat_gap_max, 9ms);
}
