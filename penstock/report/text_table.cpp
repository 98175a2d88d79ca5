#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/report/grid.h"
#include "penstock/report/number.h"
#include "penstock/report/table_view.h"
#include "penstock/report/text.h"
#include "penstock/report/text_paint.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

std::string title_line(std::string_view title, const TextOptions& options) {
  if (title.empty()) return {};
  return Paint(options).bold(wrap(clean(title), options.width, "")) + '\n';
}

// names of the headline metrics of all results, in order of first mention
std::vector<const Metric*> rows_of(std::span<const Result> results) {
  std::vector<const Metric*> rows;
  for (const Result& result : results) {
    for (const Metric* metric : headline_of(result)) {
      const auto same = [&](const Metric* row) { return row->name == metric->name; };
      if (std::none_of(rows.begin(), rows.end(), same)) rows.push_back(metric);
    }
  }
  return rows;
}

std::string compared_text(const Metric& metric, const Scale& scale) {
  std::string text = number_text(metric.value_factor / scale.divisor_ratio);
  return text.insert(text.starts_with('-') ? 1 : 0, scale.before);
}

std::string missing_text(const Result& result) { return result.infeasible ? "infeasible" : ""; }

std::string change_text(double value, double base) {
  if (!std::isfinite(value) || !std::isfinite(base) || base == 0.0) return {};
  const double ratio = value / base;
  // a manifold reads better than "+1,900 %"
  constexpr double kManifold = 3.0;
  if (ratio >= kManifold) return fmt::format("x{}", number_text(ratio, 2));
  const double percent = (ratio - 1.0) * 100.0;
  if (std::abs(percent) < 0.05) return "=";
  return fmt::format("{}{} %", percent > 0 ? "+" : "", number_text(percent, 2));
}

}  // namespace

std::string table_text(const Table& table, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  const TableView view = table_view(table);
  Grid grid;
  for (const TableColumnView& column : view.columns) {
    grid.columns.push_back({column.name, column.unit, column.numeric, !column.numeric});
  }
  grid.rows = view.rows;
  return title_line(table.title, options) + grid_text(std::move(grid), options);
}

std::string compare_text(std::span<const Result> results, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  Grid grid;
  grid.columns = {{"metric", "", false, true}, {"unit", "", false, true}};
  for (size_t r = 0; r < results.size(); ++r) {
    grid.columns.push_back({clean(results[r].name), "", true, true});
    if (r > 0 && !results[r].infeasible) grid.columns.push_back({"change", "", true, false});
  }
  for (const Metric* row : rows_of(results)) {
    // the first run that has the metric sets the unit of the row
    const Scale scale = scale_for(row->unit, row->value_factor);
    std::vector<std::string> cells = {clean(metric_label(row->name)), scale.unit};
    const Metric* base = results[0].find(row->name);
    for (size_t r = 0; r < results.size(); ++r) {
      const Metric* metric = results[r].find(row->name);
      cells.push_back(metric ? compared_text(*metric, scale) : missing_text(results[r]));
      if (r == 0 || results[r].infeasible) continue;
      const bool both = metric != nullptr && base != nullptr;
      cells.push_back(both ? change_text(metric->value_factor, base->value_factor) : "");
    }
    grid.rows.push_back(std::move(cells));
  }
  std::string out = grid_text(std::move(grid), options);
  for (const Result& result : results) {
    if (!result.infeasible) continue;
    out += wrap(fmt::format("{}: infeasible: {}", clean(result.name), clean(*result.infeasible)),
                options.width, "") +
           '\n';
  }
  return out;
}

}  // namespace penstock::report
