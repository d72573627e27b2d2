#include "harness/core/capacity/scalability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace streamgauge::capacity {

namespace {

constexpr std::size_t points_min = 6;
constexpr std::size_t loads_min = 4;
constexpr int rounds = 4;  // of weighting: the third changes the fifth digit already

/// Which coefficients the model has: lambda always.
struct Has {
  bool sigma = true, kappa = true;
  [[nodiscard]] std::size_t terms() const { return 1 + std::size_t{sigma} + std::size_t{kappa}; }
};

Terms terms_of(double load, Has has) {
  Terms x{1, 0, 0};
  std::size_t i = 1;
  if (has.sigma) x[i++] = load - 1;
  if (has.kappa) x[i++] = load * (load - 1);
  return x;
}

/// 1/lambda, sigma/lambda, kappa/lambda and their covariance; those that the model lacks are 0.
std::optional<LeastSquares> coefficients(const std::vector<ThroughputPoint>& points, Has has) {
  std::vector<WeightedRow> rows;
  for (const ThroughputPoint& point : points) {
    const double y = point.load / point.throughput;
    rows.push_back({terms_of(point.load, has), y, 1 / (y * y)});
  }
  std::optional<LeastSquares> fit;
  for (int round = 0; round < rounds; ++round) {
    fit = least_squares(rows, has.terms());
    if (!fit) return std::nullopt;
    for (WeightedRow& row : rows) {
      double fitted = 0;
      for (std::size_t i = 0; i < has.terms(); ++i) fitted += fit->b[i] * row.x[i];
      if (!(fitted > 0)) return fit;  // a negative coefficient: the caller takes it out
      row.weight = 1 / (fitted * fitted);
    }
  }
  return fit;
}

/// An interval of a function of the coefficients, by its gradient.
Estimate by_delta(double value, const Terms& gradient, const LeastSquares& fit) {
  double variance = 0;
  for (std::size_t i = 0; i < terms_max; ++i) {
    for (std::size_t k = 0; k < terms_max; ++k) {
      variance += gradient[i] * fit.covariance[i][k] * gradient[k];
    }
  }
  const double reach = t_quantile(fit.degrees_of_freedom) * std::sqrt(std::max(variance, 0.0));
  return {value, value - reach, value + reach};
}

void cut_at_zero(Estimate& estimate, double value) {
  estimate.value = std::max(value, 0.0);
  estimate.low = std::max(std::min(estimate.low, estimate.value), 0.0);
  estimate.high = std::max(estimate.high, estimate.value);
}

double law(double lambda, double sigma, double kappa, double load) {
  return lambda * load / (1 + sigma * (load - 1) + kappa * load * (load - 1));
}

/// By the logarithm, so that an interval has no negative end.
Estimate positive_by_delta(double value, const Terms& gradient, const LeastSquares& fit) {
  Terms of_logarithm = gradient;
  for (double& each : of_logarithm) each /= value;
  const Estimate logarithm = by_delta(0, of_logarithm, fit);
  return {value, value * std::exp(logarithm.low), value * std::exp(logarithm.high)};
}

/// Gradients are taken numerically: the functions are smooth, the steps small.
template <class Function>
Terms gradient_of(Function function, const Terms& b) {
  Terms gradient{};
  for (std::size_t i = 0; i < terms_max; ++i) {
    const double step = std::max(std::abs(b[i]) * 1e-5, 1e-300);
    Terms up = b, down = b;
    up[i] += step;
    down[i] -= step;
    gradient[i] = (function(up) - function(down)) / (2 * step);
  }
  return gradient;
}

std::optional<ScalabilityFit::Peak> peak_of(const LeastSquares& fit) {
  const auto load = [](const Terms& b) { return std::sqrt((b[0] - b[1]) / b[2]); };
  const auto throughput = [&](const Terms& b) {
    return law(1 / b[0], b[1] / b[0], b[2] / b[0], load(b));
  };
  if (!(fit.b[2] > 0) || !(fit.b[0] > fit.b[1])) return std::nullopt;
  return ScalabilityFit::Peak{
      positive_by_delta(load(fit.b), gradient_of(load, fit.b), fit),
      positive_by_delta(throughput(fit.b), gradient_of(throughput, fit.b), fit)};
}

/// The coefficients of the largest model whose every one of them means something.
LeastSquares meaningful(const std::vector<ThroughputPoint>& points, const LeastSquares& whole) {
  if (whole.b[1] >= 0 && whole.b[2] >= 0) return whole;
  std::vector<Has> smaller;
  if (whole.b[2] < 0) smaller = {{true, false}, {false, false}};
  if (whole.b[1] < 0) smaller = {{false, true}, {false, false}};
  for (const Has has : smaller) {
    const auto fit = coefficients(points, has);
    if (!fit || (has.terms() > 1 && fit->b[1] < 0)) continue;
    LeastSquares out = *fit;
    if (has.kappa) {  // its place is the third
      out.b = {fit->b[0], 0, fit->b[1]};
      out.covariance = {};
      out.covariance[0] = {fit->covariance[0][0], 0, fit->covariance[0][1]};
      out.covariance[2] = {fit->covariance[1][0], 0, fit->covariance[1][1]};
    }
    return out;
  }
  return whole;
}

}  // namespace

double ScalabilityFit::at(double load) const {
  return law(lambda.value, sigma.value, kappa.value, load);
}

std::optional<ScalabilityFit> fit_scalability(const std::vector<ThroughputPoint>& given) {
  std::vector<ThroughputPoint> points;
  std::set<double> loads;
  for (const ThroughputPoint& point : given) {
    if (!(point.load > 0) || !(point.throughput > 0)) continue;
    points.push_back(point);
    loads.insert(point.load);
  }
  if (points.size() < points_min || loads.size() < loads_min) return std::nullopt;
  const auto whole = coefficients(points, {});
  if (!whole || !(whole->b[0] > 0)) return std::nullopt;
  const LeastSquares used = meaningful(points, *whole);
  if (!(used.b[0] > 0)) return std::nullopt;

  ScalabilityFit fit;
  const double a = whole->b[0];
  fit.lambda = by_delta(1 / a, {-1 / (a * a), 0, 0}, *whole);
  fit.sigma = by_delta(whole->b[1] / a, {-whole->b[1] / (a * a), 1 / a, 0}, *whole);
  fit.kappa = by_delta(whole->b[2] / a, {-whole->b[2] / (a * a), 0, 1 / a}, *whole);
  cut_at_zero(fit.lambda, 1 / used.b[0]);
  cut_at_zero(fit.sigma, used.b[1] / used.b[0]);
  cut_at_zero(fit.kappa, used.b[2] / used.b[0]);
  fit.peak = peak_of(used);
  fit.points = points.size();
  fit.load_max = *loads.rbegin();
  double squares = 0;
  for (const ThroughputPoint& point : points) {
    const double off = point.throughput / fit.at(point.load) - 1;
    squares += off * off;
  }
  fit.residual = std::sqrt(squares / static_cast<double>(used.degrees_of_freedom));
  return fit;
}

}  // namespace streamgauge::capacity
