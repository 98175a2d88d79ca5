#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/report/html_chart.h"
#include "penstock/report/json.h"
#include "penstock/report/json_writer.h"

namespace penstock::report {
namespace {

// a tooltip shows four digits; five leave room for the sums it makes
void write_short(JsonWriter& json, double value) {
  if (std::isfinite(value)) {
    json.raw(fmt::format("{:.5g}", value));
  } else {
    json.null();
  }
}

void write_axis(JsonWriter& json, std::string_view key, const Axis& axis, const std::string& name,
                const std::string& unit) {
  json.key(key).open('{').key("n").text(name).key("log").boolean(axis.logarithmic);
  json.key("a").number(axis.extent.low_factor).key("b").number(axis.extent.high_factor);
  // every scale of the unit: from which size on, divisor, text before, text after
  json.key("s").open('[');
  for (const Scale& scale : scales_of(unit)) {
    json.open('[').number(scale_from_factor(unit, scale)).number(scale.divisor_ratio);
    json.text(scale.before).text(scale.unit).close(']');
  }
  json.close(']');
  if (const std::string many = plural_of(unit); many != unit) {
    json.key("one").text(unit).key("many").text(many);
  }
  json.close('}');
}

bool evenly_spaced(const std::vector<Point>& points) {
  if (points.size() < 3) return false;
  const double step =
      (points.back().x_factor - points.front().x_factor) / static_cast<double>(points.size() - 1);
  for (size_t i = 0; i < points.size(); ++i) {
    const double expected = points.front().x_factor + step * static_cast<double>(i);
    if (!(std::abs(points[i].x_factor - expected) <= 1e-6 * std::abs(step))) return false;
  }
  return step > 0.0;
}

bool same_places(const std::vector<Point>& a, const std::vector<Point>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](Point p, Point q) { return p.x_factor == q.x_factor; });
}

void write_places(JsonWriter& json, const std::vector<Point>& points) {
  if (evenly_spaced(points)) {
    // first, step, count
    const double step =
        (points.back().x_factor - points.front().x_factor) / static_cast<double>(points.size() - 1);
    json.open('{').key("f").number(points.front().x_factor).key("d").number(step);
    json.key("c").integer(static_cast<int64_t>(points.size())).close('}');
    return;
  }
  json.open('[');
  for (const Point point : points) write_short(json, point.x_factor);
  json.close(']');
}

}  // namespace

std::string chart_data(const Chart& chart) {
  JsonWriter json(true);
  json.open('{').key("k").text(plot_kind_name(chart.kind));
  write_axis(json, "x", chart.x, chart.x_name, chart.x_unit);
  write_axis(json, "y", chart.y, chart.y_name, chart.kind == PlotKind::kCdf ? "" : chart.y_unit);
  // lines that share their places name the list they use
  std::vector<size_t> owners;
  std::vector<size_t> list_of;
  for (size_t l = 0; l < chart.lines.size(); ++l) {
    const auto same = std::find_if(owners.begin(), owners.end(), [&](size_t owner) {
      return same_places(chart.lines[owner].points, chart.lines[l].points);
    });
    list_of.push_back(static_cast<size_t>(same - owners.begin()));
    if (same == owners.end()) owners.push_back(l);
  }
  json.key("xs").open('[');
  for (const size_t owner : owners) write_places(json, chart.lines[owner].points);
  json.close(']').key("l").open('[');
  for (size_t l = 0; l < chart.lines.size(); ++l) {
    const ChartLine& line = chart.lines[l];
    json.open('{').key("n").text(line.name).key("c").text(line.colour);
    json.key("g").boolean(line.guide).key("i").integer(static_cast<int64_t>(list_of[l]));
    json.key("y").open('[');
    for (const Point point : line.points) write_short(json, point.y_factor);
    json.close(']');
    if (!line.labels.empty()) {
      json.key("t").open('[');
      for (const std::string& label : line.labels) json.text(label);
      json.close(']');
    }
    json.close('}');
  }
  return json.close(']').close('}').take();
}

}  // namespace penstock::report
