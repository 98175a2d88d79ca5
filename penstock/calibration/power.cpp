#include "penstock/calibration/power.h"

#include <cmath>
#include <numeric>

#include "penstock/calibration/least_squares.h"
#include "penstock/calibration/quantile.h"

namespace penstock::calibration {
namespace {

constexpr size_t kSamplesMin = 40;
constexpr double kScatter = 0.2;  // of the logarithm, beyond which a sample counts less

double predicted(std::span<const double> x, const PowerSample& s) {
  return std::min(1.0, std::exp(x[0]) + std::exp(x[1]) * s.compute_fraction +
                           std::exp(x[2]) * s.memory_fraction);
}

}  // namespace

std::optional<PowerFit> fit_power(const std::vector<PowerSample>& samples) {
  if (samples.size() < kSamplesMin) return std::nullopt;
  LeastSquares problem;
  problem.start = {std::log(0.2), std::log(0.6), std::log(0.4)};
  problem.low = {std::log(0.02), std::log(0.01), std::log(0.01)};
  problem.high = {std::log(0.6), std::log(2.0), std::log(2.0)};
  problem.rows.resize(samples.size());
  std::iota(problem.rows.begin(), problem.rows.end(), 0);
  problem.rows_of.assign(3, problem.rows);
  problem.scale_factor = kScatter;
  problem.residuals = [&](std::span<const double> x, std::span<const int32_t> rows,
                          std::span<double> out) {
    for (size_t j = 0; j < rows.size(); ++j) {
      const PowerSample& s = samples[static_cast<size_t>(rows[j])];
      out[j] = std::log(predicted(x, s) / s.power_fraction);
    }
  };
  const Minimum found = minimise(problem, problem.start);
  PowerFit fit;
  // an operator's own share never exceeds what the limit leaves
  fit.shares.idle_fraction = rounded_factor(std::exp(found.x[0]));
  fit.shares.compute_fraction = rounded_factor(std::min(1.0, std::exp(found.x[1])));
  fit.shares.memory_fraction = rounded_factor(std::min(1.0, std::exp(found.x[2])));
  std::vector<double> errors;
  for (const PowerSample& s : samples) {
    errors.push_back(std::abs(predicted(found.x, s) / s.power_fraction - 1.0));
  }
  fit.error_fraction = quantile_factor(std::move(errors), 0.5);
  fit.rows = samples.size();
  return fit;
}

}  // namespace penstock::calibration
