#include "penstock/serving/stretch.h"

#include <algorithm>
#include <cmath>

namespace penstock::serving {
namespace {

/// Real-valued number of steps that fill `span` ticks; a first guess for the exact search.
double guess_steps(const Stretch& stretch, Int128 span) {
  const auto s = static_cast<double>(span);
  const auto g = static_cast<double>(stretch.growth);
  const double b = static_cast<double>(stretch.first) - g / 2.0;
  if (g == 0.0) return b > 0.0 ? s / b : 0.0;
  const double root = b * b + 2.0 * g * s;
  return root > 0.0 ? (std::sqrt(root) - b) / g : 0.0;
}

}  // namespace

int64_t Stretch::steps_reaching(Time time) const {
  // ceil(ticks) >= time on the clock means ticks > one clock tick before it
  const Int128 target = Fine::from_time(time).ticks - ((Int128{1} << kFineBits) - 1);
  const double guess = guess_steps(*this, target - start.ticks);
  auto steps = static_cast<int64_t>(std::clamp(guess, 1.0, static_cast<double>(count)));
  while (steps > 1 && end_of(steps - 1).ticks >= target) --steps;
  while (steps < count && end_of(steps).ticks < target) ++steps;
  return steps;
}

int64_t Stretch::steps_within(Time time) const {
  const Int128 target = Fine::from_time(time).ticks;
  if (target < start.ticks) return 0;
  const double guess = guess_steps(*this, target - start.ticks);
  auto steps = static_cast<int64_t>(std::clamp(guess, 0.0, static_cast<double>(count)));
  while (steps > 0 && end_of(steps).ticks > target) --steps;
  while (steps < count && end_of(steps + 1).ticks <= target) ++steps;
  return steps;
}

}  // namespace penstock::serving
