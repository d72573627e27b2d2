#include "reports/hdr_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/core/latency/log.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<ReportFile>& files) {
  std::vector<std::string> names;
  for (const ReportFile& f : files) names.push_back(f.name);
  return names;
}

latency::Log log_named(const RunResult& run, const std::string& name) {
  for (const ReportFile& f : write_hdr_files(run)) {
    if (f.name != name) continue;
    auto log = latency::read_log(f.content);
    EXPECT_TRUE(log) << (log ? "" : log.error().message);
    return log ? *log : latency::Log{};
  }
  ADD_FAILURE() << name << " is missing";
  return {};
}

TEST(HdrFiles, a_log_for_each_scenario_and_a_text_for_each_histogram_with_values) {
  EXPECT_THAT(names_of(write_hdr_files(rich_run())),
              ElementsAre("idle-heartbeat.hlog", "idle-heartbeat-connect.hgrm",
                          "idle-heartbeat-heartbeat_gap.hgrm", "steady-fanout.hlog",
                          "steady-fanout-connect.hgrm", "steady-fanout-delivery.hgrm",
                          "slow-consumer.hlog", "slow-consumer-delivery.hgrm"));
  EXPECT_TRUE(write_hdr_files(unreachable_run()).empty());
}

TEST(HdrFiles, a_log_holds_the_whole_run_by_name_and_delivery_by_interval) {
  const RunResult run = rich_run();
  const ScenarioResult& scenario = run.scenarios[1];
  const latency::Log log = log_named(run, "steady-fanout.hlog");
  EXPECT_EQ(log.started, scenario.started);
  ASSERT_EQ(log.entries.size(), 4U);
  EXPECT_EQ(log.entries[0].tag, "connect");
  EXPECT_EQ(log.entries[1].tag, "delivery");
  EXPECT_EQ(log.entries[1].length, 15s);
  EXPECT_TRUE(log.entries[1].histogram == scenario.histograms.at("delivery"));
  for (std::size_t i = 0; i < 2; ++i) {
    const latency::LogEntry& entry = log.entries[2 + i];
    EXPECT_EQ(entry.tag, "delivery.interval");
    EXPECT_EQ(entry.start, i * 1s);
    EXPECT_EQ(entry.length, 1s);
    EXPECT_TRUE(entry.histogram == scenario.series.rows[i].delivery);
  }
}

TEST(HdrFiles, a_series_that_began_before_the_log_does_not_break_it) {
  RunResult run = rich_run();
  run.scenarios[1].series.started -= 10s;
  EXPECT_EQ(log_named(run, "steady-fanout.hlog").entries[2].start, 0s);
}

TEST(HdrFiles, names_are_safe_and_never_collide) {
  RunResult run = rich_run();
  run.scenarios[0].scenario = "../a";
  run.scenarios[1].scenario = "../a";
  run.scenarios[2].scenario = "a b\"\n";
  const auto names = names_of(write_hdr_files(run));
  EXPECT_THAT(names, testing::IsSupersetOf({"_.._a.hlog", "_.._a-2.hlog", "_.._a-connect.hgrm",
                                            "_.._a-2-connect.hgrm", "a_b__.hlog"}));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(log_named(run, "a_b__.hlog").entries.size(), 1U) << "a name may not break a log's line";
}

}  // namespace
}  // namespace streamgauge::reports
