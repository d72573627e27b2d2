#include "harness/net/lag_probe.hpp"

#include <gtest/gtest.h>

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

const Instant start = instant_from_ns(1'000'000'000);

TEST(LagProbe, reports_the_worst_beat_of_each_interval) {
  LagProbe probe{start};
  int reports = 0;
  Duration worst{};
  for (int i = 0; i < 100; ++i) {
    const Instant late = probe.next_beat() + (i == 30 ? 3ms : 100us);
    if (const auto told = probe.beat(late)) {
      ++reports;
      worst = std::max(worst, *told);
    }
  }
  EXPECT_GE(reports, 4);
  EXPECT_LE(reports, 6);
  EXPECT_EQ(worst, 3ms);
}

TEST(LagProbe, a_stall_is_told_in_full_and_once) {
  LagProbe probe{start};
  const Instant late = probe.next_beat() + 700ms;
  EXPECT_EQ(probe.beat(late), 700ms);
  EXPECT_GT(probe.next_beat(), late);
  EXPECT_LE(probe.next_beat(), late + LagProbe::beat_every);
  int reports = 0;
  for (int i = 0; i < 30; ++i) {
    if (const auto told = probe.beat(probe.next_beat())) {
      ++reports;
      EXPECT_EQ(*told, 0ms);
    }
  }
  EXPECT_GE(reports, 1);
}

TEST(LagProbe, what_waited_to_be_read_counts_like_a_late_beat) {
  LagProbe probe{start};
  probe.read_after(40ms);
  probe.read_after(3ms);
  std::optional<Duration> told;
  while (!told) told = probe.beat(probe.next_beat());
  EXPECT_EQ(*told, 40ms);
}

}  // namespace
}  // namespace streamgauge::net
