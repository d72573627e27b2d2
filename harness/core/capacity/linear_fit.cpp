#include "harness/core/capacity/linear_fit.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace streamgauge::capacity {

namespace {

using Matrix = std::array<Terms, terms_max>;

/// Gauss-Jordan with pivots; a matrix this small needs no better. Columns were scaled to length 1
/// before, so that a pivot near 0 means what it says.
bool invert(Matrix& a, Matrix& inverse, std::size_t n) {
  constexpr double pivot_min = 1e-12;
  inverse = {};
  for (std::size_t i = 0; i < n; ++i) inverse[i][i] = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    if (!(std::abs(a[pivot][column]) > pivot_min)) return false;
    std::swap(a[pivot], a[column]);
    std::swap(inverse[pivot], inverse[column]);
    const double divisor = a[column][column];
    for (std::size_t i = 0; i < n; ++i) {
      a[column][i] /= divisor;
      inverse[column][i] /= divisor;
    }
    for (std::size_t row = 0; row < n; ++row) {
      const double times = a[row][column];
      if (row == column || times == 0) continue;
      for (std::size_t i = 0; i < n; ++i) {
        a[row][i] -= times * a[column][i];
        inverse[row][i] -= times * inverse[column][i];
      }
    }
  }
  return true;
}

Terms lengths(const std::vector<WeightedRow>& rows, std::size_t terms) {
  Terms length{};
  for (const WeightedRow& row : rows) {
    for (std::size_t i = 0; i < terms; ++i) length[i] += row.weight * row.x[i] * row.x[i];
  }
  for (double& each : length) each = each > 0 ? std::sqrt(each) : 1;
  return length;
}

}  // namespace

double t_quantile(std::size_t degrees_of_freedom) {
  if (degrees_of_freedom == 0) return std::numeric_limits<double>::infinity();
  const boost::math::students_t distribution(static_cast<double>(degrees_of_freedom));
  return boost::math::quantile(distribution, (1 + confidence) / 2);
}

std::optional<LeastSquares> least_squares(const std::vector<WeightedRow>& rows, std::size_t terms) {
  if (terms == 0 || terms > terms_max || rows.size() <= terms) return std::nullopt;
  const Terms length = lengths(rows, terms);
  Matrix normal{}, inverse{};
  Terms right{};
  for (const WeightedRow& row : rows) {
    for (std::size_t i = 0; i < terms; ++i) {
      const double x = row.weight * row.x[i] / length[i];
      right[i] += x * row.y;
      for (std::size_t k = 0; k < terms; ++k) normal[i][k] += x * row.x[k] / length[k];
    }
  }
  if (!invert(normal, inverse, terms)) return std::nullopt;
  LeastSquares fit;
  fit.degrees_of_freedom = rows.size() - terms;
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t k = 0; k < terms; ++k) fit.b[i] += inverse[i][k] * right[k];
    fit.b[i] /= length[i];
  }
  double squares = 0;
  for (const WeightedRow& row : rows) {
    double off = row.y;
    for (std::size_t i = 0; i < terms; ++i) off -= fit.b[i] * row.x[i];
    squares += row.weight * off * off;
  }
  const double variance = squares / static_cast<double>(fit.degrees_of_freedom);
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t k = 0; k < terms; ++k) {
      fit.covariance[i][k] = variance * inverse[i][k] / (length[i] * length[k]);
    }
  }
  return fit;
}

std::optional<Line> fit_line(const std::vector<std::pair<double, double>>& points) {
  std::vector<WeightedRow> rows;
  for (const auto& [x, y] : points) rows.push_back({{1, x}, y});
  const auto fit = least_squares(rows, 2);
  if (!fit) return std::nullopt;
  const double t = t_quantile(fit->degrees_of_freedom);
  const auto estimate = [&](std::size_t i) {
    const double reach = t * std::sqrt(fit->covariance[i][i]);
    return Estimate{fit->b[i], fit->b[i] - reach, fit->b[i] + reach};
  };
  Line line{estimate(0), estimate(1), 0, points.size()};
  for (const auto& [x, y] : points) line.residual += (y - line.at(x)) * (y - line.at(x));
  line.residual = std::sqrt(line.residual / static_cast<double>(fit->degrees_of_freedom));
  return line;
}

}  // namespace streamgauge::capacity
