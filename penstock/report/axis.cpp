#include "penstock/report/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace penstock::report {
namespace {

constexpr double kTolerance = 1e-9;

// the round step not below the wanted one
double round_step(double wanted, std::string_view unit) {
  // an hour divides by 15 and 30 minutes, a day by 3, 6 and 12 hours
  if (unit == "min" || unit == "h") {
    constexpr std::array kMinuteSteps = {1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0};
    constexpr std::array kHourSteps = {1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0};
    const auto pick = [&](const auto& steps) {
      for (const double step : steps) {
        if (wanted <= step * (1 + kTolerance)) return step;
      }
      return 0.0;
    };
    const double step = unit == "min" ? pick(kMinuteSteps) : pick(kHourSteps);
    if (wanted > 0.5 && step > 0.0) return step;
  }
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  for (const double digit : {1.0, 2.0, 2.5, 5.0}) {
    if (wanted <= digit * power * (1 + kTolerance)) return digit * power;
  }
  return 10.0 * power;
}

// decimals that write a step exactly: none for 20, one for 2.5, three for 0.025
int decimals_of(double step) {
  for (int decimals = 0; decimals < 8; ++decimals) {
    const double scaled = step * std::pow(10.0, decimals);
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 8;
}

Extent opened(Extent extent) {
  if (!std::isfinite(extent.low_factor) || !std::isfinite(extent.high_factor)) return {0.0, 1.0};
  if (extent.low_factor < extent.high_factor) return extent;
  const double value = extent.low_factor;
  if (value == 0.0) return {0.0, 1.0};
  return value > 0 ? Extent{0.0, value * 2} : Extent{value * 2, 0.0};
}

bool short_label(int digit, double decades, int tick_count) {
  const double labels_per_decade = tick_count / std::max(decades, 0.1);
  if (digit == 1) return true;
  if (labels_per_decade >= 6.0) return digit == 2 || digit == 3 || digit == 5 || digit == 7;
  if (labels_per_decade >= 3.0) return digit == 2 || digit == 5;
  return labels_per_decade >= 2.0 && digit == 3;
}

}  // namespace

double Axis::place_fraction(double value_factor) const {
  if (!logarithmic) {
    return (value_factor - extent.low_factor) / (extent.high_factor - extent.low_factor);
  }
  if (!(value_factor > 0.0)) return 0.0;
  return std::log(value_factor / extent.low_factor) /
         std::log(extent.high_factor / extent.low_factor);
}

Axis linear_axis(Extent extent, std::string_view unit, int tick_count, bool round_out) {
  Axis axis;
  axis.extent = opened(extent);
  double& low = axis.extent.low_factor;
  double& high = axis.extent.high_factor;
  axis.scale = scale_for(unit, std::max(std::abs(low), std::abs(high)));
  const double divisor = axis.scale.divisor_ratio;
  const double wanted = (high - low) / divisor / std::max(1, tick_count);
  const double step = round_step(wanted, axis.scale.unit);
  if (!std::isfinite(step) || step <= 0.0) return axis;
  const double before = std::floor(low / divisor / step + kTolerance);
  const double after = std::ceil(high / divisor / step - kTolerance);
  // an end that all but reaches the next tick goes there: an hour of samples ends at 60 min
  constexpr double kNearEnough = 0.04;
  const double reach = round_out ? step * divisor : kNearEnough * (high - low);
  if (low - before * step * divisor <= reach) low = before * step * divisor;
  if (after * step * divisor - high <= reach) high = after * step * divisor;
  const int decimals = decimals_of(step);
  for (double i = before; i <= after; i += 1.0) {
    const double at = axis.place_fraction(i * step * divisor);
    if (at < -kTolerance || at > 1.0 + kTolerance) continue;
    std::string label = i == 0.0 ? "0" : column_text(i * step * divisor, {axis.scale, decimals});
    label.insert(label.starts_with('-') ? 1 : 0, axis.scale.before);
    axis.ticks.push_back({std::clamp(at, 0.0, 1.0), std::move(label)});
  }
  return axis;
}

Axis log_axis(Extent extent, std::string_view unit, int tick_count) {
  Axis axis;
  axis.logarithmic = true;
  double low = extent.low_factor;
  double high = extent.high_factor;
  if (!(low > 0.0) || !std::isfinite(high) || !(high > 0.0)) {
    low = std::isfinite(high) && high > 0.0 ? high / 10.0 : 1.0;
    high = std::isfinite(high) && high > 0.0 ? high : 10.0;
  }
  if (!(high > low * 1.01)) {
    low /= 2.0;
    high *= 2.0;
  }
  axis.extent = {low, high};
  const double decades = std::log10(high / low);
  const int first = static_cast<int>(std::floor(std::log10(low) - kTolerance));
  const int last = static_cast<int>(std::ceil(std::log10(high) + kTolerance));
  // long axes label every second or third decade
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / std::max(1, tick_count))));
  for (int exponent = first; exponent <= last; ++exponent) {
    for (int digit = 1; digit <= 9; ++digit) {
      const double value = digit * std::pow(10.0, exponent);
      const double at = axis.place_fraction(value);
      if (at < -kTolerance || at > 1.0 + kTolerance) continue;
      if (digit > 1 && decades > 6.0) break;
      const bool labelled =
          (digit > 1 || exponent % stride == 0) && short_label(digit, decades, tick_count);
      const auto label = [&] {
        return unit.empty() ? ratio_text(value, low, 1) : human_text(value, unit, 1);
      };
      axis.ticks.push_back({std::clamp(at, 0.0, 1.0), labelled ? label() : std::string{}});
    }
  }
  return axis;
}

}  // namespace penstock::report
