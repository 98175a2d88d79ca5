/// Robust non-linear least squares for a few dozen coefficients and a few thousand rows.
///
/// Minimises sum over rows of rho(r) + sum over coefficients of (pull (x - start))^2 with the
/// soft-L1 loss rho(r) = 2 d^2 (sqrt(1 + (r/d)^2) - 1), inside a box, by Levenberg and Marquardt's
/// method with reweighted rows and difference quotients. Same input, same bytes out.
/// Source: Marquardt 1963; Holland and Welsch 1977 (reweighting).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace penstock::calibration {

struct LeastSquares {
  std::vector<double> start;
  std::vector<double> low;
  std::vector<double> high;
  /// Rows that coefficient i moves; the others are not evaluated for its derivative.
  std::vector<std::vector<int32_t>> rows_of;
  /// Residuals of `rows` at x, in their order.
  std::function<void(std::span<const double> x, std::span<const int32_t> rows,
                     std::span<double> out)>
      residuals;
  std::vector<int32_t> rows;  ///< rows that count
  double scale_factor = 0.1;  ///< d: residuals beyond it count by their size, not its square
  double pull_factor = 0.05;
  int iterations_max = 60;
};

struct Minimum {
  std::vector<double> x;
  double loss_factor = 0.0;
  int iterations = 0;
};

/// Starts at `from` (clamped into the box); `problem.start` is what coefficients are pulled to.
Minimum minimise(const LeastSquares& problem, std::span<const double> from);

}  // namespace penstock::calibration
