#include "penstock/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/number.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

// points in all lines of a page together: about 25 bytes each, so that it stays below 400 KB
constexpr size_t kPointsOfPage = 9000;
constexpr size_t kPointsOfLine = 400;
constexpr size_t kFewestPoints = 40;
// longer lists of inputs start folded
constexpr size_t kInputsOpen = 12;

constexpr std::string_view kMark =
    "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-linecap=\"round\" "
    "stroke-linejoin=\"round\" aria-hidden=\"true\"><path stroke-width=\"3\" "
    "d=\"M2 5h5.5l6.8 8.2\"/><circle cx=\"17\" cy=\"16.4\" r=\"4.6\" stroke-width=\"2\"/>"
    "<path stroke-width=\"1.6\" d=\"M17 13.6v5.6M14.2 16.4h5.6\"/></svg>";

constexpr std::string_view kHalfMoon =
    "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" "
    "aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"9\"/>"
    "<path d=\"M12 3a9 9 0 0 1 0 18z\" fill=\"currentColor\"/></svg>";

constexpr std::string_view kTick =
    "<svg class=\"tick\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"3\" stroke-linecap=\"round\" stroke-linejoin=\"round\" role=\"img\" "
    "aria-label=\"balanced\"><path d=\"M4 12.5l5.5 5.5L20 6.5\"/></svg>";

constexpr std::string_view kCross =
    "<svg class=\"tick\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"3\" stroke-linecap=\"round\" role=\"img\" aria-label=\"not balanced\">"
    "<path d=\"M5 5l14 14M19 5L5 19\"/></svg>";

// a page with its sections and the links to them
class Page {
 public:
  void section(std::string_view id, std::string_view title, const std::string& content) {
    if (content.empty()) return;
    links_ += fmt::format("<a href=\"#{}\">{}</a>", id, title);
    body_ += fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, title, content);
  }
  [[nodiscard]] const std::string& links() const { return links_; }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  std::string links_;
  std::string body_;
};

std::string head_html(const Result& result) {
  std::string style = html_style();
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">"
      "<title>{} · Penstock</title><link rel=\"icon\" href=\"data:,\">"
      "<script>try{{var t=localStorage.getItem('penstock-theme');if(t==='dark'||t==='light')"
      "document.documentElement.dataset.theme=t}}catch(e){{}}</script>"
      "<style>{}</style></head>\n",
      escaped(result.name), style);
}

std::string bar_html(const Page& page) {
  return fmt::format(
      "<header class=\"bar\"><div><a class=\"brand\" href=\"#top\">{}<span>Penstock</span></a>"
      "<nav aria-label=\"Sections\">{}</nav><button id=\"theme\" type=\"button\" "
      "aria-label=\"Switch between light and dark\" title=\"Light or dark\">{}</button></div>"
      "</header>\n",
      kMark, page.links(), kHalfMoon);
}

std::string fact(std::string_view name, const std::string& value) {
  if (value.empty()) return {};
  return fmt::format("<li>{} <b class=\"mono\">{}</b></li>", name, escaped(value));
}

std::string title_html(const Result& result) {
  std::string out = fmt::format("<h1>{}</h1>", escaped(result.name));
  if (!result.description.empty()) {
    out += fmt::format("<p class=\"lead\">{}</p>", escaped(result.description));
  }
  // only what a scenario drew has a seed
  const std::string seed =
      result.scenario_hash.empty() ? std::string() : fmt::format("{}", result.seed);
  return out + "<ul class=\"facts\">" + fact("Penstock", result.version) + fact("seed", seed) +
         fact("scenario", result.scenario_hash) + fact("catalog", result.catalog_hash) + "</ul>";
}

// the band against the value: the track runs from half of it to one and a half
std::string band_html(const Metric& metric, bool keep_room) {
  const std::string text = band_text(metric, "–");
  if (text.empty()) return keep_room ? "<div class=\"band\"></div>" : "";
  std::string track;
  const double value = metric.value_factor;
  if (std::isfinite(value) && value != 0.0) {
    const double low = std::clamp(*metric.low / value - 0.5, 0.0, 1.0);
    const double high = std::clamp(*metric.high / value - 0.5, 0.0, 1.0);
    if (low <= high) {
      track = fmt::format("<i><b style=\"left:{};width:{}\"></b><u></u></i>", percent(low),
                          percent(high - low));
    }
  }
  return fmt::format(
      "<div class=\"band\" title=\"10th to 90th percentile that the calibration "
      "implies\">{}{}</div>",
      track, escaped(text));
}

// as many columns as leave the fewest holes in the last row
size_t tile_columns(size_t count) {
  constexpr std::array<size_t, 3> kColumns = {4, 5, 3};
  if (count < 4) return 4;
  size_t best = kColumns[0];
  const auto holes = [&](size_t columns) { return (columns - count % columns) % columns; };
  for (const size_t columns : kColumns) {
    if (holes(columns) < holes(best)) best = columns;
  }
  return best;
}

