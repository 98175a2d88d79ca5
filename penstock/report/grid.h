/// A grid of texts fitted to a terminal: headers and texts wrap, columns that cannot fit are named.
///
/// Every text table of the report passes through here, so that no line is wider than asked.
#pragma once

#include <string>
#include <vector>

#include "penstock/report/text.h"

namespace penstock::report {

struct GridColumn {
  std::string name;
  std::string unit;         ///< second header line; may be empty
  bool right = false;       ///< numbers stand right
  bool shrinkable = false;  ///< may be wrapped to fit
};

struct Grid {
  std::vector<GridColumn> columns;
  std::vector<std::vector<std::string>> rows;  ///< clean texts; short rows are filled
};

/// Lines of at most `options.width` columns, each ended by a line end.
std::string grid_text(Grid grid, const TextOptions& options);

}  // namespace penstock::report
