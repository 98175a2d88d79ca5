/// Quantiles of plain numbers.
#pragma once

#include <vector>

namespace penstock::calibration {

/// Linear between order statistics; NaN for none.
double quantile_factor(std::vector<double> values, double share_fraction);

}  // namespace penstock::calibration
