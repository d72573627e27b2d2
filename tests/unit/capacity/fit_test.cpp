// Fits against data of known truth: an interval of 95 % must hold the truth in 95 % of the cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "harness/core/base/random.hpp"
#include "harness/core/capacity/linear_fit.hpp"
#include "harness/core/capacity/scalability.hpp"

namespace streamgauge::capacity {
namespace {

double normal(Random& random) {
  const double u = 1 - random.share();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * random.share());
}

bool holds(const Estimate& estimate, double truth) {
  return estimate.low <= truth && truth <= estimate.high;
}

/// Trials in which the interval held the truth, out of all.
struct Coverage {
  int held = 0, all = 0;
  void count(bool covered) {
    held += covered;
    ++all;
  }
  [[nodiscard]] double share() const { return static_cast<double>(held) / all; }
};

TEST(StudentsT, matches_printed_tables) {
  EXPECT_NEAR(t_quantile(1), 12.706, 0.001);
  EXPECT_NEAR(t_quantile(4), 2.776, 0.001);
  EXPECT_NEAR(t_quantile(30), 2.042, 0.001);
  EXPECT_TRUE(std::isinf(t_quantile(0)));
}

TEST(Line, is_exact_without_noise) {
  const auto line = fit_line({{0, 5}, {1, 7}, {2, 9}, {10, 25}});
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->base.value, 5, 1e-9);
  EXPECT_NEAR(line->slope.value, 2, 1e-9);
  EXPECT_NEAR(line->residual, 0, 1e-9);
  EXPECT_NEAR(line->at(20), 45, 1e-9);
}

/// Worked by hand: x 1..5, y 2.1 3.9 6.2 7.8 10.1; slope 1.99, intercept 0.05, standard
/// error of the slope sqrt(0.107/3/10).
TEST(Line, has_the_interval_that_is_worked_by_hand) {
  const auto line = fit_line({{1, 2.1}, {2, 3.9}, {3, 6.2}, {4, 7.8}, {5, 10.1}});
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->slope.value, 1.99, 1e-9);
  EXPECT_NEAR(line->base.value, 0.05, 1e-9);
  EXPECT_NEAR(line->slope.high - line->slope.value, 3.18245 * std::sqrt(0.107 / 3 / 10), 1e-4);
}

TEST(Line, needs_three_points_at_two_places) {
  EXPECT_FALSE(fit_line({{1, 2}, {2, 3}}));
  EXPECT_FALSE(fit_line({{4, 2}, {4, 3}, {4, 5}}));
  EXPECT_TRUE(fit_line({{4, 2}, {4, 3}, {5, 5}}));
}

TEST(Line, holds_memory_per_stream_as_often_as_it_claims) {
  Coverage slope, base;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    Random random(seed);
    std::vector<std::pair<double, double>> points;
    for (double streams = 500; streams <= 16'000; streams *= 2) {
      points.emplace_back(streams, 8e6 + 1'700 * streams + 3e5 * normal(random));
    }
    const auto line = fit_line(points);
    ASSERT_TRUE(line);
    slope.count(holds(line->slope, 1'700));
    base.count(holds(line->base, 8e6));
  }
  EXPECT_NEAR(slope.share(), 0.95, 0.015);
  EXPECT_NEAR(base.share(), 0.95, 0.015);
}

struct Truth {
  double lambda, sigma, kappa;
  [[nodiscard]] double at(double n) const {
    return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
  }
};

std::vector<ThroughputPoint> measured(const Truth& truth, double noise, std::uint64_t seed) {
  Random random(seed);
  std::vector<ThroughputPoint> points;
  for (double n = 1; n <= 4'096; n *= 2) {
    for (int i = 0; i < 2; ++i) points.push_back({n, truth.at(n) * (1 + noise * normal(random))});
  }
  return points;
}

TEST(Scalability, finds_the_parameters_of_the_law_without_noise) {
  const Truth truth{995.65, 0.02671, 0.000769};  // of the size of Gunther's published examples
  const auto fit = fit_scalability(measured(truth, 0, 1));
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->lambda.value, truth.lambda, 1e-3);
  EXPECT_NEAR(fit->sigma.value, truth.sigma, 1e-6);
  EXPECT_NEAR(fit->kappa.value, truth.kappa, 1e-8);
  ASSERT_TRUE(fit->peak);
  const double peak = std::sqrt((1 - truth.sigma) / truth.kappa);
  EXPECT_NEAR(fit->peak->load.value, peak, 1e-3);
  EXPECT_NEAR(fit->peak->throughput.value, truth.at(peak), 1e-2);
  EXPECT_LT(fit->residual, 1e-6);
}

TEST(Scalability, intervals_hold_the_truth_as_often_as_they_claim) {
  const Truth truth{10, 0.002, 2e-6};
  const double peak = std::sqrt((1 - truth.sigma) / truth.kappa);
  for (const double noise : {0.01, 0.05}) {
    Coverage lambda, sigma, kappa, at, height;
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      const auto fit = fit_scalability(measured(truth, noise, seed));
      ASSERT_TRUE(fit);
      lambda.count(holds(fit->lambda, truth.lambda));
      sigma.count(holds(fit->sigma, truth.sigma));
      kappa.count(holds(fit->kappa, truth.kappa));
      ASSERT_TRUE(fit->peak);
      at.count(holds(fit->peak->load, peak));
      height.count(holds(fit->peak->throughput, truth.at(peak)));
    }
    for (const Coverage& each : {lambda, sigma, kappa, at, height}) {
      EXPECT_NEAR(each.share(), 0.95, 0.02) << "noise " << noise;
    }
  }
}

TEST(Scalability, what_scales_linearly_has_no_peak_that_can_be_told) {
  Coverage sigma, kappa;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const auto fit = fit_scalability(measured({10, 0, 0}, 0.02, seed));
    ASSERT_TRUE(fit);
    EXPECT_GE(fit->sigma.value, 0);
    EXPECT_GE(fit->kappa.value, 0);
    sigma.count(fit->sigma.low <= 0);
    kappa.count(fit->kappa.low <= 0);
  }
  // Cut at 0, an interval misses only upwards.
  EXPECT_GE(sigma.share(), 0.95);
  EXPECT_GE(kappa.share(), 0.95);
}

TEST(Scalability, contention_alone_saturates_without_a_peak) {
  const auto fit = fit_scalability(measured({10, 0.01, 0}, 0, 1));
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->sigma.value, 0.01, 1e-6);
  EXPECT_NEAR(fit->at(1e9), 1'000, 1);
}

TEST(Scalability, a_law_that_does_not_fit_says_so) {
  std::vector<ThroughputPoint> points;
  for (double n = 1; n <= 4'096; n *= 2) points.push_back({n, n < 100 ? 10 * n : 5 * n});
  const auto fit = fit_scalability(points);
  ASSERT_TRUE(fit);
  EXPECT_GT(fit->residual, residual_max);
}

TEST(Scalability, needs_six_points_at_four_loads) {
  const std::vector<ThroughputPoint> five{{1, 1}, {2, 2}, {4, 3}, {8, 4}, {16, 5}};
  EXPECT_FALSE(fit_scalability(five));
  EXPECT_FALSE(fit_scalability({{1, 1}, {1, 1}, {2, 2}, {2, 2}, {4, 3}, {4, 3}, {4, 3}}));
  EXPECT_FALSE(fit_scalability({{1, 0}, {2, 0}, {4, 0}, {8, 0}, {16, 0}, {32, 0}}));
}

}  // namespace
}  // namespace streamgauge::capacity
