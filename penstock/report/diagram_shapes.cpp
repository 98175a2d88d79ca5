#include "penstock/report/diagram_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "penstock/report/number.h"

namespace penstock::report {
namespace {

constexpr double kDrawingTall = 330.0;
constexpr double kNodeWide = 24.0;
constexpr double kNodeTall = 17.0;

/// Labels of all classes one below the other; returns where they end.
double list_labels(const DiagramPlane& plane, double top_px, Marks& marks) {
  double y = top_px;
  for (const DiagramVertices& vertices : plane.vertices) {
    marks.texts += label_marks(vertices, y);
    y += label_height(vertices) + 6.0;
  }
  for (const DiagramLinks& links : plane.links) {
    marks.texts += label_marks(links, y);
    y += label_height(links) + 6.0;
  }
  return y;
}

std::string count_text(int64_t count) { return fixed_text(static_cast<double>(count), 0); }

/// Vertices drawn along one side of a grid; where some are left out, before the last.
struct Side {
  int64_t length = 1;
  int64_t drawn = 1;
  double step_px = 0.0;

  Side(int64_t side, int64_t most, double step)
      : length(std::max<int64_t>(side, 1)), drawn(std::min(length, most)), step_px(step) {}
  [[nodiscard]] bool gap() const { return length > drawn; }
  [[nodiscard]] bool gap_after(int64_t i) const { return gap() && i + 2 == drawn; }
  [[nodiscard]] double at_px(int64_t i) const {
    const double extra = gap() && i + 1 == drawn ? 0.35 * step_px : 0.0;
    return static_cast<double>(i) * step_px + extra;
  }
  [[nodiscard]] double span_px() const { return at_px(drawn - 1); }
};

/// Grid of up to three of the sides of a torus, with arcs from end to end.
class Rings {
 public:
  Rings(const DiagramPlane& plane, Place middle, Marks& marks)
      : plane_(plane),
        marks_(marks),
        across_(side(0), 6, 84.0),
        down_(side(1), 4, 66.0),
        deep_(side(2), 2, 1.0) {
    const double depth = deep_.drawn > 1 ? 1.0 : 0.0;
    origin_ = {middle.x_px - (across_.span_px() + depth * kDeepX) / 2.0,
               middle.y_px - (down_.span_px() - depth * kDeepY) / 2.0};
  }

  void draw() {
    paths_.resize(plane_.links.size());
    for (int64_t k = deep_.drawn; k-- > 0;) {
      for (int64_t j = 0; j < down_.drawn; ++j) {
        for (int64_t i = 0; i < across_.drawn; ++i) draw_vertex(i, j, k);
      }
    }
    for (size_t l = 0; l < paths_.size(); ++l) {
      marks_.links += link_mark(plane_.links[l], paths_[l]);
    }
  }

 private:
  static constexpr double kDeepX = 34.0;
  static constexpr double kDeepY = -26.0;

  [[nodiscard]] int64_t side(size_t dimension) const {
    return dimension < plane_.links.size() ? plane_.links[dimension].ring_size : 1;
  }
  [[nodiscard]] Place at(int64_t i, int64_t j, int64_t k) const {
    const auto depth = static_cast<double>(k);
    return {origin_.x_px + across_.at_px(i) + depth * kDeepX,
            origin_.y_px + down_.at_px(j) + depth * kDeepY};
  }

  void draw_vertex(int64_t i, int64_t j, int64_t k) {
    const Place here = at(i, j, k);
    marks_.vertices += vertex_mark(here, VertexRole::kAccelerator, kNodeWide, kNodeTall);
    if (i + 1 < across_.drawn) join(across_, i, 0, here, at(i + 1, j, k), k);
    if (j + 1 < down_.drawn) join(down_, j, 1, here, at(i, j + 1, k), k);
    if (k + 1 < deep_.drawn) paths_[2] += segment(here, at(i, j, k + 1));
    if (k > 0) return;
    // the ends of a side of two are neighbours already
    if (i == 0 && across_.length > 2) {
      const Place end = at(across_.drawn - 1, j, k);
      paths_[0] += fmt::format("M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                               here.x_px, here.y_px, here.x_px - 40.0, here.y_px + 34.0,
                               end.x_px + 40.0, end.y_px + 34.0, end.x_px, end.y_px);
    }
    if (j == 0 && down_.length > 2) {
      const Place end = at(i, down_.drawn - 1, k);
      paths_[1] += fmt::format("M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                               here.x_px, here.y_px, here.x_px - 34.0, here.y_px - 36.0,
                               end.x_px - 34.0, end.y_px + 36.0, end.x_px, end.y_px);
    }
  }

  void join(const Side& side, int64_t i, size_t dimension, Place from, Place to, int64_t k) {
    if (!side.gap_after(i)) {
      paths_[dimension] += segment(from, to);
      return;
    }
    if (k > 0) return;
    const Place middle{(from.x_px + to.x_px) / 2.0, (from.y_px + to.y_px) / 2.0 + 4.0};
    marks_.texts += text_mark(middle, dimension == 0 ? "…" : "⋮", "db", "middle");
  }

