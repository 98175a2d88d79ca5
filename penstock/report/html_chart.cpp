#include "penstock/report/html_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "penstock/report/html_parts.h"
#include "penstock/report/palette.h"

namespace penstock::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Bounds {
 public:
  void take(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  [[nodiscard]] bool any() const { return low_ <= high_; }
  [[nodiscard]] double low() const { return any() ? low_ : 0.0; }
  [[nodiscard]] double high() const { return any() ? high_ : 0.0; }
  [[nodiscard]] Extent extent() const { return {low(), high()}; }

 private:
  double low_ = kInfinity;
  double high_ = -kInfinity;
};

std::vector<Point> quantiles_of(const std::vector<Point>& points) {
  std::vector<Point> quantiles;
  for (const double share : kQuantiles) {
    const double value = quantile_factor(points, share);
    if (std::isfinite(value)) quantiles.push_back({value, share});
  }
  return quantiles;
}

std::vector<ChartLine> plain_lines(const Plot& plot, size_t points_max) {
  std::vector<ChartLine> lines;
  size_t series = 0;
  for (const Line& line : plot.lines) {
    ChartLine drawn;
    drawn.name = line.name;
    drawn.guide = line.guide;
    drawn.colour = line.guide ? "cg" : series_class(series++);
    drawn.points = points_of(line);
    if (plot.kind == PlotKind::kScatter) {
      // both axes are logarithmic: what is not positive has no place on them
      std::erase_if(drawn.points, [](Point p) { return p.x_factor <= 0.0 || p.y_factor <= 0.0; });
      // a label belongs to the point of its index, so labels count only where none was left out
      if (drawn.points.size() == line.x.size()) drawn.labels = line.labels;
    } else {
      std::stable_sort(drawn.points.begin(), drawn.points.end(),
                       [](Point a, Point b) { return a.x_factor < b.x_factor; });
      // read off before thinning, so that they agree with the metrics
      if (plot.kind == PlotKind::kCdf) drawn.quantiles = quantiles_of(drawn.points);
      drawn.points = thinned(drawn.points, points_max);
    }
    if (!drawn.points.empty()) lines.push_back(std::move(drawn));
  }
  return lines;
}

// where any of the lines has a point, thinned to keep the extremes of the sum
std::vector<double> common_places(const std::vector<std::vector<Point>>& lines, size_t points_max) {
  std::vector<double> places;
  for (const auto& line : lines) {
    for (const Point point : line) places.push_back(point.x_factor);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<Point> sums;
  sums.reserve(places.size());
  for (const double place : places) sums.push_back({place, 0.0});
  for (const auto& line : lines) {
    for (Point& sum : sums) {
      const double height = height_factor(line, sum.x_factor);
      if (std::isfinite(height)) sum.y_factor += height;
    }
  }
  places.clear();
  for (const Point sum : thinned(sums, points_max)) places.push_back(sum.x_factor);
  return places;
}

std::vector<ChartLine> stacked_lines(const Plot& plot, size_t points_max) {
  const size_t series_count = kLightPalette.series.size();
  const std::vector<Line> folded = folded_lines(plot, series_count);
  std::vector<std::vector<Point>> points;
  for (const Line& line : folded) {
    points.push_back(points_of(line));
    std::stable_sort(points.back().begin(), points.back().end(),
                     [](Point a, Point b) { return a.x_factor < b.x_factor; });
  }
  const std::vector<double> places = common_places(points, points_max);
  std::vector<double> tops(places.size(), 0.0);
  std::vector<ChartLine> lines;
  size_t series = 0;
  for (size_t l = 0; l < folded.size(); ++l) {
    ChartLine drawn;
    drawn.name = folded[l].name;
    drawn.guide = folded[l].guide;
    const std::string colour = series < series_count ? series_class(series) : "c0";
    drawn.colour = drawn.guide ? "cg" : colour;
    if (drawn.guide) {
      drawn.points = thinned(points[l], points_max);
    } else {
      ++series;
      for (size_t i = 0; i < places.size(); ++i) {
        const double height = height_factor(points[l], places[i]);
        const double layer = std::isfinite(height) ? std::max(0.0, height) : 0.0;
        tops[i] += layer;
        drawn.points.push_back({places[i], layer});
        drawn.tops.push_back({places[i], tops[i]});
      }
    }
    if (!points[l].empty()) lines.push_back(std::move(drawn));
  }
  return lines;
}

// a guide far above all data would flatten it; it stays in the legend and out of sight
constexpr double kGuideReach = 3.0;

void choose_linear_axes(Chart& chart) {
  Bounds x;
  Bounds y;
  for (const ChartLine& line : chart.lines) {
    if (line.guide) continue;
    for (const Point p : line.points) x.take(p.x_factor);
    for (const Point p : line.tops.empty() ? line.points : line.tops) y.take(p.y_factor);
  }
  const double data_high = y.high();
  for (const ChartLine& line : chart.lines) {
    if (!line.guide) continue;
    for (const Point p : line.points) {
      if (!x.any()) x.take(p.x_factor);
      if (p.y_factor <= data_high * kGuideReach || !y.any()) y.take(p.y_factor);
    }
  }
  // amounts are compared by their height above zero
  y.take(0.0);
  chart.x = linear_axis(x.extent(), chart.x_unit, 6, false);
  chart.y = linear_axis(y.extent(), chart.y_unit, 4, true);
}

void choose_cdf_axes(Chart& chart) {
  Bounds x;
  for (const ChartLine& line : chart.lines) {
    for (const Point p : line.points) {
      if (p.x_factor > 0.0) x.take(p.x_factor);
    }
  }
  chart.x = log_axis(x.extent(), chart.x_unit, 6);
  chart.y.extent = {0.0, 1.0};
  chart.y.scale = {0.01, "", "%"};
  chart.y.ticks = {{0.0, "0"}, {0.25, "25"}, {0.5, "50"}, {0.75, "75"}, {1.0, "100"}};
}

// the data with room around it, the knees of the guides, and the guides' heights within that
void choose_scatter_axes(Chart& chart) {
  constexpr double kRoom = 1.6;
  Bounds x;
  Bounds y;
  for (const ChartLine& line : chart.lines) {
    for (size_t i = 0; i < line.points.size(); ++i) {
      const bool inner = i > 0 && i + 1 < line.points.size();
      if (line.guide && !inner) continue;
      x.take(line.points[i].x_factor);
      y.take(line.points[i].y_factor);
    }
  }
  if (!x.any()) {
    for (const ChartLine& line : chart.lines) {
      for (const Point p : line.points) {
        x.take(p.x_factor);
        y.take(p.y_factor);
      }
    }
  }
  for (const ChartLine& line : chart.lines) {
    for (const Point p : line.points) {
      const bool beside = p.x_factor >= x.low() / kRoom && p.x_factor <= x.high() * kRoom;
      if (line.guide && beside) y.take(p.y_factor);
    }
  }
  chart.x = log_axis({x.low() / kRoom, x.high() * kRoom}, chart.x_unit, 6);
  chart.y = log_axis({y.low() / kRoom, y.high() * kRoom}, chart.y_unit, 5);
}

}  // namespace

Chart chart_of(const Plot& plot, size_t points_max) {
  Chart chart;
  chart.kind = plot.kind;
  chart.x_name = plot.x_name;
  chart.x_unit = plot.x_unit;
  chart.y_name = plot.y_name;
  chart.y_unit = plot.y_unit;
  chart.lines = plot.kind == PlotKind::kStacked ? stacked_lines(plot, points_max)
                                                : plain_lines(plot, points_max);
  if (plot.kind == PlotKind::kScatter) {
    choose_scatter_axes(chart);
  } else if (plot.kind == PlotKind::kCdf) {
    choose_cdf_axes(chart);
  } else {
    choose_linear_axes(chart);
  }
  return chart;
}

}  // namespace penstock::report
