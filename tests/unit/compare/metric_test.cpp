#include "harness/core/compare/metric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "tests/unit/compare/simulated.hpp"

namespace streamgauge::compare {
namespace {

double value_of(const Figures& figures, std::string_view id) {
  return metrics()[*find_metric(id)].value(figures).value_or(-1);
}

TEST(Metrics, are_read_off_a_runs_figures) {
  Figures figures;
  figures.delivery = delivery_of(1e6, 2e6, 4e6);
  figures.events = 1000;
  figures.streams = 10;
  figures.cpu_ns = 5'000'000;
  figures.rss_peak_bytes = 40'960;
  EXPECT_NEAR(value_of(figures, "delivery.p50"), 1e6, 1e3);
  EXPECT_NEAR(value_of(figures, "delivery.p90"), 2e6, 2e3);
  EXPECT_NEAR(value_of(figures, "delivery.p99"), 4e6, 4e3);
  EXPECT_NEAR(value_of(figures, "delivery.p999"), 6e6, 6e3);
  EXPECT_NEAR(value_of(figures, "delivery.max"), 8e6, 8e3);
  EXPECT_EQ(value_of(figures, "cpu.per_event"), 5000);
  EXPECT_EQ(value_of(figures, "memory.per_stream"), 4096);
}

TEST(Metrics, have_no_value_where_there_is_no_ratio) {
  Figures nothing;
  for (const Metric& metric : metrics()) EXPECT_FALSE(metric.value(nothing)) << metric.id;
  nothing.cpu_ns = 0;
  nothing.events = 10;
  EXPECT_FALSE(metrics()[*find_metric("cpu.per_event")].value(nothing));
}

TEST(Metrics, have_ids_of_their_own_and_a_delta_unless_they_are_luck) {
  std::set<std::string_view> ids;
  for (const Metric& metric : metrics()) {
    EXPECT_TRUE(ids.insert(metric.id).second) << metric.id;
    EXPECT_EQ(metric.delta > 0, metric.id != "delivery.max") << metric.id;
    EXPECT_TRUE(!metric.by_default || metric.delta > 0) << metric.id;
  }
  EXPECT_FALSE(find_metric("delivery.p98"));
}

TEST(FormatChange, says_a_ratio_as_people_do) {
  EXPECT_EQ(format_change(1.152), "+15.2 %");
  EXPECT_EQ(format_change(0.9), "-10.0 %");
  EXPECT_EQ(format_change(0.99999), "0.0 %");
  EXPECT_EQ(format_change(2.3), "+130 %");
}

}  // namespace
}  // namespace streamgauge::compare
