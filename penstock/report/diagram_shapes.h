/// The drawings inside a picture of fabrics, each in its area. Internal to the report module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/result.h"

namespace penstock::report {

/// A length in a drawing, in the units of its view box.
using Pixels = double;

struct Place {
  Pixels x_px = 0.0;
  Pixels y_px = 0.0;
};

/// Marks in the order they are painted: frames, links, vertices, texts.
struct Marks {
  std::string frames;
  std::string links;
  std::string vertices;
  std::string texts;

  [[nodiscard]] std::string all() const { return frames + links + vertices + texts; }
};

/// Pixels from the left: labels, then the drawing.
inline constexpr Pixels kDiagramWidth = 1120.0;
inline constexpr Pixels kLabelLeft = 24.0;
inline constexpr Pixels kDrawingLeft = 384.0;
inline constexpr Pixels kDrawingRight = 1096.0;
inline constexpr Pixels kDrawingMiddle = (kDrawingLeft + kDrawingRight) / 2.0;

/// A straight text; `kind` is a class of the style sheet, `anchor` start, middle or end.
std::string text_mark(Place at, std::string_view text, std::string_view kind = "",
                      std::string_view anchor = "start");

/// A vertex as a rounded box around its middle.
std::string vertex_mark(Place middle, VertexRole role, Pixels width_px, Pixels height_px);

/// One path of links in the style of their class.
std::string link_mark(const DiagramLinks& links, const std::string& path);

/// "M1 2L3 4".
std::string segment(Place from, Place to);

/// Height that the labels of vertices and links take, and the labels from `top` down.
Pixels label_height(const DiagramVertices& vertices);
Pixels label_height(const DiagramLinks& links);
std::string label_marks(const DiagramVertices& vertices, Pixels top_px);
std::string label_marks(const DiagramLinks& links, Pixels top_px);

/// Each draws a plane from `top` down and returns the height it took.
Pixels draw_tiers(const DiagramPlane& plane, Pixels top_px, Marks& marks);
Pixels draw_rings(const DiagramPlane& plane, Pixels top_px, Marks& marks);
Pixels draw_mesh(const DiagramPlane& plane, Pixels top_px, Marks& marks);
Pixels draw_groups(const DiagramPlane& plane, Pixels top_px, Marks& marks);

}  // namespace penstock::report
