#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/report/curve.h"
#include "penstock/report/grid.h"
#include "penstock/report/number.h"
#include "penstock/report/text.h"
#include "penstock/report/text_paint.h"
#include "penstock/report/timeline_view.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

constexpr int kLabelWidest = 32;
constexpr int kBarNarrowest = 8;

std::string title_line(std::string_view title, const TextOptions& options) {
  if (title.empty()) return {};
  return Paint(options).bold(elide(clean(title), options.width, options.unicode)) + '\n';
}

// a bar of eighths of a character, so that close values still differ
std::string bar(double fraction, int width, bool unicode) {
  constexpr std::array kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(fraction > 0.0)) return {};
  const int eighths =
      std::max(1, static_cast<int>(std::lround(std::min(fraction, 1.0) * width * 8)));
  std::string out;
  if (!unicode) return std::string(static_cast<size_t>(std::max(1, eighths / 8)), '#');
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  return out + kEighths.at(static_cast<size_t>(eighths % 8));
}

std::string stacked_bars(const Plot& plot, const TextOptions& options) {
  std::vector<TextBar> bars;
  bars.reserve(plot.categories.size());
  for (const std::string& category : plot.categories) bars.push_back({category, 0.0});
  for (const Line& line : plot.lines) {
    for (const Point& point : points_of(line)) {
      const double at = std::round(point.x_factor);
      if (at < 0.0 || at >= static_cast<double>(bars.size())) continue;
      bars[static_cast<size_t>(at)].value_factor += point.y_factor;
    }
  }
  return bars_text(bars, plot.y_unit, options);
}

std::string quantile_table(const Plot& plot, const TextOptions& options) {
  constexpr std::array kShares = {0.10, 0.50, 0.90, 0.95, 0.99};
  Grid grid;
  grid.columns.push_back({clean(plot.x_name), "", false, true});
  for (const double share : kShares) {
    grid.columns.push_back({fmt::format("p{:.0f}", share * 100), "", true, false});
  }
  grid.columns.push_back({"max", "", true, false});
  for (const Line& line : plot.lines) {
    const std::vector<Point> points = points_of(line);
    std::vector<std::string> cells = {clean(line.name)};
    for (const double share : kShares) {
      cells.push_back(human_text(quantile_factor(points, share), plot.x_unit));
    }
    cells.push_back(points.empty() ? "n/a" : human_text(points.back().x_factor, plot.x_unit));
    grid.rows.push_back(std::move(cells));
  }
  return grid_text(std::move(grid), options);
}

std::string sparkline(const std::vector<Point>& points, double top, int width, bool unicode) {
  constexpr std::array kUnicode = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array kPlain = {" ", ".", ".", ":", ":", "-", "=", "+", "#"};
  const double first = points.front().x_factor;
  const double span = points.back().x_factor - first;
  std::string out;
  size_t at = 0;
  for (int c = 0; c < width; ++c) {
    // the highest point of the stretch behind this character, or the line where it has none
    const double end = first + span * (c + 1) / width;
    double height = height_factor(points, first + span * (c + 0.5) / width);
    for (; at < points.size() && (points[at].x_factor < end || c == width - 1); ++at) {
      height = std::isnan(height) ? points[at].y_factor : std::max(height, points[at].y_factor);
    }
    const double share = top > 0.0 && height > 0.0 ? std::min(1.0, height / top) : 0.0;
    const auto level = static_cast<size_t>(std::ceil(share * 8.0));
    out += unicode ? kUnicode.at(level) : kPlain.at(level);
  }
  return out;
}

// "16 to 85 sequences": one unit for both ends
std::string range_text(double bottom, double top, std::string_view unit) {
  // a bottom far below a minute keeps seconds, as in a table's column
  const std::array ends = {bottom, top};
  const bool seconds = column_scale(ends, unit).scale.unit == "s";
  const Scale scale = seconds ? scale_for(unit, 1.0) : scale_for(unit, top);
  const std::string high = seconds ? number_text(top) + " s" : human_text(top, unit);
  return fmt::format("{}{} to {}", scale.before, number_text(bottom / scale.divisor_ratio), high);
}

