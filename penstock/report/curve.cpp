#include "penstock/report/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock::report {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double between(Point a, Point b, double share) {
  return a.x_factor + (b.x_factor - a.x_factor) * share;
}

}  // namespace

std::vector<Point> points_of(const Line& line) {
  std::vector<Point> points;
  const size_t size = std::min(line.x.size(), line.y.size());
  points.reserve(size);
  for (size_t i = 0; i < size; ++i) {
    if (std::isfinite(line.x[i]) && std::isfinite(line.y[i]))
      points.push_back({line.x[i], line.y[i]});
  }
  return points;
}

std::vector<Point> thinned(const std::vector<Point>& points, size_t points_max) {
  const size_t room = std::max<size_t>(points_max, 4);
  if (points.size() <= room) return points;
  std::vector<Point> kept = {points.front()};
  // two points a stretch, besides the first and the last of all
  const size_t stretches = (room - 2) / 2;
  const size_t inner = points.size() - 2;
  for (size_t s = 0; s < stretches; ++s) {
    const size_t from = 1 + inner * s / stretches;
    const size_t to = 1 + inner * (s + 1) / stretches;
    const auto first = points.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = points.begin() + static_cast<std::ptrdiff_t>(to);
    auto [low, high] =
        std::minmax_element(first, last, [](Point a, Point b) { return a.y_factor < b.y_factor; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
  }
  kept.push_back(points.back());
  return kept;
}

double quantile_factor(const std::vector<Point>& points, double share_fraction) {
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].y_factor < share_fraction) continue;
    if (i == 0) return points[0].x_factor;
    const double rise = points[i].y_factor - points[i - 1].y_factor;
    return between(points[i - 1], points[i], (share_fraction - points[i - 1].y_factor) / rise);
  }
  return kNothing;
}

double height_factor(const std::vector<Point>& points, double x_factor) {
  if (points.empty() || x_factor < points.front().x_factor || x_factor > points.back().x_factor) {
    return kNothing;
  }
  const auto after = std::lower_bound(points.begin(), points.end(), x_factor,
                                      [](Point point, double x) { return point.x_factor < x; });
  if (after == points.begin() || after->x_factor == x_factor) return after->y_factor;
  const Point before = *(after - 1);
  const double share = (x_factor - before.x_factor) / (after->x_factor - before.x_factor);
  return before.y_factor + (after->y_factor - before.y_factor) * share;
}

}  // namespace penstock::report
