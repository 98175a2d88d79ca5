#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/report/html_parts.h"
#include "penstock/report/table_view.h"

namespace penstock::report {
namespace {

// longer tables are read by programs; the page says where the rest stands
constexpr size_t kRowsShown = 400;

std::string header_html(const TableView& view) {
  std::string out = "<thead><tr>";
  for (const TableColumnView& column : view.columns) {
    out += fmt::format(
        "<th scope=\"col\"{}>{}{}</th>", column.numeric ? " class=\"n\"" : "", escaped(column.name),
        column.unit.empty() ? "" : fmt::format("<small>{}</small>", escaped(column.unit)));
  }
  return out + "</tr></thead>";
}

std::string cell_html(const TableColumnView& column, const std::string& text, const Cell* cell) {
  if (!column.numeric) return fmt::format("<td>{}</td>", escaped(text));
  const double number = cell != nullptr ? cell_factor(*cell) : 0.0;
  // the exact number is what a click on the header sorts by
  const std::string sort = number == number ? fmt::format(" data-v=\"{}\"", number) : "";
  if (column.share && number >= 0.0 && number <= 1.0) {
    return fmt::format("<td class=\"n sh\" style=\"--w:{}\"{}>{}</td>", percent(number), sort,
                       escaped(text));
  }
  return fmt::format("<td class=\"n\"{}>{}</td>", sort, escaped(text));
}

}  // namespace

std::string rows_html(const Table& table) {
  const TableView view = table_view(table);
  std::string out = "<table class=\"sortable\">" + header_html(view) + "<tbody>";
  for (size_t r = 0; r < view.rows.size() && r < kRowsShown; ++r) {
    out += "<tr>";
    for (size_t c = 0; c < view.columns.size(); ++c) {
      const Cell* cell = c < table.rows[r].size() ? &table.rows[r][c] : nullptr;
      out += cell_html(view.columns[c], view.rows[r][c], cell);
    }
    out += "</tr>";
  }
  return out + "</tbody></table>";
}

std::string table_html(const Table& table, bool wide) {
  std::string out =
      fmt::format("<figure class=\"card{}\"><figcaption>{}</figcaption>", wide ? " wide" : "",
                  escaped(table.title.empty() ? table.id : table.title));
  out += "<div class=\"scroll\">" + rows_html(table) + "</div>";
  if (table.rows.size() > kRowsShown) {
    out += fmt::format("<p class=\"small\">{} more rows are in result.json.</p>",
                       with_commas(static_cast<int64_t>(table.rows.size() - kRowsShown)));
  }
  return out + "</figure>\n";
}

}  // namespace penstock::report