std::string sparklines(const Plot& plot, const TextOptions& options) {
  int label = 0;
  for (const Line& line : plot.lines) label = std::max(label, display_width(clean(line.name)));
  label = std::min({label, kLabelWidest, options.width / 2 - kBarNarrowest - 4});
  std::string out;
  for (const Line& line : plot.lines) {
    const std::vector<Point> points = points_of(line);
    if (points.empty() || line.guide) continue;
    double top = points[0].y_factor;
    double bottom = top;
    for (const Point& point : points) {
      top = std::max(top, point.y_factor);
      bottom = std::min(bottom, point.y_factor);
    }
    const std::string range = elide(range_text(bottom, top, plot.y_unit), options.width / 2);
    const int room = options.width - label - 4 - display_width(range);
    out += pad_right(elide(clean(line.name), label, options.unicode), label) + "  " +
           sparkline(points, top, room, options.unicode) + "  " + range + '\n';
  }
  return out;
}

struct Glyphs {
  std::vector<std::string> of_phase;
};

Glyphs glyphs_for(const std::vector<std::string>& phases, bool unicode) {
  constexpr std::array<std::array<std::string_view, 3>, 4> kKnown = {
      {{"queue", "░", "."}, {"prefill", "█", "#"}, {"preempted", "×", "x"}, {"decode", "━", "="}}};
  constexpr std::array<std::string_view, 6> kUnicode = {"▓", "▒", "◆", "○", "▚", "●"};
  constexpr std::array<std::string_view, 6> kPlain = {"@", "%", "*", "o", "+", "~"};
  Glyphs glyphs;
  size_t other = 0;
  for (const std::string& phase : phases) {
    const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                    [&](const auto& row) { return row[0] == phase; });
    if (known != kKnown.end()) {
      glyphs.of_phase.emplace_back(unicode ? (*known)[1] : (*known)[2]);
    } else {
      glyphs.of_phase.emplace_back((unicode ? kUnicode : kPlain).at(other++ % kPlain.size()));
    }
  }
  return glyphs;
}

// each character shows the phase that covers most of it; a span that covers most of none still
// gets one, because a short phase must not look absent
std::string lane_bar(const LaneView& lane, const Glyphs& glyphs, int width) {
  constexpr size_t kNone = static_cast<size_t>(-1);
  std::vector<double> covered(static_cast<size_t>(width), 0.0);
  std::vector<size_t> owner(static_cast<size_t>(width), kNone);
  const auto column = [&](double fraction) {
    return std::clamp(static_cast<int>(std::floor(fraction * width)), 0, width - 1);
  };
  for (size_t s = 0; s < lane.spans.size(); ++s) {
    const SpanView& span = lane.spans[s];
    for (int c = column(span.from_fraction); c <= column(span.to_fraction); ++c) {
      const double from = std::max(span.from_fraction * width, static_cast<double>(c));
      const double to = std::min(span.to_fraction * width, static_cast<double>(c + 1));
      const auto at = static_cast<size_t>(c);
      if (to - from <= covered[at]) continue;
      covered[at] = to - from;
      owner[at] = s;
    }
  }
  for (size_t s = 0; s < lane.spans.size(); ++s) {
    const SpanView& span = lane.spans[s];
    if (std::find(owner.begin(), owner.end(), s) != owner.end()) continue;
    const auto at = static_cast<size_t>(column((span.from_fraction + span.to_fraction) / 2));
    const auto shown = std::count(owner.begin(), owner.end(), owner[at]);
    if (owner[at] == kNone || shown > 1) owner[at] = s;
  }
  std::string out;
  for (const size_t s : owner) out += s == kNone ? " " : glyphs.of_phase[lane.spans[s].phase];
  return out;
}

std::string total_of(const LaneView& lane) { return human_text(lane.total.value(), "s"); }

