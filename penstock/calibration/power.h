/// Board power as a function of what a kernel uses, fitted to measured watts.
#pragma once

#include <optional>
#include <vector>

#include "penstock/compute/efficiency.h"

namespace penstock::calibration {

/// What a measured call used and drew, as shares: of the matrix peak, of the memory bandwidth, of
/// the power limit.
struct PowerSample {
  double compute_fraction = 0.0;
  double memory_fraction = 0.0;
  double power_fraction = 0.0;
};

struct PowerFit {
  compute::PowerShares shares;
  double error_fraction = 0.0;  ///< median of |predicted / measured - 1|
  size_t rows = 0;
};

/// Shares of the limit: idle + compute * activity + memory * activity, smoothly capped at 1.
/// nullopt below forty samples. Boards average power over longer than a short kernel's run, and two
/// runs of one kernel differ by a third; no form of the activities explains more.
std::optional<PowerFit> fit_power(const std::vector<PowerSample>& samples);

}  // namespace penstock::calibration