  const DiagramPlane& plane_;
  Marks& marks_;
  Side across_, down_, deep_;
  Place origin_;
  std::vector<std::string> paths_;
};

Place on_circle(Place middle, double radius_px, int64_t i, int64_t count) {
  const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) /
                           static_cast<double>(std::max<int64_t>(count, 1)) -
                       std::numbers::pi / 2.0;
  return {middle.x_px + radius_px * std::cos(angle), middle.y_px + radius_px * std::sin(angle)};
}

std::string all_pairs(const std::vector<Place>& places) {
  std::string path;
  for (size_t a = 0; a < places.size(); ++a) {
    for (size_t b = a + 1; b < places.size(); ++b) path += segment(places[a], places[b]);
  }
  return path;
}

const DiagramLinks* links_of(const DiagramPlane& plane, LinkPattern pattern) {
  for (const DiagramLinks& links : plane.links) {
    if (links.pattern == pattern) return &links;
  }
  return nullptr;
}

const DiagramVertices* vertices_of(const DiagramPlane& plane, VertexRole role) {
  for (const DiagramVertices& vertices : plane.vertices) {
    if (vertices.role == role) return &vertices;
  }
  return nullptr;
}

}  // namespace

double draw_rings(const DiagramPlane& plane, double top_px, Marks& marks) {
  const double labels = list_labels(plane, top_px, marks) - top_px;
  double height = std::max(labels, kDrawingTall);
  double down = 0.0;
  if (const DiagramVertices* circuit = vertices_of(plane, VertexRole::kSwitch)) {
    // circuit switches join ends of rings, and never route
    down = 44.0;
    height = std::max(height, kDrawingTall + down);
    const double y = top_px + 18.0;
    for (int i = 0; i < 3; ++i) {
      marks.vertices +=
          vertex_mark({kDrawingMiddle - 150.0 + 46.0 * i, y}, circuit->role, 38.0, kNodeTall);
    }
    marks.texts += text_mark({kDrawingMiddle - 26.0, y + 4.0},
                             circuit->count > 0 ? fmt::format("… × {}, between ends of rings",
                                                              count_text(circuit->count))
                                                : "… between ends of rings",
                             "dm");
  }
  Rings(plane, {kDrawingMiddle, top_px + (height + down) / 2.0 - 8.0}, marks).draw();
  return height + 8.0;
}

double draw_mesh(const DiagramPlane& plane, double top_px, Marks& marks) {
  constexpr int64_t kMost = 16;
  const double labels = list_labels(plane, top_px, marks) - top_px;
  const double height = std::max(labels, kDrawingTall);
  const DiagramVertices* vertices = vertices_of(plane, VertexRole::kAccelerator);
  const int64_t count = vertices == nullptr ? 0 : vertices->count;
  const int64_t drawn = std::min(count, kMost);
  const Place middle{kDrawingMiddle, top_px + height / 2.0};
  std::vector<Place> places;
  for (int64_t i = 0; i < drawn; ++i) {
    places.push_back(on_circle(middle, height / 2.0 - 26.0, i, drawn));
    marks.vertices += vertex_mark(places.back(), VertexRole::kAccelerator, 38.0, 24.0);
  }
  if (const DiagramLinks* links = links_of(plane, LinkPattern::kAllPairs)) {
    marks.links += link_mark(*links, all_pairs(places));
  }
  if (count > drawn) {
    marks.texts += text_mark({middle.x_px + height / 2.0 + 26.0, middle.y_px},
                             fmt::format("… × {}", count_text(count)), "dm");
  }
  return height + 8.0;
}

double draw_groups(const DiagramPlane& plane, double top_px, Marks& marks) {
  constexpr int64_t kMostGroups = 6;
  constexpr int64_t kMostRouters = 6;
  constexpr double kRouterRadius = 34.0;
  constexpr double kEndpointRadius = 58.0;
  const double labels = list_labels(plane, top_px, marks) - top_px;
  const double height = std::max(labels, 470.0);
  const DiagramVertices* routers = vertices_of(plane, VertexRole::kSwitch);
  if (routers == nullptr) return height;
  const int64_t groups = std::max<int64_t>(routers->unit_count, 1);
  const int64_t in_group = std::max<int64_t>(routers->count / groups, 1);
  const int64_t drawn_groups = std::min(groups, kMostGroups);
  const int64_t drawn = std::min(in_group, kMostRouters);
  const Place middle{kDrawingMiddle, top_px + height / 2.0};
  std::vector<Place> centres;
  std::string local;
  std::string own;
  for (int64_t g = 0; g < drawn_groups; ++g) {
    const Place centre =
        drawn_groups == 1 ? middle : on_circle(middle, height / 2.0 - 68.0, g, drawn_groups);
    centres.push_back(centre);
    marks.frames += fmt::format("<circle class=\"df\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"68\"/>",
                                centre.x_px, centre.y_px);
    std::vector<Place> places;
    for (int64_t i = 0; i < drawn; ++i) {
      places.push_back(on_circle(centre, kRouterRadius, i, drawn));
      const Place endpoint = on_circle(centre, kEndpointRadius, i, drawn);
      own += segment(places.back(), endpoint);
      marks.vertices += vertex_mark(places.back(), VertexRole::kSwitch, 16.0, 12.0);
      marks.vertices += vertex_mark(endpoint, VertexRole::kAccelerator, 9.0, 9.0);
    }
    local += all_pairs(places);
    if (in_group > drawn) {
      marks.texts += text_mark({centre.x_px, centre.y_px + 4.0},
                               fmt::format("× {}", count_text(in_group)), "db dhalo", "middle");
    }
  }
  if (const auto* links = links_of(plane, LinkPattern::kGroupPairs)) {
    marks.frames = link_mark(*links, all_pairs(centres)) + marks.frames;
  }
  if (const auto* links = links_of(plane, LinkPattern::kTier))
    marks.links += link_mark(*links, own);
  if (const auto* links = links_of(plane, LinkPattern::kAllPairs)) {
    marks.links += link_mark(*links, local);
  }
  if (groups > drawn_groups) {
    marks.texts += text_mark({kDrawingRight, top_px + height - 8.0},
                             fmt::format("… × {} groups", count_text(groups)), "dm", "end");
  }
  return height + 8.0;
}

}  // namespace penstock::report