std::string axis_line(const Axis& axis, int width) {
  std::string line(static_cast<size_t>(width), ' ');
  int free_from = 0;
  for (size_t t = 0; t < axis.ticks.size(); ++t) {
    // the unit stands once, behind the last number
    std::string label = axis.ticks[t].label;
    if (t + 1 == axis.ticks.size()) label += " " + axis.scale.unit;
    const int length = display_width(label);
    const int centre = static_cast<int>(axis.ticks[t].at_fraction * width);
    const int start = std::clamp(centre - length / 2, 0, std::max(0, width - length));
    if (start < free_from || start + length > width) continue;
    // labels are ASCII but for the µ of "µs", which may only come last
    line.replace(static_cast<size_t>(start), static_cast<size_t>(length), label);
    free_from = start + length + 1;
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string legend_line(const TimelineView& view, const Glyphs& glyphs,
                        const TextOptions& options) {
  std::string legend;
  for (size_t p = 0; p < view.phases.size(); ++p) {
    legend +=
        fmt::format("{}{} {}", p == 0 ? "" : "   ", glyphs.of_phase[p], clean(view.phases[p]));
  }
  return elide(legend, options.width, options.unicode) + '\n';
}

}  // namespace

std::string bars_text(std::span<const TextBar> bars, std::string_view unit,
                      const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  double most = 0.0;
  int label = 0;
  std::vector<double> values;
  for (const TextBar& row : bars) {
    if (std::isfinite(row.value_factor)) most = std::max(most, row.value_factor);
    label = std::max(label, display_width(clean(row.label)));
    values.push_back(row.value_factor);
  }
  const ColumnScale scale = column_scale(values, unit);
  std::vector<std::string> numbers;
  int number = 0;
  for (const double value : values) {
    const std::string text = fmt::format("{}{}{}{}", scale.scale.before, column_text(value, scale),
                                         scale.scale.unit.empty() ? "" : " ", scale.scale.unit);
    numbers.push_back(elide(text, options.width / 3, options.unicode));
    number = std::max(number, display_width(numbers.back()));
  }
  label = std::min({label, kLabelWidest, options.width - number - kBarNarrowest - 4});
  const int room = options.width - label - number - 4;
  std::string out;
  for (size_t i = 0; i < bars.size(); ++i) {
    const double share = most > 0.0 ? bars[i].value_factor / most : 0.0;
    const std::string name = elide(clean(bars[i].label), label, options.unicode);
    std::string line = pad_right(name, label) + "  " + pad_left(numbers[i], number) + "  " +
                       bar(share, room, options.unicode);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string plot_text(const Plot& plot, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  const std::string title = title_line(plot.title, options);
  const auto empty = [](const Line& line) { return points_of(line).empty(); };
  if (std::all_of(plot.lines.begin(), plot.lines.end(), empty)) return {};
  switch (plot.kind) {
    case PlotKind::kBars: return title + stacked_bars(plot, options);
    case PlotKind::kCdf: return title + quantile_table(plot, options);
    case PlotKind::kLine:
    case PlotKind::kStacked: return title + sparklines(plot, options);
    case PlotKind::kScatter: break;
  }
  // a cloud of points says nothing in characters; result.json and the page carry it
  return {};
}

std::string waterfall_text(const Timeline& timeline, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  // a tick label and the gap behind it take about a dozen characters
  const TimelineView view = timeline_view(timeline, timeline.lanes.size(), options.width / 12);
  int label = 0;
  int total = 0;
  for (const LaneView& lane : view.lanes) {
    label = std::max(label, display_width(lane.name));
    total = std::max(total, display_width(total_of(lane)));
  }
  label = std::min(label, options.width * 2 / 5);
  const int room = std::max(kBarNarrowest, options.width - label - total - 4);
  const Glyphs glyphs = glyphs_for(view.phases, options.unicode);
  std::string out = title_line(timeline.title, options);
  if (view.lanes.empty()) return out;
  out += legend_line(view, glyphs, options);
  for (const LaneView& lane : view.lanes) {
    out += pad_right(elide(lane.name, label, options.unicode), label) + "  " +
           lane_bar(lane, glyphs, room) + "  " + pad_left(total_of(lane), total) + '\n';
  }
  return out + std::string(static_cast<size_t>(label) + 2, ' ') + axis_line(view.axis, room) + '\n';
}

}  // namespace penstock::report
