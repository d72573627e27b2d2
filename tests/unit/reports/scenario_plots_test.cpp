#include "reports/scenario_plots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> ids_of(const std::vector<Plot>& plots) {
  std::vector<std::string> ids;
  for (const Plot& plot : plots) ids.push_back(plot.id);
  return ids;
}

const Plot& plot_of(const std::vector<Plot>& plots, std::string_view id) {
  for (const Plot& plot : plots) {
    if (plot.id == id) return plot;
  }
  throw std::out_of_range(std::string(id));
}

TEST(ScenarioPlots, are_those_for_which_something_was_measured) {
  const RunResult run = rich_run();
  EXPECT_THAT(ids_of(scenario_plots(run, run.scenarios[1], "s")),
              testing::ElementsAre("s-percentiles", "s-delivery", "s-throughput", "s-reconnects",
                                   "s-memory", "s-descriptors", "s-processor", "s-lag"));
  EXPECT_THAT(ids_of(scenario_plots(run, run.scenarios[0], "s")),
              testing::Contains("s-heartbeats"));
  EXPECT_TRUE(scenario_plots(run, ScenarioResult{}, "s").empty());
}

TEST(ScenarioPlots, times_count_from_the_start_of_the_run_like_all_times_of_a_report) {
  const RunResult run = rich_run();
  const auto plots = scenario_plots(run, run.scenarios[1], "s");
  const Plot& delivery = plot_of(plots, "s-delivery");
  EXPECT_DOUBLE_EQ(delivery.from, 11.8);
  EXPECT_DOUBLE_EQ(delivery.step, 1);
  EXPECT_DOUBLE_EQ(delivery.evidence.at(0), 14.02);
  ASSERT_EQ(delivery.marks.size(), 4u);
  EXPECT_DOUBLE_EQ(delivery.marks[2].at, 14.01);
  EXPECT_EQ(delivery.marks[2].kind, "fault");
  EXPECT_DOUBLE_EQ(delivery.bounds.at(0).y, 20);
}

TEST(ScenarioPlots, percentiles_run_from_the_smallest_value_to_the_largest) {
  latency::Histogram h;
  for (int i = 1; i <= 1000; ++i) h.record(std::chrono::milliseconds{i});
  const PlotSeries series = percentile_series("delivery", h);
  ASSERT_EQ(series.x.size(), series.y.size());
  EXPECT_DOUBLE_EQ(series.x.front(), 1);
  EXPECT_DOUBLE_EQ(series.x.back(), 1000);
  EXPECT_NEAR(*series.y.front(), 1, 0.01);
  EXPECT_NEAR(*series.y.back(), 1000, 1);
  EXPECT_TRUE(std::is_sorted(series.x.begin(), series.x.end()));
  EXPECT_TRUE(std::is_sorted(series.y.begin(), series.y.end()));
  EXPECT_LT(series.x.size(), 100u);
}

TEST(ScenarioPlots, a_long_series_is_drawn_in_fewer_rows_without_losing_any_event) {
  TimeSeries series;
  series.interval = 1s;
  series.rows.resize(601);
  for (IntervalRow& row : series.rows) {
    row.events = 2;
    row.heartbeats = 1;
    row.heartbeat_gap_min = row.heartbeat_gap_max = 5ms;
    row.delivery.record(1ms);
  }
  series.rows[1].heartbeat_gap_min = 1ms;
  series.rows[600].rss_bytes = 7;
  const TimeSeries few = coarser(series, 200);
  ASSERT_EQ(few.rows.size(), 151u);
  EXPECT_EQ(few.interval, 4s);
  EXPECT_EQ(few.rows[0].events, 8u);
  EXPECT_EQ(few.rows[0].heartbeat_gap_min, 1ms);
  EXPECT_EQ(few.rows[0].delivery.count(), 4u);
  EXPECT_EQ(few.rows[150].events, 2u);
  EXPECT_EQ(few.rows[150].rss_bytes, 7u);
  EXPECT_EQ(coarser(series, 601).rows.size(), 601u);
}

TEST(Plots, become_json_that_may_stand_in_a_script_element) {
  Plot plot;
  plot.id = "p";
  plot.unit = "ms";
  plot.series = {{"</script>", {1.0, std::nullopt, 0.123456789}}};
  plot.marks = {{1.5, 2.0, "fault", "freeze"}};
  plot.bounds = {{2, "stated"}};
  plot.evidence = {1.25};
  EXPECT_EQ(plots_json({plot}),
            R"({"p":{"unit":"ms","xName":"seconds since the run began","yName":"","log":false,)"
            R"("percentiles":false,"from":0,"step":1,"xMin":0,"xMax":3,"yMax":2.3,)"
            R"("series":[{"name":"\u003c/script>","as":"line","y":[1,null,0.12346]}],)"
            R"("bounds":[{"y":2,"name":"stated"}],)"
            R"("marks":[{"at":1.5,"to":2,"kind":"fault","name":"freeze"}],)"
            R"("evidence":[{"at":1.25}]}})");
}

}  // namespace
}  // namespace streamgauge::reports
