#include "penstock/report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "penstock/report/curve.h"
#include "penstock/report/palette.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

double weight_of(const Line& line) {
  const std::vector<Point> points = points_of(line);
  return std::accumulate(points.begin(), points.end(), 0.0,
                         [](double sum, Point p) { return sum + std::abs(p.y_factor); });
}

// adds up lines point by point; lines of one plot share their x unless they are hand-made
void add_line(Line& sum, const Line& line) {
  const size_t size = std::min(line.x.size(), line.y.size());
  for (size_t i = 0; i < size; ++i) {
    if (i < sum.x.size() && sum.x[i] == line.x[i]) {
      sum.y[i] += std::isfinite(line.y[i]) ? line.y[i] : 0.0;
      continue;
    }
    const auto same = std::find(sum.x.begin(), sum.x.end(), line.x[i]);
    if (same != sum.x.end()) {
      sum.y[static_cast<size_t>(same - sum.x.begin())] += line.y[i];
    } else {
      sum.x.push_back(line.x[i]);
      sum.y.push_back(line.y[i]);
    }
  }
}

}  // namespace

namespace {

std::string with_entities(std::string_view safe) {
  std::string out;
  out.reserve(safe.size());
  for (const char c : safe) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) { return with_entities(clean(text)); }

std::string escaped_name(std::string_view name) {
  std::string out;
  for (const char c : escaped(name)) {
    out += c;
    if (c == '.' || c == '_' || c == '/') out += "<wbr>";
  }
  return out;
}

std::string escaped_lines(std::string_view text) { return with_entities(clean_lines(text)); }

std::string series_class(size_t index) {
  return fmt::format("c{}", index % kLightPalette.series.size() + 1);
}

std::string phase_class(const std::string& phase, size_t index) {
  // waiting is grey, work is blue and green, lost work is red
  if (phase == "queue") return "c8";
  if (phase == "prefill") return "c1";
  if (phase == "preempted") return "c5";
  if (phase == "decode") return "c4";
  constexpr std::array kOthers = {"c2", "c3", "c6", "c7", "c1", "c4"};
  return kOthers.at(index % kOthers.size());
}

std::vector<Line> folded_lines(const Plot& plot, size_t lines_max) {
  struct Weighted {
    double weight;
    size_t index;
  };
  std::vector<Weighted> order;
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    if (!plot.lines[i].guide) order.push_back({weight_of(plot.lines[i]), i});
  }
  std::vector<bool> kept(plot.lines.size(), true);
  if (order.size() > lines_max) {
    std::stable_sort(order.begin(), order.end(),
                     [](const Weighted& a, const Weighted& b) { return a.weight > b.weight; });
    for (size_t i = lines_max; i < order.size(); ++i) kept[order[i].index] = false;
  }
  std::vector<Line> lines;
  Line other;
  size_t folded = 0;
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    if (kept[i]) {
      lines.push_back(plot.lines[i]);
    } else {
      add_line(other, plot.lines[i]);
      ++folded;
    }
  }
  if (folded == 0) return lines;
  other.name = fmt::format("{} others", folded);
  lines.push_back(std::move(other));
  return lines;
}

std::string percent(double place_fraction) {
  const double bounded =
      std::isfinite(place_fraction) ? std::clamp(place_fraction, -1.0, 2.0) : 0.0;
  std::string text = fmt::format("{:.3f}", bounded * 100.0);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + '%';
}

std::string with_unit(std::string_view name, std::string_view unit) {
  // "requests (request)" would say it twice
  const bool noun = unit.size() > 3;
  if (unit.empty() || (noun && name.find(unit) != std::string_view::npos)) {
    return std::string(name);
  }
  if (name.empty()) return std::string(unit);
  return fmt::format("{} ({})", name, unit);
}

std::string tick_labels(const Axis& axis, std::string_view side) {
  std::string out;
  const bool left = side == "left";
  bool odd = false;
  for (const Tick& tick : axis.ticks) {
    if (tick.label.empty()) continue;
    // long labels at the ends of a horizontal axis stay inside; every second label goes on narrow
    // screens
    const bool movable = !left && display_width(tick.label) > 4;
    std::string_view end;
    if (movable && tick.at_fraction > 0.985) end = " e";
    if (movable && tick.at_fraction < 0.015) end = " s";
    out +=
        fmt::format("<span class=\"{}{}\" style=\"{}:{}\">{}</span>", odd ? "o" : "m", end,
                    left ? "top" : "left",
                    percent(left ? 1.0 - tick.at_fraction : tick.at_fraction), escaped(tick.label));
    odd = !odd;
  }
  return out;
}

}  // namespace penstock::report
