#include "harness/core/stats/interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "harness/core/base/random.hpp"
#include "harness/core/stats/location.hpp"

namespace streamgauge::stats {
namespace {

constexpr std::size_t values_min = 3;
constexpr unsigned degrees_max = 1000;  // beyond, Student's is the normal distribution

/// Of Student's t: the share of all values that lie between -t and t.
double between(double t, unsigned degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cos2 = std::cos(angle) * std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? std::cos(angle) : 1.0;
  double sum = degrees == 1 ? 0.0 : term;
  for (unsigned k = odd ? 3 : 2; k + 1 < degrees; k += 2) {
    term *= cos2 * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  if (!odd) return std::sin(angle) * sum;
  return 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
}

double normal_share(double z) {
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}

/// The share of resamples to leave out on either side, for samples of `n`.
double expanded_tail(double confidence, std::size_t n) {
  const auto count = static_cast<double>(n);
  const auto degrees = static_cast<unsigned>(std::min<std::size_t>(n - 1, degrees_max));
  const double t = student_quantile((1 + confidence) / 2, degrees);
  return normal_share(-std::sqrt(count / (count - 1)) * t);
}

Interval middle_of(std::vector<double> estimates, double tail) {
  std::sort(estimates.begin(), estimates.end());
  const auto last = static_cast<double>(estimates.size() - 1);
  const auto at = [&](double share) {
    const double place = share * last;
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, estimates.size() - 1);
    const double part = place - static_cast<double>(below);
    return estimates[below] * (1 - part) + estimates[above] * part;
  };
  return {at(tail), at(1 - tail)};
}

void draw(std::span<const double> from, std::vector<double>& to, Random& random) {
  to.resize(from.size());
  for (double& value : to) {
    value = from[static_cast<std::size_t>(random.share() * static_cast<double>(from.size()))];
  }
}

constexpr Interval all_numbers{-std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::infinity()};

}  // namespace

double student_quantile(double share, unsigned degrees) {
  const double wanted = 2 * share - 1;
  double low = 0, high = 1;
  while (between(high, degrees) < wanted && high < 1e12) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (between(middle, degrees) < wanted ? low : high) = middle;
  }
  return high;
}

Interval location_interval(std::span<const double> values, const BootstrapOptions& options) {
  if (values.size() < values_min || options.resamples == 0) return all_numbers;
  Random random(options.seed);
  std::vector<double> estimates, drawn;
  estimates.reserve(options.resamples);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    draw(values, drawn, random);
    estimates.push_back(hodges_lehmann(drawn));
  }
  return middle_of(std::move(estimates), expanded_tail(options.confidence, values.size()));
}

Interval shift_interval(std::span<const double> a, std::span<const double> b,
                        const BootstrapOptions& options) {
  const std::size_t least = std::min(a.size(), b.size());
  if (least < values_min || options.resamples == 0) return all_numbers;
  Random random(options.seed);
  std::vector<double> estimates, drawn_a, drawn_b;
  estimates.reserve(options.resamples);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    draw(a, drawn_a, random);
    draw(b, drawn_b, random);
    estimates.push_back(hodges_lehmann_shift(drawn_a, drawn_b));
  }
  return middle_of(std::move(estimates), expanded_tail(options.confidence, least));
}

}  // namespace streamgauge::stats
