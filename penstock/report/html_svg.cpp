#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/report/html_chart.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/json_writer.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

// units of the drawing; it is stretched to its box, so they only set the precision
constexpr int kAcross = 2000;  // finer than a screen is wide
constexpr int kDown = 1000;    // finer than a plot is tall

// "M" once, then relative steps: about five bytes a point
class Path {
 public:
  Path(const Axis& x, const Axis& y) : x_(x), y_(y) {}

  void go(Point point) {
    const int to_x = place(x_.place_fraction(point.x_factor), kAcross);
    const int to_y = kDown - place(y_.place_fraction(point.y_factor), kDown);
    if (text_.empty()) {
      text_ = fmt::format("M{} {}l", to_x, to_y);
    } else if (to_x != at_x_ || to_y != at_y_) {
      const int step_y = to_y - at_y_;
      fmt::format_to(std::back_inserter(text_), "{}{}{}{}", spaced_ ? " " : "", to_x - at_x_,
                     step_y < 0 ? "" : " ", step_y);
      spaced_ = true;
    }
    at_x_ = to_x;
    at_y_ = to_y;
  }
  [[nodiscard]] std::string take() {
    // a lone point is drawn as a dot: a step of no length with round ends
    if (text_.ends_with('l')) text_ += "0 0";
    return std::move(text_);
  }

 private:
  static int place(double fraction, int size) {
    // far outside is as good as outside, and keeps numbers short
    const double bounded = std::isfinite(fraction) ? std::clamp(fraction, -2.0, 3.0) : 0.0;
    return static_cast<int>(std::lround(bounded * size));
  }
  const Axis& x_;
  const Axis& y_;
  std::string text_;
  int at_x_ = 0;
  int at_y_ = 0;
  bool spaced_ = false;
};

std::string path_of(const Chart& chart, const std::vector<Point>& points) {
  Path path(chart.x, chart.y);
  for (const Point point : points) path.go(point);
  return path.take();
}

std::string grid_path(const Chart& chart) {
  std::string major;
  std::string minor;
  for (const Tick& tick : chart.y.ticks) {
    std::string& out = tick.label.empty() ? minor : major;
    out += fmt::format("M0 {}h{}", kDown - std::lround(tick.at_fraction * kDown), kAcross);
  }
  for (const Tick& tick : chart.x.ticks) {
    if (!chart.x.logarithmic) continue;
    std::string& out = tick.label.empty() ? minor : major;
    out += fmt::format("M{} 0v{}", std::lround(tick.at_fraction * kAcross), kDown);
  }
  std::string out;
  if (!minor.empty()) out += fmt::format("<path class=\"g2\" d=\"{}\"/>", minor);
  if (!major.empty()) out += fmt::format("<path class=\"g\" d=\"{}\"/>", major);
  return out;
}

std::string stacked_area(const Chart& chart, size_t at) {
  const ChartLine& line = chart.lines[at];
  std::vector<Point> edge = line.tops;
  // back along the top of the layer below, or along zero
  for (size_t i = line.tops.size(); i-- > 0;) {
    edge.push_back({line.tops[i].x_factor, line.tops[i].y_factor - line.points[i].y_factor});
  }
  return fmt::format("<path class=\"f {}\" d=\"{}z\"/>", line.colour, path_of(chart, edge));
}

std::string soft_area(const Chart& chart, const ChartLine& line) {
  std::vector<Point> edge = line.points;
  edge.push_back({line.points.back().x_factor, 0.0});
  edge.push_back({line.points.front().x_factor, 0.0});
  return fmt::format("<path class=\"s {}\" d=\"{}z\"/>", line.colour, path_of(chart, edge));
}

// false of a NaN
bool inside(double fraction) { return fraction > -0.01 && fraction < 1.01; }

std::string dots(const Chart& chart, const ChartLine& line, const std::vector<Point>& points,
                 std::string_view kind) {
  std::string d;
  for (const Point point : points) {
    const double x = chart.x.place_fraction(point.x_factor);
    const double y = chart.y.place_fraction(point.y_factor);
    if (!inside(x) || !inside(y)) continue;
    // square ends of a step of no length are not drawn on paper
    d += fmt::format("M{} {}h.01", std::lround(x * kAcross), kDown - std::lround(y * kDown));
  }
  return d.empty() ? d : fmt::format("<path class=\"{} {}\" d=\"{}\"/>", kind, line.colour, d);
}

