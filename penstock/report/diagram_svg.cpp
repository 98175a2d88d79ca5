#include "penstock/report/diagram_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "penstock/report/diagram_shapes.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/number.h"
#include "penstock/report/palette.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

constexpr double kLine = 17.0;       // from one line of a label to the next
constexpr double kLabelApart = 5.0;  // between labels
constexpr double kIndent = 34.0;     // of a label's text, after its swatch
constexpr int kLabelColumns = 46;    // characters that fit before the drawing
constexpr double kCharacter = 6.7;   // of the legend's font

std::string_view role_class(VertexRole role) {
  switch (role) {
    case VertexRole::kAccelerator: return "dva";
    case VertexRole::kHost: return "dvh";
    case VertexRole::kInterface: return "dvi";
    case VertexRole::kSwitch: break;
  }
  return "dvs";
}

std::string_view role_text(VertexRole role) {
  switch (role) {
    case VertexRole::kAccelerator: return "accelerator";
    case VertexRole::kHost: return "host processor";
    case VertexRole::kInterface: return "interface card";
    case VertexRole::kSwitch: break;
  }
  return "switch";
}

std::string_view medium_class(std::string_view medium) {
  if (medium == "copper") return "dec";
  return medium == "optical" ? "deo" : "deb";
}

std::string counted(int64_t count, std::string_view noun) {
  return fmt::format("{} {}", fixed_text(static_cast<double>(count), 0),
                     count == 1 ? std::string(noun) : plural_of(noun));
}

bool has_load(const DiagramLinks& links) {
  return links.used_fraction && std::isfinite(*links.used_fraction);
}

double load_of(const DiagramLinks& links) { return std::clamp(*links.used_fraction, 0.0, 1.0); }

// the style of a load: stronger and wider the fuller the links are
std::string load_style(double used_fraction) {
  return fmt::format("opacity:{:.2f};stroke-width:{:.2f}", 0.3 + 0.7 * used_fraction,
                     1.0 + 1.4 * used_fraction);
}

std::string rules(const Palette& p) {
  std::string out = fmt::format(
      ".dg text{{fill:{};font-size:13px}}.dg .dt{{font-size:22px;font-weight:680}}"
      ".dg .dh{{font-size:15.5px;font-weight:640}}.dg .db{{font-weight:600}}"
      ".dg .dm{{fill:{};font-size:12.5px}}.dg .dpage{{fill:{}}}"
      ".dg .df{{fill:{};stroke:{};stroke-width:1}}.dg .dstub{{fill:none;stroke:{};stroke-width:1}}"
      ".dg .drule{{stroke:{};stroke-width:1}}",
      p.ink, p.muted, p.card, p.card, p.line, p.rest, p.line);
  const auto vertex = [&](std::string_view name, std::string_view colour) {
    out += fmt::format(".dg .{}{{fill:{};stroke:{}}}", name, colour, colour);
  };
  out += fmt::format(".dg .dv{{stroke-width:1.4;fill-opacity:.22}}.dg .dback{{fill:{}}}", p.card);
  vertex("dva", p.series[0]);
  vertex("dvh", p.series[3]);
  vertex("dvi", p.series[6]);
  vertex("dvs", p.series[7]);
  out += ".dg .de{fill:none;stroke-width:1.2}.dg .dmany{opacity:.5}";
  out += fmt::format(
      ".dg .dhalo{{paint-order:stroke;stroke:{};stroke-width:5px;stroke-linejoin:round}}", p.card);
  out += fmt::format(".dg .deb{{stroke:{}}}", p.muted);
  out += fmt::format(".dg .dec{{stroke:{};stroke-dasharray:7 3}}", p.series[1]);
  out += fmt::format(".dg .deo{{stroke:{};stroke-dasharray:2 3}}", p.series[2]);
  // a load takes the colour, and leaves the dash
  out += fmt::format(".dg .du{{stroke:{}}}.dg .dz{{stroke:{}}}.dg .dfu{{fill:{}}}", p.bad, p.rest,
                     p.bad);
  return out;
}

