// The minimiser finds known coefficients, through outliers and inside its box.
#include "penstock/calibration/least_squares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace penstock::calibration {
namespace {

/// log of (a + b u) against data of a = 2, b = 0.5; x holds the logarithms of a and b.
LeastSquares line(std::vector<double>& data) {
  for (int i = 0; i < 40; ++i) data.push_back(std::log(2.0 + 0.5 * i));
  LeastSquares p;
  p.start = {0.0, 0.0};
  p.low = {-5.0, -5.0};
  p.high = {5.0, 5.0};
  p.rows.resize(data.size());
  std::iota(p.rows.begin(), p.rows.end(), 0);
  p.rows_of = {p.rows, p.rows};
  p.residuals = [&data](std::span<const double> x, std::span<const int32_t> rows,
                        std::span<double> out) {
    for (size_t j = 0; j < rows.size(); ++j) {
      out[j] =
          std::log(std::exp(x[0]) + std::exp(x[1]) * rows[j]) - data[static_cast<size_t>(rows[j])];
    }
  };
  p.pull_factor = 1e-6;
  return p;
}

TEST(LeastSquaresTest, FindsTheCoefficientsOfExactData) {
  std::vector<double> data;
  const LeastSquares p = line(data);
  const Minimum found = minimise(p, p.start);
  EXPECT_NEAR(std::exp(found.x[0]), 2.0, 1e-3);
  EXPECT_NEAR(std::exp(found.x[1]), 0.5, 1e-4);
}

TEST(LeastSquaresTest, OutliersHardlyMoveIt) {
  std::vector<double> data;
  LeastSquares p = line(data);
  for (size_t i = 0; i < data.size(); i += 8) data[i] += 2.0;
  p.scale_factor = 0.02;
  const Minimum found = minimise(p, p.start);
  EXPECT_NEAR(std::exp(found.x[1]), 0.5, 0.02);
}

TEST(LeastSquaresTest, StaysInTheBox) {
  std::vector<double> data;
  LeastSquares p = line(data);
  p.high[0] = std::log(1.5);
  const Minimum found = minimise(p, p.start);
  EXPECT_LE(found.x[0], p.high[0]);
  EXPECT_GT(found.x[0], p.high[0] - 1e-6);
}

TEST(LeastSquaresTest, AStrongPullKeepsTheStart) {
  std::vector<double> data;
  LeastSquares p = line(data);
  p.pull_factor = 1e4;
  const Minimum found = minimise(p, p.start);
  EXPECT_NEAR(found.x[0], 0.0, 1e-3);
  EXPECT_NEAR(found.x[1], 0.0, 1e-3);
}

}  // namespace
}  // namespace penstock::calibration