std::string line_marks(const Chart& chart, size_t at, bool only_one) {
  const ChartLine& line = chart.lines[at];
  if (chart.kind == PlotKind::kScatter && !line.guide) {
    // shape backs up colour: every second series is square
    return dots(chart, line, line.points, at % 2 == 0 ? "p" : "p q");
  }
  if (!line.tops.empty()) return stacked_area(chart, at);
  std::string out;
  if (only_one && !line.guide && chart.kind == PlotKind::kLine && line.points.size() > 1) {
    out += soft_area(chart, line);
  }
  out += fmt::format("<path class=\"l {}\" d=\"{}\"/>", line.colour, path_of(chart, line.points));
  if (chart.kind == PlotKind::kCdf) out += dots(chart, line, line.quantiles, "m");
  return out;
}

// names beside points, as far as they do not cover each other on a plot of ordinary size
std::string point_labels(const Chart& chart) {
  constexpr double kWidth = 520.0;    // of a plot beside another on a desk
  constexpr double kHeight = 260.0;   // .area in the style sheet
  constexpr double kCharacter = 6.0;  // of the label's font
  constexpr double kLabelTall = 14.0;
  struct Box {
    double left, right, middle;
  };
  std::vector<Box> taken;
  std::string out;
  for (const ChartLine& line : chart.lines) {
    for (size_t i = 0; i < std::min(line.labels.size(), line.points.size()); ++i) {
      const double x = chart.x.place_fraction(line.points[i].x_factor);
      const double y = chart.y.place_fraction(line.points[i].y_factor);
      if (line.labels[i].empty() || x < 0.0 || x > 1.0 || y < 0.0 || y > 1.0) continue;
      const std::string text = elide(clean(line.labels[i]), 28);
      const double width = display_width(text) * kCharacter + 10.0;
      const bool leftwards = x * kWidth + width > kWidth;
      const double left = leftwards ? x * kWidth - width : x * kWidth;
      const Box box{left, left + width, y * kHeight};
      const bool free = std::none_of(taken.begin(), taken.end(), [&](const Box& other) {
        return box.left < other.right && other.left < box.right &&
               std::abs(box.middle - other.middle) < kLabelTall;
      });
      if (!free || left < 0.0) continue;
      taken.push_back(box);
      out += fmt::format("<span class=\"pl{}\" style=\"left:{};bottom:{}\">{}</span>",
                         leftwards ? " w" : "", percent(x), percent(y), escaped(text));
    }
  }
  return out;
}

// what the drawing says, for those who cannot see it
std::string summary(const Chart& chart) {
  std::string text;
  for (const ChartLine& line : chart.lines) {
    if (line.guide) continue;
    if (!text.empty()) text += "; ";
    text += line.name + ": ";
    if (chart.kind == PlotKind::kCdf) {
      text += fmt::format("median {}, 99th percentile {}",
                          human_text(quantile_factor(line.points, 0.5), chart.x_unit),
                          human_text(quantile_factor(line.points, 0.99), chart.x_unit));
      continue;
    }
    const auto [low, high] =
        std::minmax_element(line.points.begin(), line.points.end(),
                            [](Point a, Point b) { return a.y_factor < b.y_factor; });
    text += fmt::format("{} to {}", human_text(low->y_factor, chart.y_unit),
                        human_text(high->y_factor, chart.y_unit));
  }
  return text;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  const auto guides = std::count_if(chart.lines.begin(), chart.lines.end(),
                                    [](const ChartLine& line) { return line.guide; });
  const bool only_one = static_cast<size_t>(guides) + 1 == chart.lines.size();
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
      kAcross, kDown, escaped(summary(chart)));
  out += grid_path(chart);
  if (chart.kind == PlotKind::kCdf) {
    std::string levels;
    for (const double share : kQuantiles) {
      levels += fmt::format("M0 {}h{}", std::lround(kDown * (1.0 - share)), kAcross);
    }
    out += fmt::format("<path class=\"h\" d=\"{}\"/>", levels);
  }
  for (size_t i = 0; i < chart.lines.size(); ++i) out += line_marks(chart, i, only_one);
  out += "</svg>";
  if (chart.kind == PlotKind::kCdf) {
    for (const double share : kQuantiles) {
      out += fmt::format("<span class=\"pm\" style=\"bottom:{}\">p{:.0f}</span>", percent(share),
                         share * 100.0);
    }
  }
  if (chart.kind == PlotKind::kScatter) out += point_labels(chart);
  return out;
}

}  // namespace penstock::report