std::string facts_mark(const DiagramPlane& plane, double y) {
  std::string out;
  for (const Metric& fact : plane.facts) {
    const Human value = human(fact);
    const std::string unit = value.unit.empty() ? "" : " " + value.unit;
    out += fmt::format("{}<tspan class=\"dm\">{} </tspan><tspan class=\"db\">{}</tspan>",
                       out.empty() ? "" : "<tspan class=\"dm\"> · </tspan>",
                       escaped(metric_label(fact.name)), escaped(value.number + unit));
  }
  if (out.empty()) return out;
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>", kLabelLeft, y, out);
}

bool holds(const DiagramPlane& plane, LinkPattern pattern) {
  return std::any_of(plane.links.begin(), plane.links.end(),
                     [&](const DiagramLinks& links) { return links.pattern == pattern; });
}

/// Links that name vertices which are there.
DiagramPlane sound(DiagramPlane plane) {
  std::erase_if(plane.links, [&](const DiagramLinks& links) {
    return std::max(links.from, links.to) >= plane.vertices.size();
  });
  return plane;
}

double draw_plane(const DiagramPlane& given, double top, std::string& out) {
  const DiagramPlane plane = sound(given);
  double y = top + 20.0;
  out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\"><tspan class=\"dh\">{}</tspan>", kLabelLeft,
                     y, escaped(elide(clean(plane.name), 60)));
  if (!plane.note.empty()) {
    out += fmt::format("<tspan class=\"dm\" dx=\"10\">{}</tspan>",
                       escaped(elide(clean(plane.note), 60)));
  }
  out += "</text>";
  y += 22.0;
  out += facts_mark(plane, y);
  y += 18.0;
  if (plane.vertices.empty()) return y - top;
  Marks marks;
  if (holds(plane, LinkPattern::kGroupPairs)) {
    y += draw_groups(plane, y, marks);
  } else if (holds(plane, LinkPattern::kRings)) {
    y += draw_rings(plane, y, marks);
  } else if (holds(plane, LinkPattern::kAllPairs)) {
    y += draw_mesh(plane, y, marks);
  } else {
    y += draw_tiers(plane, y, marks);
  }
  out += marks.all();
  return y + 12.0 - top;
}

/// Swatches with their words in rows.
class Legend {
 public:
  explicit Legend(double top) : y_(top) {}

  void add(const std::string& swatch, double swatch_px, std::string_view text) {
    const double wide = swatch_px + 8.0 + kCharacter * display_width(text) + 22.0;
    if (x_ + wide > kDrawingRight) {
      x_ = kLabelLeft;
      y_ += 22.0;
    }
    out_ += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">{}</g>", x_, y_, swatch);
    out_ += text_mark({x_ + swatch_px + 8.0, y_ + 4.5}, text, "dm");
    x_ += wide;
  }
  [[nodiscard]] double bottom() const { return y_ + 20.0; }
  [[nodiscard]] const std::string& marks() const { return out_; }

 private:
  double x_ = kLabelLeft;
  double y_;
  std::string out_;
};

std::string load_scale() {
  std::string out;
  for (int i = 0; i < 5; ++i) {
    out += fmt::format(
        "<rect class=\"dfu\" x=\"{}\" y=\"-5\" width=\"18\" height=\"10\" "
        "style=\"opacity:{:.2f}\"/>",
        18 * i, 0.3 + 0.7 * (i + 0.5) / 5.0);
  }
  return out;
}

