/// Lines of plots as numbers: reading off values, thinning without losing extremes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "penstock/base/result.h"

namespace penstock::report {

/// A point of a line; both coordinates finite.
struct Point {
  double x_factor = 0.0;
  double y_factor = 0.0;
};

/// The finite points of a line in their order. Points beyond the shorter of x and y do not exist.
std::vector<Point> points_of(const Line& line);

/// At most about `points_max` of the points: first and last stay, and of every stretch between the
/// lowest and the highest, so peaks and dips survive. Points must be in order of x.
std::vector<Point> thinned(const std::vector<Point>& points, size_t points_max);

/// x where a distribution reaches a share, interpolated; NaN when it never does or is empty.
double quantile_factor(const std::vector<Point>& points, double share_fraction);

/// y at x, interpolated between neighbours; NaN outside.
double height_factor(const std::vector<Point>& points, double x_factor);

}  // namespace penstock::report
