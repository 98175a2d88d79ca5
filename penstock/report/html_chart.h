/// A plot with two axes, ready to draw: lines thinned, axes chosen. Internal to the report module.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/report/axis.h"
#include "penstock/report/curve.h"

namespace penstock::report {

struct ChartLine {
  std::string name;
  std::string colour;  ///< CSS class
  bool guide = false;
  std::vector<Point> points;
  std::vector<Point> tops;  ///< of stacked lines: where the upper edge runs; else empty
  std::vector<std::string> labels;
  std::vector<Point> quantiles;  ///< of a distribution: p50, p90, p99 as far as it has them
};

/// The quantiles that a distribution shows.
inline constexpr std::array kQuantiles = {0.5, 0.9, 0.99};

struct Chart {
  PlotKind kind = PlotKind::kLine;
  std::string x_name, x_unit, y_name, y_unit;
  Axis x, y;
  std::vector<ChartLine> lines;  ///< those with points
};

/// The chart of a plot that is not bars, with at most `points_max` points a line.
Chart chart_of(const Plot& plot, size_t points_max);

/// The drawing: an SVG that stretches with its box, its labels placed over it.
std::string chart_svg(const Chart& chart);

/// The numbers behind the drawing as JSON for the crosshair, safe inside a script element.
std::string chart_data(const Chart& chart);

}  // namespace penstock::report
