#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/report/curve.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/palette.h"
#include "penstock/report/timeline_view.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

// more lanes than a page of paper holds are for Perfetto; so are more spans than a reader can tell
constexpr size_t kLanesShown = 60;
constexpr size_t kSpansShown = 3000;

std::string legend_item(const std::string& colour, std::string_view name) {
  return fmt::format("<li><i class=\"k {}\"></i>{}</li>", colour, escaped(name));
}

std::string grid_lines(const Axis& axis, size_t rows) {
  std::string out = fmt::format("<div class=\"gl\" style=\"grid-row:1/span {}\">", rows);
  for (const Tick& tick : axis.ticks) {
    out += fmt::format("<i style=\"left:{}\"></i>", percent(tick.at_fraction));
  }
  return out + "</div>";
}

std::string axis_row(const Axis& axis, std::string_view name, size_t rows) {
  return fmt::format(
      "<div class=\"bx\" style=\"--r:{}\">{}</div>"
      "<div class=\"al bxl\" style=\"--r:{}\">{}</div></div>",
      rows + 1, tick_labels(axis, "bottom"), rows + 2, escaped(with_unit(name, axis.scale.unit)));
}

// rows are placed by number, because the grid lines lie behind all of them
std::string row_start(size_t row, std::string_view label) {
  return fmt::format(
      "<div class=\"br\" style=\"--r:{}\"><div class=\"bl\">{}</div>"
      "<div class=\"bt\">",
      row + 1, escaped(label));
}

std::string row_end(double total, std::string_view unit) {
  return fmt::format("</div><div class=\"bv\">{}</div></div>", escaped(human_text(total, unit)));
}

struct Bar {
  std::string label;
  std::vector<double> parts;  // one a line
  double total = 0.0;
};

std::vector<Bar> bars_of(const Plot& plot, const std::vector<Line>& lines) {
  std::vector<Bar> bars;
  for (const std::string& category : plot.categories) {
    bars.push_back({category, std::vector<double>(lines.size(), 0.0), 0.0});
  }
  for (size_t l = 0; l < lines.size(); ++l) {
    for (const Point& point : points_of(lines[l])) {
      const double at = std::round(point.x_factor);
      // a bar cannot show less than nothing
      if (at < 0.0 || at >= static_cast<double>(bars.size()) || point.y_factor <= 0.0) continue;
      Bar& bar = bars[static_cast<size_t>(at)];
      bar.parts[l] += point.y_factor;
      bar.total += point.y_factor;
    }
  }
  return bars;
}

std::string bar_row(const Plot& plot, const std::vector<Line>& lines, const Bar& bar, size_t row,
                    const Axis& axis) {
  const size_t series_count = kLightPalette.series.size();
  std::string out = row_start(row, bar.label);
  for (size_t l = 0; l < lines.size(); ++l) {
    if (!(bar.parts[l] > 0.0) || !std::isfinite(bar.total)) continue;
    const std::string colour = l < series_count ? series_class(l) : "c0";
    const std::string share =
        lines.size() > 1 ? fmt::format(" ({})", human_text(bar.parts[l] / bar.total, "")) : "";
    out += fmt::format("<i class=\"{}\" style=\"width:{}\" data-t=\"{}\"></i>", colour,
                       percent(bar.parts[l] / axis.extent.high_factor),
                       escaped(fmt::format("{}: {}{}", lines[l].name,
                                           human_text(bar.parts[l], plot.y_unit), share)));
  }
  return out + row_end(bar.total, plot.y_unit);
}

std::string span_tip(const LaneView& lane, const Span& span) {
  std::string text =
      fmt::format("{}: {} for {}", lane.name, span.name, human_text(span.duration.value(), "s", 4));
  for (const auto& [name, value] : span.arguments) text += fmt::format(", {} {}", name, value);
  return escaped(text);
}

std::string lane_row(const TimelineView& view, size_t row) {
  const LaneView& lane = view.lanes[row];
  std::string out = row_start(row, lane.name);
  for (const SpanView& span : lane.spans) {
    out +=
        fmt::format("<i class=\"a {}\" style=\"left:{};width:{}\" data-t=\"{}\"></i>",
                    phase_class(view.phases[span.phase], span.phase), percent(span.from_fraction),
                    percent(span.to_fraction - span.from_fraction), span_tip(lane, *span.span));
  }
  return out + row_end(lane.total.value(), "s");
}

}  // namespace

std::string bars_html(const Plot& plot) {
  const size_t series_count = kLightPalette.series.size();
  const std::vector<Line> lines = folded_lines(plot, series_count);
  const std::vector<Bar> bars = bars_of(plot, lines);
  double longest = 0.0;
  for (const Bar& bar : bars) {
    if (std::isfinite(bar.total)) longest = std::max(longest, bar.total);
  }
  if (!(longest > 0.0)) return "<p class=\"none\">No data in this run.</p>";
  const Axis axis = linear_axis({0.0, longest}, plot.y_unit, 6, false);
  std::string out;
  if (lines.size() > 1) {
    out += "<ul class=\"legend\">";
    for (size_t l = 0; l < lines.size(); ++l) {
      out += legend_item(l < series_count ? series_class(l) : "c0", lines[l].name);
    }
    out += "</ul>";
  }
  out += "<div class=\"bars\">" + grid_lines(axis, bars.size());
  for (size_t row = 0; row < bars.size(); ++row) {
    out += bar_row(plot, lines, bars[row], row, axis);
  }
  return out + axis_row(axis, plot.y_name, bars.size());
}

std::string timeline_html(const Timeline& timeline) {
  std::string out = fmt::format("<figure class=\"card wide\"><figcaption>{}</figcaption>",
                                escaped(timeline.title.empty() ? timeline.id : timeline.title));
  const size_t spans = span_count(timeline);
  if (spans > kSpansShown || spans == 0) {
    const std::string count = with_commas(static_cast<int64_t>(spans));
    return out +
           (spans == 0 ? "<p class=\"none\">No data in this run.</p>"
                       : fmt::format("<p class=\"none\">{} spans: write the Chrome trace and open "
                                     "it in Perfetto.</p>",
                                     count)) +
           "</figure>\n";
  }
  const TimelineView view = timeline_view(timeline, kLanesShown, 8);
  out += "<ul class=\"legend\">";
  for (size_t p = 0; p < view.phases.size(); ++p) {
    out += legend_item(phase_class(view.phases[p], p), view.phases[p]);
  }
  out += "</ul><div class=\"bars tl\">" + grid_lines(view.axis, view.lanes.size());
  for (size_t row = 0; row < view.lanes.size(); ++row) out += lane_row(view, row);
  out +=
      axis_row(view.axis, view.from_own_start ? "time since its start" : "time", view.lanes.size());
  if (view.lanes_left_out > 0) {
    out += fmt::format("<p class=\"small\">{} more lanes are in the Chrome trace.</p>",
                       with_commas(static_cast<int64_t>(view.lanes_left_out)));
  }
  return out + "</figure>\n";
}

}  // namespace penstock::report
