// The Universal Scalability Law, fitted to measured throughput. Pure.
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
//
// N: the load; X: the throughput at it; lambda: throughput of one unit of load; sigma: the share
// that is serialised (contention); kappa: the cost of units agreeing with each other (coherency).
// With kappa above 0 throughput has a peak, at N* = sqrt((1 - sigma) / kappa), and falls behind it.
// Sources: N. J. Gunther, Guerrilla Capacity Planning, Springer 2007, chapters 4 to 6; the same, "A
// General Theory of Computational Scalability Based on Rational Functions", arXiv:0808.1431.
//
// N / X is linear in (1, N - 1, N (N - 1)) with the coefficients 1/lambda, sigma/lambda and
// kappa/lambda. Relative errors of X are relative errors of N / X, so least squares with weights
// inverse to the square of the fitted value is the fit, found in a few rounds; intervals of the
// parameters are by the delta method (Casella, Berger: Statistical Inference, 2nd ed., 5.5.4). A
// coefficient that comes out negative has no meaning: it is set to 0 and the others are fitted
// again, while its interval stays that of the whole model, cut at 0.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/capacity/linear_fit.hpp"

namespace streamgauge::capacity {

struct ThroughputPoint {
  double load = 0, throughput = 0;
};

struct ScalabilityFit {
  Estimate lambda, sigma, kappa;
  /// Where the law has its peak, and how high it is there: predicted, not measured. None when kappa
  /// is 0: the law then rises for ever, towards lambda / sigma.
  struct Peak {
    Estimate load, throughput;
  };
  std::optional<Peak> peak;
  double residual = 0;  // standard deviation of measured / fitted: 0.03 is 3 %
  std::size_t points = 0;
  double load_max = 0;  // the highest that was measured: beyond, the law predicts

  [[nodiscard]] double at(double load) const;
};

/// Above this the law does not describe what was measured, and nothing should be read from it.
inline constexpr double residual_max = 0.1;

/// Needs six points at four different loads or more; points without load or throughput are left
/// out.
[[nodiscard]] std::optional<ScalabilityFit> fit_scalability(
    const std::vector<ThroughputPoint>& points);

}  // namespace streamgauge::capacity
