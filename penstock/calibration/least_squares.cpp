#include "penstock/calibration/least_squares.h"

#include <algorithm>
#include <cmath>

#include "penstock/base/check.h"

namespace penstock::calibration {
namespace {

constexpr double kDifference = 1e-3;  // of a logarithm
constexpr double kLambdaStart = 1e-3;
constexpr double kLambdaMax = 1e8;
constexpr double kGainMin = 1e-7;  // relative; below it the search ends

double loss(const LeastSquares& p, std::span<const double> r, std::span<const double> x) {
  const double d = p.scale_factor;
  double sum = 0.0;
  for (const double v : r) sum += 2.0 * d * d * (std::sqrt(1.0 + (v / d) * (v / d)) - 1.0);
  for (size_t i = 0; i < x.size(); ++i) {
    const double pulled = p.pull_factor * (x[i] - p.start[i]);
    sum += pulled * pulled;
  }
  return sum;
}

/// Solves A y = b for a symmetric positive definite A (row-major), by Cholesky; false if it is not.
bool solve(std::vector<double> a, std::vector<double>& b) {
  const size_t n = b.size();
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i == j) {
        if (!(sum > 0.0)) return false;
        a[i * n + j] = std::sqrt(sum);
      } else {
        a[i * n + j] = sum / a[j * n + j];
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return true;
}

/// The normal equations at x: J^T W J and J^T W r, rows reweighted by the loss.
struct Normal {
  std::vector<double> matrix;
  std::vector<double> gradient;
};

/// A column of the Jacobian on the rows that count, sparse: positions and derivatives.
struct Column {
  std::vector<int32_t> positions;
  std::vector<double> slopes;
};

std::vector<Column> jacobian(const LeastSquares& p, std::span<const double> x,
                             std::span<const double> r, const std::vector<int32_t>& position_of) {
  std::vector<Column> columns(x.size());
  std::vector<double> moved(x.begin(), x.end());
  std::vector<int32_t> rows;
  std::vector<double> out;
  for (size_t i = 0; i < x.size(); ++i) {
    rows.clear();
    for (const int32_t row : p.rows_of[i]) {
      const int32_t at = position_of[static_cast<size_t>(row)];
      if (at < 0) continue;
      rows.push_back(row);
      columns[i].positions.push_back(at);
    }
    // step inwards where the box ends
    const double step = x[i] + kDifference > p.high[i] ? -kDifference : kDifference;
    moved[i] = x[i] + step;
    out.resize(rows.size());
    p.residuals(moved, rows, out);
    moved[i] = x[i];
    columns[i].slopes.resize(rows.size());
    for (size_t j = 0; j < rows.size(); ++j) {
      columns[i].slopes[j] = (out[j] - r[static_cast<size_t>(columns[i].positions[j])]) / step;
    }
  }
  return columns;
}

Normal normal_equations(const LeastSquares& p, std::span<const double> x, std::span<const double> r,
                        const std::vector<Column>& columns) {
  const size_t n = x.size();
  Normal normal{std::vector<double>(n * n, 0.0), std::vector<double>(n, 0.0)};
  std::vector<double> dense(r.size(), 0.0);
  std::vector<double> weights(r.size());
  for (size_t j = 0; j < r.size(); ++j) {
    const double ratio = r[j] / p.scale_factor;
    weights[j] = 1.0 / std::sqrt(1.0 + ratio * ratio);
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < columns[i].positions.size(); ++j) {
      const auto at = static_cast<size_t>(columns[i].positions[j]);
      dense[at] = columns[i].slopes[j] * weights[at];
      normal.gradient[i] += dense[at] * r[at];
    }
    for (size_t k = 0; k <= i; ++k) {
      double sum = 0.0;
      for (size_t j = 0; j < columns[k].positions.size(); ++j) {
        sum += dense[static_cast<size_t>(columns[k].positions[j])] * columns[k].slopes[j];
      }
      normal.matrix[i * n + k] = normal.matrix[k * n + i] = sum;
    }
    for (const int32_t at : columns[i].positions) dense[static_cast<size_t>(at)] = 0.0;
    const double pull = p.pull_factor * p.pull_factor;
    normal.matrix[i * n + i] += pull;
    normal.gradient[i] += pull * (x[i] - p.start[i]);
  }
  return normal;
}

}  // namespace

Minimum minimise(const LeastSquares& problem, std::span<const double> from) {
  const size_t n = problem.start.size();
  PENSTOCK_CHECK(from.size() == n && problem.rows_of.size() == n, "{} coefficients, {} given", n,
                 from.size());
  Minimum best;
  best.x.assign(from.begin(), from.end());
  for (size_t i = 0; i < n; ++i) {
    best.x[i] = std::clamp(best.x[i], problem.low[i], problem.high[i]);
  }
  int32_t last = -1;
  for (const int32_t row : problem.rows) last = std::max(last, row);
  for (const auto& rows : problem.rows_of) {
    for (const int32_t row : rows) last = std::max(last, row);
  }
  std::vector<int32_t> position_of(static_cast<size_t>(last + 1), -1);
  for (size_t j = 0; j < problem.rows.size(); ++j) {
    position_of[static_cast<size_t>(problem.rows[j])] = static_cast<int32_t>(j);
  }
  std::vector<double> r(problem.rows.size());
  problem.residuals(best.x, problem.rows, r);
  best.loss_factor = loss(problem, r, best.x);
  double lambda = kLambdaStart;
  for (; best.iterations < problem.iterations_max && lambda < kLambdaMax; ++best.iterations) {
    const Normal normal =
        normal_equations(problem, best.x, r, jacobian(problem, best.x, r, position_of));
    bool improved = false;
    double gain = 0.0;
    while (!improved && lambda < kLambdaMax) {
      std::vector<double> matrix = normal.matrix;
      for (size_t i = 0; i < n; ++i) matrix[i * n + i] *= 1.0 + lambda;
      std::vector<double> step = normal.gradient;
      if (solve(std::move(matrix), step)) {
        std::vector<double> x(n);
        for (size_t i = 0; i < n; ++i) {
          x[i] = std::clamp(best.x[i] - step[i], problem.low[i], problem.high[i]);
        }
        std::vector<double> moved(r.size());
        problem.residuals(x, problem.rows, moved);
        const double lost = loss(problem, moved, x);
        if (lost < best.loss_factor) {
          gain = (best.loss_factor - lost) / best.loss_factor;
          best.x = std::move(x);
          best.loss_factor = lost;
          r = std::move(moved);
          improved = true;
        }
      }
      lambda = improved ? std::max(1e-9, lambda / 4.0) : lambda * 4.0;
    }
    if (gain < kGainMin) break;
  }
  return best;
}

}  // namespace penstock::calibration