std::string tiles_html(const Result& result) {
  const std::vector<const Metric*> metrics = headline_of(result);
  if (metrics.empty()) return {};
  const bool bands = std::any_of(metrics.begin(), metrics.end(),
                                 [](const Metric* metric) { return metric->low && metric->high; });
  std::string out =
      fmt::format("<div class=\"tiles\" style=\"--n:{}\">", tile_columns(metrics.size()));
  for (const Metric* metric : metrics) {
    const Human value = human(*metric);
    out += fmt::format(
        "<div class=\"tile\" title=\"{}\"><h3>{}</h3><p>{}{}</p>{}</div>", escaped(metric->name),
        escaped(metric_label(metric->name)), escaped(value.number),
        value.unit.empty() ? "" : fmt::format("<span>{}</span>", escaped(value.unit)),
        band_html(*metric, bands));
  }
  return out + "</div>\n";
}

std::string infeasible_html(const Result& result) {
  if (!result.infeasible) return {};
  return fmt::format(
      "<div class=\"stop\" role=\"alert\"><h3>This plan is infeasible</h3><p>{}</p>"
      "</div>\n",
      escaped(*result.infeasible));
}

size_t points_of_line(const Result& result) {
  size_t lines = 1;
  for (const Plot& plot : result.plots) {
    if (plot.kind == PlotKind::kBars || plot.kind == PlotKind::kScatter) continue;
    // a stacked line is drawn along both its edges
    lines += plot.lines.size() * (plot.kind == PlotKind::kStacked ? 2 : 1);
  }
  return std::clamp(kPointsOfPage / lines, kFewestPoints, kPointsOfLine);
}

enum class Group : uint8_t { kDistributions, kOverTime, kBreakdown, kCurves };

Group group_of(const Plot& plot) {
  switch (plot.kind) {
    case PlotKind::kCdf: return Group::kDistributions;
    case PlotKind::kBars:
    case PlotKind::kScatter: return Group::kBreakdown;
    case PlotKind::kLine:
    case PlotKind::kStacked: break;
  }
  return plot.x_unit == "s" ? Group::kOverTime : Group::kCurves;
}

// two cards a row; some want a row each, and so does one that would stand alone
std::vector<bool> full_rows(const std::vector<bool>& wanted) {
  std::vector<bool> full = wanted;
  bool second = false;
  for (size_t i = 0; i < full.size(); ++i) {
    if (!second && (i + 1 == full.size() || wanted[i + 1])) full[i] = true;
    second = !full[i] && !second;
  }
  return full;
}

std::string plots_html(const Result& result, Group group, size_t points_max) {
  std::vector<size_t> members;
  std::vector<bool> wanted;
  for (size_t p = 0; p < result.plots.size(); ++p) {
    if (group_of(result.plots[p]) != group) continue;
    members.push_back(p);
    wanted.push_back(result.plots[p].kind == PlotKind::kBars);
  }
  if (members.empty()) return {};
  const std::vector<bool> full = full_rows(wanted);
  std::string out = "<div class=\"grid\">\n";
  for (size_t m = 0; m < members.size(); ++m) {
    out += plot_html(result.plots[members[m]], members[m], points_max, full[m]);
  }
  return out + "</div>\n";
}

std::string timelines_html(const Result& result) {
  std::string out;
  for (const Timeline& timeline : result.timelines) out += timeline_html(timeline);
  return out.empty() ? out : "<div class=\"grid\">" + out + "</div>";
}

std::string diagrams_html(const Result& result) {
  std::string out;
  for (const Diagram& diagram : result.diagrams) out += diagram_html(diagram);
  return out.empty() ? out : "<div class=\"grid\">" + out + "</div>";
}

Table metrics_table(const Result& result) {
  Table table{"metrics", "", {{"metric", ""}, {"value", ""}, {"low..high", ""}, {"name", ""}}, {}};
  for (const Metric& metric : result.metrics) {
    table.rows.push_back({metric_label(metric.name),
                          human_text(metric.value_factor, metric.unit, 4), band_text(metric),
                          metric.name});
  }
  return table;
}

std::string tables_html(const Result& result) {
  std::string out;
  // short tables of few columns stand side by side
  constexpr size_t kFewColumns = 4;
  constexpr size_t kFewRows = 16;
  std::vector<bool> wanted;
  wanted.reserve(result.tables.size());
  for (const Table& table : result.tables) {
    wanted.push_back(table.columns.size() > kFewColumns || table.rows.size() > kFewRows);
  }
  const std::vector<bool> full = full_rows(wanted);
  for (size_t t = 0; t < full.size(); ++t) out += table_html(result.tables[t], full[t]);
  if (!out.empty()) out = "<div class=\"grid\">" + out + "</div>";
  if (result.metrics.empty()) return out;
  return out +
         fmt::format("<details><summary>All {} metrics</summary><div><div class=\"scroll\">",
                     result.metrics.size()) +
         rows_html(metrics_table(result)) + "</div></div></details>";
}

