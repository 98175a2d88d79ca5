/// A table ready to show: texts for cells, one prefix a column. Shared by terminal and page.
#pragma once

#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/report/number.h"

namespace penstock::report {

struct TableColumnView {
  std::string name;
  std::string unit;      ///< shown under or beside the name: "ms", "%"; may be empty
  bool numeric = false;  ///< holds a number in some row
  bool share = false;    ///< numbers in [0, 1] shown as percentages
  ColumnScale scale;
};

struct TableView {
  std::vector<TableColumnView> columns;
  std::vector<std::vector<std::string>> rows;  ///< as wide as `columns`
};

TableView table_view(const Table& table);

/// The number in a cell, in the unit of its column; NaN of a text.
double cell_factor(const Cell& cell);

}  // namespace penstock::report
