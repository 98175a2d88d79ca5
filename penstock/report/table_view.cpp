#include "penstock/report/table_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "penstock/base/text.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

TableColumnView column_view(const Table& table, size_t at) {
  TableColumnView view;
  view.name = clean(table.columns[at].name);
  const std::string& unit = table.columns[at].unit;
  std::vector<double> numbers;
  bool only_counts = true;
  for (const auto& row : table.rows) {
    if (at >= row.size() || std::holds_alternative<std::string>(row[at])) continue;
    only_counts = only_counts && std::holds_alternative<int64_t>(row[at]);
    numbers.push_back(cell_factor(row[at]));
  }
  view.numeric = !numbers.empty();
  if (!view.numeric) return view;
  // whole numbers without a unit are counts, never percentages
  if (unit.empty() && only_counts) {
    view.scale = ColumnScale{{1.0, "", ""}, 0};
    return view;
  }
  view.scale = column_scale(numbers, unit);
  view.share = unit.empty() && view.scale.scale.unit == "%";
  view.unit = clean(view.scale.scale.before);
  const std::string after = clean(view.scale.scale.unit);
  if (!view.unit.empty() && !after.empty()) view.unit += ' ';
  view.unit += after;
  return view;
}

std::string cell_text(const Cell& cell, const TableColumnView& column) {
  if (const auto* text = std::get_if<std::string>(&cell)) return clean(*text);
  if (const auto* count = std::get_if<int64_t>(&cell)) {
    if (column.scale.scale.divisor_ratio == 1.0) return with_commas(*count);
  }
  return column_text(cell_factor(cell), column.scale);
}

}  // namespace

double cell_factor(const Cell& cell) {
  if (const auto* count = std::get_if<int64_t>(&cell)) return static_cast<double>(*count);
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  return std::numeric_limits<double>::quiet_NaN();
}

TableView table_view(const Table& table) {
  TableView view;
  for (size_t at = 0; at < table.columns.size(); ++at) {
    view.columns.push_back(column_view(table, at));
  }
  for (const auto& row : table.rows) {
    std::vector<std::string> texts(view.columns.size());
    for (size_t at = 0; at < std::min(row.size(), texts.size()); ++at) {
      texts[at] = cell_text(row[at], view.columns[at]);
    }
    view.rows.push_back(std::move(texts));
  }
  return view;
}

}  // namespace penstock::report