std::string ledger_html(const Result& result) {
  if (result.ledger.empty()) return {};
  std::string out = "<div class=\"card\"><ul class=\"books\">";
  for (const LedgerLine& line : result.ledger) {
    out += fmt::format("<li{}>{}<b>{}</b><span>{}<span class=\"eq\">{}</span>{}</span></li>",
                       line.balanced ? "" : " class=\"no\"", line.balanced ? kTick : kCross,
                       escaped(line.name), escaped(line.in_text), line.balanced ? "=" : "≠",
                       escaped(line.out_text));
  }
  return out + "</ul></div>\n";
}

std::string input_row(const InputNote& input) {
  const bool known = input.confidence == "low" || input.confidence == "medium";
  return fmt::format(
      "<tr><td class=\"mono\">{}</td><td>{}</td><td>{}</td><td class=\"d\">{}</td><td>"
      "<span class=\"conf{}{}\">{}</span></td></tr>",
      escaped_name(input.name), escaped(input.value_text), escaped(input.source),
      escaped(input.date), known ? " " : "", known ? input.confidence : "",
      escaped(input.confidence));
}

std::string inputs_html(const Result& result) {
  if (result.inputs.empty()) return {};
  constexpr std::string_view kHeader =
      "<div class=\"scroll\"><table><thead><tr><th>input</th><th>value</th><th>source</th>"
      "<th>date</th><th>confidence</th></tr></thead><tbody>";
  std::string weak;
  std::string rest;
  size_t weak_count = 0;
  for (const InputNote& input : result.inputs) {
    const bool low = input.confidence == "low";
    weak_count += low ? 1 : 0;
    (low ? weak : rest) += input_row(input);
  }
  // the weak ones stand in the open whatever the length of the list
  const bool open = result.inputs.size() <= kInputsOpen;
  std::string out;
  if (open) weak += rest;
  if (!weak.empty()) {
    out += fmt::format("<div class=\"card\">{}{}</tbody></table></div></div>", kHeader, weak);
  }
  if (!open && !rest.empty()) {
    out += fmt::format(
        "<details><summary>{} more inputs</summary><div>{}{}</tbody></table></div>"
        "</div></details>",
        result.inputs.size() - weak_count, kHeader, rest);
  }
  return out;
}

std::string notes_html(const Result& result) {
  std::string out;
  for (const std::string& note : result.notes) {
    if (!note.empty()) out += fmt::format("<li>{}</li>", escaped(note));
  }
  return out.empty() ? out : "<div class=\"card\"><ul class=\"notes\">" + out + "</ul></div>\n";
}

// keys in colour, comments grey
std::string yaml_line(std::string_view line) {
  const size_t text = std::min(line.find_first_not_of(" -"), line.size());
  const std::string indent = escaped_lines(line.substr(0, text));
  const std::string_view rest = line.substr(text);
  if (rest.starts_with('#')) return fmt::format("{}<i>{}</i>", indent, escaped_lines(rest));
  const size_t colon = rest.find(':');
  const std::string_view key = rest.substr(0, colon);
  const bool is_key =
      colon != std::string_view::npos && key.find_first_of(" \"'{[") == std::string_view::npos;
  if (!is_key) return indent + escaped_lines(rest);
  return fmt::format("{}<b>{}</b>{}", indent, escaped_lines(key),
                     escaped_lines(rest.substr(colon)));
}

std::string scenario_html(const Result& result) {
  if (result.scenario_yaml.empty()) return {};
  std::string out =
      "<details><summary>The resolved scenario, every default filled in</summary>"
      "<pre class=\"mono\" tabindex=\"0\">";
  const std::string text = clean_lines(result.scenario_yaml);
  for (const std::string_view line : split(text, '\n')) {
    out += yaml_line(line);
    out += '\n';
  }
  return out + "</pre></details>\n";
}

}  // namespace

std::string to_html(const Result& result) {
  const size_t points_max = points_of_line(result);
  Page page;
  page.section("pictures", "Fabrics", diagrams_html(result));
  page.section("distributions", "Distributions",
               plots_html(result, Group::kDistributions, points_max));
  page.section("time", "Over time", plots_html(result, Group::kOverTime, points_max));
  page.section("breakdown", "Breakdown", plots_html(result, Group::kBreakdown, points_max));
  page.section("curves", "Curves", plots_html(result, Group::kCurves, points_max));
  page.section("timelines", "Timelines", timelines_html(result));
  page.section("tables", "Tables", tables_html(result));
  page.section("books", "Books", ledger_html(result));
  page.section("notes", "Notes", notes_html(result));
  page.section("inputs", "Inputs", inputs_html(result));
  page.section("scenario", "Scenario", scenario_html(result));
  std::string out = head_html(result);
  out += "<body id=\"top\">" + bar_html(page) + "<main>" + title_html(result);
  out += infeasible_html(result) + tiles_html(result) + page.body();
  out += "<footer class=\"small\">Penstock models; it does not measure. Bands are the " +
         escaped(result.band_meaning) + "; every input names its source.</footer>";
  out += "</main><div id=\"tip\" role=\"status\" aria-live=\"polite\"></div><script>";
  out += html_script();
  return out + "</script></body></html>\n";
}

}  // namespace penstock::report
