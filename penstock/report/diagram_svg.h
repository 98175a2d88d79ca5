/// A picture of fabrics as SVG: rows of vertices, the links between them, counts beside both.
///
/// Tiers are rows with the endpoints at the bottom; a few units and vertices of each class are
/// drawn and the rest counted. Rings are drawn as a grid with arcs round its ends, full meshes as
/// points on a circle, groups of routers as circles on a circle. Colour and dash tell the medium;
/// where links carry a load, colour and width tell their use instead, and the dash the medium.
#pragma once

#include <string>

#include "penstock/base/result.h"

namespace penstock::report {

/// A file of its own: loads nothing, follows the reader's light or dark setting.
std::string diagram_svg(const Diagram& diagram);

}  // namespace penstock::report
