#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/report/diagram_shapes.h"
#include "penstock/report/number.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

constexpr double kBoxTall = 24.0;
constexpr double kBoxStep = 46.0;  // from one box to the next, of a wide unit
constexpr double kSmallBoxStep = 27.0;
constexpr double kBoxApart = 7.0;
constexpr double kWideUnit = 300.0;
constexpr double kClassApart = 12.0;
constexpr double kUnitApart = 14.0;
constexpr double kUnitGap = 30.0;  // where units are left out
constexpr double kBandLeast = 58.0;
constexpr double kFramePad = 9.0;

/// A drawn unit of a tier.
struct Unit {
  double left_px = 0.0;
  double right_px = 0.0;
  size_t parent = 0;
  bool after_gap = false;
};

/// One row from the bottom up: what stands on it and where.
struct Row {
  std::vector<size_t> vertices;
  double middle_px = 0.0;
  double height_px = 0.0;
  double band_px = 0.0;  // above it, for its links
};

class Tiers {
 public:
  Tiers(const DiagramPlane& plane, Marks& marks) : plane_(plane), marks_(marks) {}

  double draw(double top_px) {
    collect_rows();
    const double bottom = place_rows(top_px);
    make_units();
    places_.resize(plane_.vertices.size());
    for (size_t r = 0; r < rows_.size(); ++r) draw_row(r);
    draw_frames();
    for (const DiagramLinks& links : plane_.links) draw_links(links);
    draw_stubs();
    return bottom - top_px;
  }

 private:
  void collect_rows() {
    for (size_t v = 0; v < plane_.vertices.size(); ++v) {
      const auto row = static_cast<size_t>(std::clamp<int64_t>(plane_.vertices[v].row, 0, 15));
      if (rows_.size() <= row) rows_.resize(row + 1);
      rows_[row].vertices.push_back(v);
    }
    std::erase_if(rows_, [](const Row& row) { return row.vertices.empty(); });
    row_of_.resize(plane_.vertices.size());
    for (size_t r = 0; r < rows_.size(); ++r) {
      for (const size_t v : rows_[r].vertices) row_of_[v] = r;
    }
  }

  double place_rows(double top_px) {
    double y = top_px + kFramePad;
    for (size_t r = rows_.size(); r-- > 0;) {
      Row& row = rows_[r];
      for (const size_t v : row.vertices) row.height_px += label_height(plane_.vertices[v]);
      row.height_px = std::max(row.height_px, kBoxTall);
      for (const DiagramLinks& links : plane_.links) {
        if (row_of_[links.from] == r) row.band_px += label_height(links);
      }
      const bool top = r + 1 == rows_.size();
      if (top && row.band_px == 0.0) {
        y += 0.0;
      } else {
        const double least = is_endpoint_row(r) && r + 1 < rows_.size() && row.band_px == 0.0
                                 ? kBandLeast / 2.0
                                 : kBandLeast;
        const double band = std::max(row.band_px + 12.0, least);
        label_links(r, y + (band - row.band_px) / 2.0);
        y += band;
      }
      row.middle_px = y + row.height_px / 2.0;
      double label = y;
      for (const size_t v : row.vertices) {
        marks_.texts += label_marks(plane_.vertices[v], label);
        label += label_height(plane_.vertices[v]);
      }
      y += row.height_px;
    }
    return y + 2.0 * kFramePad;
  }

  void label_links(size_t row, double y) {
    for (const DiagramLinks& links : plane_.links) {
      if (row_of_[links.from] != row) continue;
      marks_.texts += label_marks(links, y);
      y += label_height(links);
    }
  }

  [[nodiscard]] bool is_endpoint_row(size_t row) const {
    return plane_.vertices[rows_[row].vertices[0]].role != VertexRole::kSwitch;
  }

