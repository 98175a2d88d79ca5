/// Quantiles and digits of plain numbers.
#pragma once

#include <vector>

namespace penstock::calibration {

/// Linear between order statistics; NaN for none.
double quantile_factor(std::vector<double> values, double share_fraction);

/// Rounds to four digits, so that what is written is what is used.
double rounded_factor(double value_factor);

}  // namespace penstock::calibration