double draw_legend(const Diagram& diagram, double top, std::string& out) {
  std::set<VertexRole> roles;
  std::set<std::string> media;
  bool loaded = false;
  for (const DiagramPlane& plane : diagram.planes) {
    for (const DiagramVertices& vertices : plane.vertices) roles.insert(vertices.role);
    for (const DiagramLinks& links : plane.links) {
      media.insert(links.medium);
      loaded = loaded || has_load(links);
    }
  }
  Legend legend(top + 12.0);
  for (const VertexRole role : roles) {
    legend.add(vertex_mark({11.0, 0.0}, role, 22.0, 13.0), 22.0, role_text(role));
  }
  for (const std::string& medium : media) {
    legend.add(fmt::format("<path class=\"de {}{}\" d=\"M0 0h30\"/>", medium_class(medium),
                           loaded ? " dz" : ""),
               30.0, elide(clean(medium), 20));
  }
  if (loaded) legend.add(load_scale(), 90.0, "use of a link's bandwidth, 0 to 100 %");
  legend.add("", -8.0, "Lines show which units are joined; the counts beside them are the links.");
  out += fmt::format("<path class=\"drule\" d=\"M{:.0f} {:.1f}H{:.0f}\"/>", kLabelLeft, top - 6.0,
                     kDrawingRight);
  out += legend.marks();
  return legend.bottom() - top;
}

/// Everything below the title; `height` grows by what it takes.
std::string body(const Diagram& diagram, double& height) {
  std::string out;
  for (const DiagramPlane& plane : diagram.planes) {
    if (&plane != &diagram.planes.front()) {
      out += fmt::format("<path class=\"drule\" d=\"M{:.0f} {:.1f}H{:.0f}\"/>", kLabelLeft, height,
                         kDrawingRight);
      height += 12.0;
    }
    height += draw_plane(plane, height, out);
  }
  height += 8.0;
  height += draw_legend(diagram, height, out);
  return out;
}

std::string opening(const Diagram& diagram, double height, std::string_view attributes) {
  return fmt::format(
      "<svg class=\"dg\"{} viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\">",
      attributes, kDiagramWidth, std::ceil(height), escaped(diagram.title));
}

}  // namespace

std::string text_mark(Place at, std::string_view text, std::string_view kind,
                      std::string_view anchor) {
  return fmt::format("<text{}{} x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                     kind.empty() ? "" : fmt::format(" class=\"{}\"", kind),
                     anchor == "start" ? "" : fmt::format(" text-anchor=\"{}\"", anchor), at.x_px,
                     at.y_px, escaped(text));
}

std::string vertex_mark(Place middle, VertexRole role, double width_px, double height_px) {
  const std::string box =
      fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"{}\"",
                  middle.x_px - width_px / 2.0, middle.y_px - height_px / 2.0, width_px, height_px,
                  height_px < 14.0 ? 2 : 4);
  // links end behind the box, whose colour lets them through
  return fmt::format("<rect class=\"dback\" {}/><rect class=\"dv {}\" {}/>", box, role_class(role),
                     box);
}

std::string link_mark(const DiagramLinks& links, const std::string& path) {
  if (path.empty()) return {};
  const std::string_view medium = medium_class(links.medium);
  if (!has_load(links)) {
    // many lines on top of each other let the boxes stand out
    constexpr auto kMany = 60;
    const bool many = std::count(path.begin(), path.end(), 'M') > kMany;
    return fmt::format("<path class=\"de {}{}\" d=\"{}\"/>", medium, many ? " dmany" : "", path);
  }
  return fmt::format("<path class=\"de {} {}\" style=\"{}\" d=\"{}\"/>", medium,
                     load_of(links) > 0.0 ? "du" : "dz", load_style(load_of(links)), path);
}

std::string segment(Place from, Place to) {
  return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", from.x_px, from.y_px, to.x_px, to.y_px);
}

double label_height(const DiagramVertices& vertices) {
  const bool detail = !vertices.part.empty() || vertices.unit_count > 1;
  const bool endpoint = vertices.role != VertexRole::kSwitch && vertices.part.empty();
  return (detail && !endpoint ? 2.0 : 1.0) * kLine + kLabelApart;
}

double label_height(const DiagramLinks& links) {
  return (has_load(links) ? 3.0 : 2.0) * kLine + kLabelApart;
}