  /// Drawn units of every tier of switches, from the topmost down.
  void make_units() {
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (!is_endpoint_row(r)) tiers_.push_back(r);
    }
    if (tiers_.empty()) tiers_.push_back(rows_.size() - 1);
    units_.resize(tiers_.size());
    const int64_t most = tiers_.size() <= 2 ? 3 : 2;
    std::vector<Unit> parents = {{kDrawingLeft, kDrawingRight, 0, false}};
    int64_t parent_count = 1;
    for (size_t t = tiers_.size(); t-- > 0;) {
      const int64_t count = std::max<int64_t>(1, unit_count(t));
      const int64_t each = std::max<int64_t>(1, (count + parent_count - 1) / parent_count);
      for (size_t p = 0; p < parents.size(); ++p) split(parents[p], p, each, most, units_[t]);
      parents = units_[t];
      parent_count = count;
    }
  }

  [[nodiscard]] int64_t unit_count(size_t tier) const {
    const DiagramVertices& v = plane_.vertices[rows_[tiers_[tier]].vertices[0]];
    return v.role == VertexRole::kSwitch ? v.unit_count : 1;
  }

  static void split(const Unit& parent, size_t index, int64_t count, int64_t most,
                    std::vector<Unit>& units) {
    const int64_t drawn = std::min(count, most);
    const bool gap = count > drawn;
    const double inset = count > 1 ? kFramePad : 0.0;
    const double left = parent.left_px + inset;
    const double wide = parent.right_px - parent.left_px - 2.0 * inset;
    const auto n = static_cast<double>(drawn);
    const double each = (wide - (n - 1.0) * kUnitApart - (gap ? kUnitGap : 0.0)) / n;
    for (int64_t i = 0; i < drawn; ++i) {
      const bool after_gap = gap && i + 1 == drawn;
      const double x =
          left + static_cast<double>(i) * (each + kUnitApart) + (after_gap ? kUnitGap : 0.0);
      units.push_back({x, x + each, index, after_gap});
    }
  }

  /// Index into tiers_ of the units that a row's vertices are drawn in.
  [[nodiscard]] size_t tier_of_row(size_t row) const {
    for (size_t t = 0; t < tiers_.size(); ++t) {
      if (tiers_[t] >= row) return t;
    }
    return tiers_.size() - 1;
  }

  void draw_row(size_t r) {
    const size_t tier = tier_of_row(r);
    const std::vector<Unit>& units = units_[tier];
    for (const size_t v : rows_[r].vertices) places_[v].resize(units.size());
    for (size_t u = 0; u < units.size(); ++u) draw_unit(r, tier, u);
  }

  /// The classes of a row share a unit; what does not fit is counted behind each.
  void draw_unit(size_t r, size_t tier, size_t u) {
    const Unit& unit = units_[tier][u];
    const std::vector<size_t>& classes = rows_[r].vertices;
    const double wide = unit.right_px - unit.left_px - 2.0 * kBoxApart -
                        kClassApart * static_cast<double>(classes.size() - 1);
    const double step = unit.right_px - unit.left_px > kWideUnit ? kBoxStep : kSmallBoxStep;
    const int64_t units = std::max<int64_t>(1, unit_count(tier));
    std::vector<int64_t> in_unit;
    double all = 0.0;
    double tails = 0.0;
    for (const size_t v : classes) {
      in_unit.push_back(std::max<int64_t>(1, (plane_.vertices[v].count + units - 1) / units));
      all += static_cast<double>(in_unit.back());
      tails += tail_px(in_unit.back());
    }
    std::vector<int64_t> drawn = in_unit;
    if (all * step > wide) {
      const double room = (wide - tails) / step / static_cast<double>(classes.size());
      const auto share = static_cast<int64_t>(std::clamp(room, 1.0, 9.0));
      for (int64_t& n : drawn) n = std::min(n, share);
    }
    double taken = kClassApart * static_cast<double>(classes.size() - 1);
    for (size_t c = 0; c < classes.size(); ++c) {
      taken += static_cast<double>(drawn[c]) * step;
      if (drawn[c] < in_unit[c]) taken += tail_px(in_unit[c]);
    }
    double x = (unit.left_px + unit.right_px - taken) / 2.0;
    for (size_t c = 0; c < classes.size(); ++c) {
      x = draw_boxes(classes[c], u, drawn[c], in_unit[c], {x, rows_[r].middle_px}, step);
      x += kClassApart;
    }
    if (unit.after_gap) {
      marks_.texts +=
          text_mark({unit.left_px - (kUnitGap + kUnitApart) / 2.0, rows_[r].middle_px + 4.0}, "…",
                    "db", "middle");
    }
  }

  static std::string tail_text(int64_t count) {
    return "… × " + fixed_text(static_cast<double>(count), 0);
  }
  static double tail_px(int64_t count) {
    constexpr double kCharacter = 7.0;
    return kCharacter * display_width(tail_text(count));
  }

  double draw_boxes(size_t v, size_t u, int64_t drawn, int64_t count, Place from, double step) {
    for (int64_t i = 0; i < drawn; ++i) {
      const Place middle{from.x_px + step / 2.0, from.y_px};
      marks_.vertices += vertex_mark(middle, plane_.vertices[v].role, step - kBoxApart, kBoxTall);
      places_[v][u].push_back(middle);
      from.x_px += step;
    }
    if (drawn < count) {
      marks_.texts += text_mark({from.x_px + 1.0, from.y_px + 4.0}, tail_text(count), "dm");
      from.x_px += tail_px(count);
    }
    return from.x_px;
  }

  void draw_frames() {
    const double bottom = rows_[0].middle_px + std::max(rows_[0].height_px, kBoxTall) / 2.0;
    for (size_t t = tiers_.size(); t-- > 0;) {  // inner ones on top of outer ones
      if (unit_count(t) < 2) continue;
      const double depth = static_cast<double>(t) * 5.0;
      const double top = rows_[tiers_[t]].middle_px - kBoxTall / 2.0 - kFramePad;
      for (const Unit& unit : units_[t]) {
        marks_.frames += fmt::format(
            "<rect class=\"df\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "rx=\"9\"/>",
            unit.left_px, top, unit.right_px - unit.left_px, bottom + kFramePad + depth - top);
      }
    }
  }

  void draw_links(const DiagramLinks& links) {
    if (links.pattern != LinkPattern::kTier) return;
    const size_t from_tier = tier_of_row(row_of_[links.from]);
    const size_t to_tier = tier_of_row(row_of_[links.to]);
    std::string path;
    for (size_t u = 0; u < places_[links.from].size(); ++u) {
      size_t above = u;
      for (size_t t = from_tier; t < to_tier; ++t) above = units_[t][above].parent;
      for (const Place from : places_[links.from][u]) {
        for (const Place to : places_[links.to][above]) {
          path +=
              segment({from.x_px, from.y_px - kBoxTall / 2.0}, {to.x_px, to.y_px + kBoxTall / 2.0});
        }
      }
    }
    marks_.links += link_mark(links, path);
  }

  /// Interfaces sit on the first class, accelerators or nodes: joined without links of the fabric.
  void draw_stubs() {
    size_t below = plane_.vertices.size();
    size_t above = plane_.vertices.size();
    for (size_t v = 0; v < plane_.vertices.size(); ++v) {
      if (v == 0 && plane_.vertices[v].role != VertexRole::kSwitch) below = v;
      if (plane_.vertices[v].role == VertexRole::kInterface) above = v;
    }
    if (std::max(below, above) == plane_.vertices.size()) return;
    std::string path;
    for (size_t u = 0; u < places_[below].size(); ++u) {
      const size_t n = std::min(places_[below][u].size(), places_[above][u].size());
      for (size_t i = 0; i < n; ++i) {
        const Place from = places_[below][u][i];
        const Place to = places_[above][u][i];
        path +=
            segment({from.x_px, from.y_px - kBoxTall / 2.0}, {to.x_px, to.y_px + kBoxTall / 2.0});
      }
    }
    marks_.links += fmt::format("<path class=\"dstub\" d=\"{}\"/>", path);
  }

  const DiagramPlane& plane_;
  Marks& marks_;
  std::vector<Row> rows_;                                // from the bottom up
  std::vector<size_t> row_of_;                           // of a class of vertices
  std::vector<size_t> tiers_;                            // rows of switches, from the bottom up
  std::vector<std::vector<Unit>> units_;                 // of tiers_
  std::vector<std::vector<std::vector<Place>>> places_;  // of a class, in a unit
};

}  // namespace

double draw_tiers(const DiagramPlane& plane, double top_px, Marks& marks) {
  return Tiers(plane, marks).draw(top_px);
}

}  // namespace penstock::report
