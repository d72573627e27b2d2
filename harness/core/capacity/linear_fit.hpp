// Least squares on few observations, with intervals: what fits of capacity are made of. Pure.
//
// y = b0 x0 + b1 x1 + ..., each observation with a weight that is inverse to its variance.
// Intervals are those of the normal linear model: estimate +/- t(n - p) times the standard error
// (Draper, Smith: Applied Regression Analysis, 3rd ed., 1998, chapters 1, 5 and 9).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace streamgauge::capacity {

/// An estimate and the interval that holds the truth with the stated confidence.
struct Estimate {
  double value = 0, low = 0, high = 0;
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

inline constexpr double confidence = 0.95;
/// Student's t: so many standard errors to each side; infinite without degrees of freedom.
[[nodiscard]] double t_quantile(std::size_t degrees_of_freedom);

inline constexpr std::size_t terms_max = 3;
using Terms = std::array<double, terms_max>;  // those that a model does not have are 0

struct WeightedRow {
  Terms x{};
  double y = 0;
  double weight = 1;
};

struct LeastSquares {
  Terms b{};
  std::array<Terms, terms_max> covariance{};  // of the estimates
  std::size_t degrees_of_freedom = 0;
};

/// `terms`: how many of each row's x are used. Nullopt: fewer rows than terms and one more, or rows
/// that do not tell the terms apart.
[[nodiscard]] std::optional<LeastSquares> least_squares(const std::vector<WeightedRow>& rows,
                                                        std::size_t terms);

/// y = base + slope x. All observations alike.
struct Line {
  Estimate base, slope;
  double residual = 0;  // standard deviation of what is left, in units of y
  std::size_t points = 0;
  [[nodiscard]] double at(double x) const { return base.value + slope.value * x; }
};
[[nodiscard]] std::optional<Line> fit_line(const std::vector<std::pair<double, double>>& points);

}  // namespace streamgauge::capacity