std::string label_marks(const DiagramVertices& vertices, double top_px) {
  const double y = top_px + kLine - 3.0;
  std::string count;
  if (vertices.count > 0) count = " × " + fixed_text(static_cast<double>(vertices.count), 0);
  std::string out = vertex_mark({kLabelLeft + 12.0, y - 4.5}, vertices.role, 22.0, 13.0);
  const int room = kLabelColumns - display_width(count);
  out += text_mark({kLabelLeft + kIndent, y}, elide(clean(vertices.name), room) + count, "db");
  std::string detail;
  if (vertices.role == VertexRole::kSwitch && vertices.unit_count > 1) {
    detail = "in " + counted(vertices.unit_count, "unit");
  }
  if (!vertices.part.empty()) detail += (detail.empty() ? "" : " · ") + clean(vertices.part);
  if (detail.empty()) return out;
  return out + text_mark({kLabelLeft + kIndent, y + kLine}, elide(detail, kLabelColumns), "dm");
}

std::string label_marks(const DiagramLinks& links, double top_px) {
  double y = top_px + kLine - 3.0;
  std::string out = link_mark(links, fmt::format("M{:.0f} {:.1f}h26", kLabelLeft, y - 4.5));
  const std::string medium = " · " + elide(clean(links.medium), 12);
  out += text_mark({kLabelLeft + kIndent, y},
                   elide(clean(links.name), kLabelColumns - display_width(medium)) + medium);
  std::string bundles = counted(links.bundle_count, "link");
  if (links.links_per_bundle != 1) {
    bundles =
        counted(links.bundle_count, "bundle") + " of " + counted(links.links_per_bundle, "link");
  }
  std::string detail =
      fmt::format("{}, {} each way", bundles, human_text(links.bandwidth_each_way.value(), "B/s"));
  if (links.optical_bundle_count > 0) {
    detail +=
        fmt::format(", {} optical", fixed_text(static_cast<double>(links.optical_bundle_count), 0));
  }
  y += kLine;
  out += text_mark({kLabelLeft + kIndent, y}, elide(detail, kLabelColumns + 3), "dm");
  if (!has_load(links)) return out;
  return out + text_mark({kLabelLeft + kIndent, y + kLine},
                         fmt::format("{} used", ratio_text(*links.used_fraction, 0.0)), "db");
}

std::string diagram_style() {
  static constexpr Palette kVariables = {
      .page = "var(--page)",
      .card = "var(--card)",
      .ink = "var(--ink)",
      .muted = "var(--muted)",
      .line = "var(--line)",
      .accent = "var(--accent)",
      .good = "var(--good)",
      .bad = "var(--bad)",
      .warn = "var(--warn)",
      .rest = "var(--rest)",
      .series = {"var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)",
                 "var(--c7)", "var(--c8)"}};
  return ".dg{display:block;width:100%;min-width:720px;height:auto}\n" + rules(kVariables) + "\n";
}

std::string diagram_html(const Diagram& diagram) {
  double height = 0.0;
  const std::string content = body(diagram, height);
  return fmt::format(
      "<figure class=\"card wide\"><figcaption>{}</figcaption><div class=\"scroll\" "
      "tabindex=\"0\">{}{}</svg></div></figure>\n",
      escaped(diagram.title), opening(diagram, height, ""), content);
}

std::string diagram_svg(const Diagram& diagram) {
  double height = 64.0;
  const std::string content = body(diagram, height);
  height += 8.0;
  const std::string attributes =
      fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{:.0f}\"",
                  kDiagramWidth, std::ceil(height));
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += opening(diagram, height, attributes);
  out += fmt::format(
      "<style>.dg{{font-family:Inter,ui-sans-serif,system-ui,-apple-system,\"Segoe UI\",Roboto,"
      "\"Helvetica Neue\",Arial,sans-serif}}{}@media (prefers-color-scheme:dark){{{}}}</style>\n",
      rules(kLightPalette), rules(kDarkPalette));
  out += fmt::format("<rect class=\"dpage\" width=\"{:.0f}\" height=\"{:.0f}\"/>", kDiagramWidth,
                     std::ceil(height));
  out += text_mark({kLabelLeft, 42.0}, elide(clean(diagram.title), 80), "dt");
  return out + "\n" + content + "</svg>\n";
}

}  // namespace penstock::report
