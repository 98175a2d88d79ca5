#include "penstock/workload/knots.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/base/check.h"
#include "penstock/base/rng.h"

namespace penstock::workload {
namespace {

using Knot = ScoreTable::Knot;

constexpr size_t kSampleMax = 20'000;  // its own error, about 1/141, is near the tolerance

/// Evenly spaced values of a sorted sample, both ends kept.
std::vector<double> thinned(std::vector<double> sorted) {
  if (sorted.size() <= kSampleMax) return sorted;
  std::vector<double> few(kSampleMax);
  for (size_t i = 0; i < kSampleMax; ++i)
    few[i] = sorted[i * (sorted.size() - 1) / (kSampleMax - 1)];
  return few;
}

/// Corners of the sample's distribution function: the share just below each value and at it.
std::vector<Knot> corners(const std::vector<double>& sorted, bool whole_numbers) {
  constexpr double kJustBelow = 1.0 - 1e-9;
  const auto n = static_cast<double>(sorted.size());
  std::vector<Knot> result;
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    // a whole number is drawn by rounding up, so its share begins above the number before it
    const double below = whole_numbers ? sorted[i] - 1.0 : sorted[i] * kJustBelow;
    const bool repeated = !result.empty() && result.back().value_factor >= below;
    if (i > 0 && !repeated) result.push_back({static_cast<double>(i) / n, below});
    result.push_back({static_cast<double>(end) / n, sorted[i]});
    i = end;
  }
  return result;
}

bool before(const Knot& a, const Knot& b) {
  return a.share_fraction < b.share_fraction ||
         (a.share_fraction == b.share_fraction && a.value_factor < b.value_factor);
}

/// Puts a knot in its place; false when it is there already.
bool insert(std::vector<Knot>& knots, const Knot& knot) {
  const auto place = std::lower_bound(knots.begin(), knots.end(), knot, before);
  if (place != knots.end() && !before(knot, *place)) return false;
  knots.insert(place, knot);
  return true;
}

}  // namespace

std::vector<Knot> fit_knots(std::vector<double> values, const KnotOptions& options) {
  PENSTOCK_CHECK(!values.empty(), "a sample of {} values", values.size());
  std::sort(values.begin(), values.end());
  PENSTOCK_CHECK(values.front() > 0.0, "a value of {}", values.front());
  const double half = 0.5 / static_cast<double>(values.size());
  const double last = values.back();
  values = thinned(std::move(values));
  const std::vector<Knot> points = corners(values, options.whole_numbers);
  std::vector<Knot> knots = {points.front()};
  if (points.size() == 1) return knots;
  knots.front().share_fraction = std::min(knots.front().share_fraction, 1.0 - half);
  insert(knots, {1.0 - half, last});
  // the tails carry much of the mean and little of the distance
  constexpr std::array kTails = {0.001, 0.01, 0.99, 0.997, 0.999};
  for (const double share : kTails) {
    const auto at = std::find_if(points.begin(), points.end(),
                                 [&](const Knot& p) { return p.share_fraction >= share; });
    if (at != points.end() && at->share_fraction < 1.0 - half) insert(knots, *at);
  }
  while (static_cast<int64_t>(knots.size()) < options.count) {
    const ScoreTable table(knots);
    const Knot* worst = nullptr;
    double worst_miss = options.tolerance_fraction;
    for (const Knot& point : points) {
      const double share = normal_cdf_factor(table.score_of_factor(point.value_factor));
      const double miss = std::abs(share - point.share_fraction);
      if (miss > worst_miss && point.share_fraction < 1.0 - half) {
        worst = &point;
        worst_miss = miss;
      }
    }
    if (worst == nullptr || !insert(knots, *worst)) break;
  }
  return knots;
}

}  // namespace penstock::workload
