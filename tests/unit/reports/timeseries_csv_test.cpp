#include "reports/timeseries_csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

/// RFC 4180: quoted cells may hold anything, CRLF ends a record.
std::vector<std::vector<std::string>> records_of(std::string_view csv) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record(1);
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted && c == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
      record.back() += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      record.emplace_back();
    } else if (!quoted && c == '\r' && i + 1 < csv.size() && csv[i + 1] == '\n') {
      ++i;
      records.push_back(std::move(record));
      record.assign(1, "");
    } else {
      record.back() += c;
    }
  }
  EXPECT_EQ(record, std::vector<std::string>{""}) << "the last record lacks its line end";
  return records;
}

std::string cell(const RunResult& run, std::size_t row, std::string_view column) {
  const auto records = records_of(write_timeseries_csv(run));
  for (std::size_t i = 0; i < records[0].size(); ++i) {
    if (records[0][i] == column) return records.at(row).at(i);
  }
  ADD_FAILURE() << "no column " << column;
  return {};
}

TEST(TimeseriesCsv, looks_as_reviewed) {
  expect_golden("timeseries-rich.csv", write_timeseries_csv(rich_run()));
}

TEST(TimeseriesCsv, every_record_has_the_cells_of_the_header) {
  RunResult run = rich_run();
  run.scenarios[0].resources.sampled = false;
  run.scenarios[1].noise.measured = false;
  const auto records = records_of(write_timeseries_csv(run));
  ASSERT_EQ(records.size(), 5U);
  for (const auto& record : records) EXPECT_EQ(record.size(), 22U);
}

TEST(TimeseriesCsv, a_run_without_intervals_is_a_header) {
  EXPECT_EQ(records_of(write_timeseries_csv(RunResult{})).size(), 1U);
}

TEST(TimeseriesCsv, scenarios_share_the_time_of_the_run) {
  EXPECT_EQ(cell(rich_run(), 1, "time_s"), "0.300");
  EXPECT_EQ(cell(rich_run(), 2, "time_s"), "1.300");
  EXPECT_EQ(cell(rich_run(), 3, "time_s"), "11.800");
  EXPECT_EQ(cell(rich_run(), 3, "scenario"), "steady-fanout");
}

TEST(TimeseriesCsv, what_was_not_measured_is_empty) {
  RunResult run = rich_run();
  EXPECT_EQ(cell(run, 1, "delivery_count"), "0");
  EXPECT_EQ(cell(run, 1, "delivery_p99_ms"), "");
  EXPECT_EQ(cell(run, 3, "delivery_p99_ms"), "1.200");
  EXPECT_EQ(cell(run, 1, "target_rss_bytes"), "7340032");
  run.scenarios[0].series.rows[1].threads = 0;
  EXPECT_EQ(cell(run, 2, "target_rss_bytes"), "");
  run.scenarios[0].resources.sampled = false;
  EXPECT_EQ(cell(run, 1, "target_rss_bytes"), "");
  EXPECT_EQ(cell(run, 1, "scheduling_lag_max_ms"), "3.100");
  run.scenarios[0].noise.measured = false;
  EXPECT_EQ(cell(run, 1, "scheduling_lag_max_ms"), "");
}

TEST(TimeseriesCsv, names_with_quotes_commas_and_line_ends_come_back_whole) {
  RunResult run = rich_run();
  for (const std::string name : {"a,b", "a\"b", "a\r\nb", "\"", "plain"}) {
    run.scenarios[0].scenario = name;
    EXPECT_EQ(cell(run, 1, "scenario"), name);
  }
}

}  // namespace
}  // namespace streamgauge::reports
