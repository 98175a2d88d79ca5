#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "penstock/report/html_chart.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

std::string legend_html(const Chart& chart) {
  if (chart.lines.size() < 2) return {};
  std::string out = "<ul class=\"legend\">";
  for (const ChartLine& line : chart.lines) {
    out += fmt::format("<li><i class=\"k {}\"></i>{}</li>", line.colour, escaped(line.name));
  }
  return out + "</ul>";
}

// a distribution's legend carries its quantiles, so that they can be read without a pointer
std::string quantile_legend(const Chart& chart) {
  std::string out =
      "<div class=\"scroll\"><table class=\"q\"><thead><tr><th></th><th class=\"n\">p50</th>"
      "<th class=\"n\">p90</th><th class=\"n\">p99</th><th class=\"n\">max</th></tr></thead>"
      "<tbody>";
  double least = std::numeric_limits<double>::infinity();
  for (const ChartLine& line : chart.lines) {
    if (!line.quantiles.empty()) least = std::min(least, std::abs(line.quantiles[0].x_factor));
  }
  const auto text = [&](double value) {
    return escaped(chart.x_unit.empty() ? ratio_text(value, least)
                                        : human_text(value, chart.x_unit));
  };
  for (const ChartLine& line : chart.lines) {
    out += fmt::format("<tr><th scope=\"row\"><i class=\"k {}\"></i>{}</th>", line.colour,
                       escaped(line.name));
    for (size_t q = 0; q < kQuantiles.size(); ++q) {
      const bool known = q < line.quantiles.size();
      out +=
          fmt::format("<td class=\"n\">{}</td>", known ? text(line.quantiles[q].x_factor) : "n/a");
    }
    out += fmt::format("<td class=\"n\">{}</td></tr>", text(line.points.back().x_factor));
  }
  return out + "</tbody></table></div>";
}

std::string axis_title(const std::string& name, const Axis& axis) {
  const std::string dollars = axis.scale.before.empty() ? "" : axis.scale.before + " ";
  return escaped(axis.logarithmic ? name : with_unit(name, dollars + axis.scale.unit));
}

int gutter(const Axis& axis) {
  int widest = 1;
  for (const Tick& tick : axis.ticks) widest = std::max(widest, display_width(tick.label));
  return widest;
}

std::string chart_html(const Chart& chart) {
  std::string out = chart.kind == PlotKind::kCdf ? quantile_legend(chart) : legend_html(chart);
  out += fmt::format("<div class=\"al yl\">{}</div>", axis_title(chart.y_name, chart.y));
  out += fmt::format("<div class=\"frame\" style=\"--g:{}ch\"><div class=\"yt\">{}</div>",
                     gutter(chart.y), tick_labels(chart.y, "left"));
  out += fmt::format("<div class=\"area\">{}</div>", chart_svg(chart));
  out += fmt::format("<div class=\"xt\">{}</div></div>", tick_labels(chart.x, "bottom"));
  out += fmt::format("<div class=\"al xl\">{}</div>", axis_title(chart.x_name, chart.x));
  return out + fmt::format("<script type=\"application/json\">{}</script>", chart_data(chart));
}

}  // namespace

std::string plot_html(const Plot& plot, size_t number, size_t points_max, bool wide) {
  std::string out = fmt::format(
      "<figure class=\"card{}\" id=\"plot-{}\"{}><figcaption>{}</figcaption>", wide ? " wide" : "",
      number, plot.kind == PlotKind::kBars ? "" : " data-xy tabindex=\"0\"",
      escaped(plot.title.empty() ? plot.id : plot.title));
  if (plot.kind == PlotKind::kBars) {
    out += bars_html(plot);
  } else {
    const Chart chart = chart_of(plot, points_max);
    out += chart.lines.empty() ? "<p class=\"none\">No data in this run.</p>" : chart_html(chart);
  }
  return out + "</figure>\n";
}

}  // namespace penstock::report
