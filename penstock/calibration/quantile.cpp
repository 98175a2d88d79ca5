#include "penstock/calibration/quantile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace penstock::calibration {

double quantile_factor(std::vector<double> values, double share_fraction) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const double at = share_fraction * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

double rounded_factor(double value_factor) {
  if (!(std::abs(value_factor) > 0.0) || !std::isfinite(value_factor)) return value_factor;
  // by way of text: four digits as a reader of the file sees them
  double out = value_factor;
  const std::string text = fmt::format("{:.4g}", value_factor);
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace penstock::calibration
