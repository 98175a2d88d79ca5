#include "penstock/report/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "penstock/base/text.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

// a shrunk column still shows a name of the catalog in one piece
constexpr int kNarrowestText = 8;
constexpr int kWidestPiece = 20;

struct Layout {
  std::vector<int> widths;
  std::vector<std::vector<std::string>> headers;  // lines of each column
  bool boxed = true;

  [[nodiscard]] int frame() const {
    const int columns = static_cast<int>(widths.size());
    return boxed ? 3 * columns + 1 : 2 * (columns - 1);
  }
  [[nodiscard]] int total() const { return std::accumulate(widths.begin(), widths.end(), frame()); }
};

/// As narrow as a column may be shrunk: the words of its cells stay whole unless they are long.
int narrowest_of(const Grid& grid, size_t column) {
  int piece = longest_piece(grid.columns[column].name);
  for (const auto& row : grid.rows) {
    if (column >= row.size()) continue;
    for (const std::string_view word : split(row[column], ' ')) {
      piece = std::max(piece, display_width(word));
    }
  }
  return std::clamp(piece, kNarrowestText, kWidestPiece);
}

int widest_cell(const Grid& grid, size_t column) {
  int widest = display_width(grid.columns[column].unit);
  for (const auto& row : grid.rows) {
    if (column < row.size()) widest = std::max(widest, display_width(row[column]));
  }
  return std::max(widest, 1);
}

// shrinks the widest of the columns that may be wrapped, one column of the terminal at a time
void shrink(Layout& layout, const Grid& grid, const std::vector<int>& narrowest, int width) {
  while (layout.total() > width) {
    int widest = -1;
    for (size_t c = 0; c < layout.widths.size(); ++c) {
      if (!grid.columns[c].shrinkable || layout.widths[c] <= narrowest[c]) continue;
      if (widest < 0 || layout.widths[c] > layout.widths[static_cast<size_t>(widest)]) {
        widest = static_cast<int>(c);
      }
    }
    if (widest < 0) return;
    --layout.widths[static_cast<size_t>(widest)];
  }
}

Layout fit(const Grid& grid, const TextOptions& options) {
  Layout layout;
  layout.boxed = options.unicode;
  std::vector<int> cells;
  std::vector<int> narrowest;
  for (size_t c = 0; c < grid.columns.size(); ++c) {
    cells.push_back(widest_cell(grid, c));
    layout.widths.push_back(std::max(cells[c], display_width(grid.columns[c].name)));
    narrowest.push_back(std::min(layout.widths[c], narrowest_of(grid, c)));
  }
  // first headers wrap, then long texts
  for (size_t c = 0; c < grid.columns.size() && layout.total() > options.width; ++c) {
    layout.widths[c] = std::max(cells[c], longest_piece(grid.columns[c].name));
  }
  shrink(layout, grid, narrowest, options.width);
  return layout;
}

std::vector<std::string> header_lines(const GridColumn& column, int width) {
  std::vector<std::string> lines = broken_lines(column.name, width);
  if (!column.unit.empty()) lines.push_back(elide(column.unit, width));
  return lines;
}

std::string cell(std::string_view text, int width, bool right) {
  return right ? pad_left(text, width) : pad_right(text, width);
}

void append_rule(std::string& out, const Layout& layout, std::string_view left,
                 std::string_view middle, std::string_view right) {
  for (size_t c = 0; c < layout.widths.size(); ++c) {
    if (layout.boxed) out += c == 0 ? left : middle;
    if (!layout.boxed && c > 0) out += "  ";
    const int length = layout.widths[c] + (layout.boxed ? 2 : 0);
    for (int i = 0; i < length; ++i) out += layout.boxed ? "─" : "-";
  }
  if (layout.boxed) out += right;
  out += '\n';
}

void append_row(std::string& out, const Layout& layout, const std::vector<std::string>& cells) {
  for (size_t c = 0; c < cells.size(); ++c) {
    if (layout.boxed) out += c == 0 ? "│ " : " │ ";
    if (!layout.boxed && c > 0) out += "  ";
    out += cells[c];
  }
  if (layout.boxed) {
    out += " │";
  } else {
    out.erase(out.find_last_not_of(' ') + 1);
  }
  out += '\n';
}

// a row is as high as its highest cell
void append_cells(std::string& out, const Grid& grid, const Layout& layout,
                  const std::vector<std::string>& row) {
  std::vector<std::vector<std::string>> lines;
  size_t height = 1;
  for (size_t c = 0; c < grid.columns.size(); ++c) {
    lines.push_back(broken_lines(c < row.size() ? row[c] : std::string{}, layout.widths[c]));
    height = std::max(height, lines.back().size());
  }
  for (size_t line = 0; line < height; ++line) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < lines.size(); ++c) {
      const std::string_view text =
          line < lines[c].size() ? std::string_view(lines[c][line]) : std::string_view{};
      cells.push_back(cell(text, layout.widths[c], grid.columns[c].right));
    }
    append_row(out, layout, cells);
  }
}

void append_header(std::string& out, const Grid& grid, const Layout& layout) {
  size_t height = 0;
  for (const auto& lines : layout.headers) height = std::max(height, lines.size());
  for (size_t line = 0; line < height; ++line) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < layout.headers.size(); ++c) {
      // headers stand on the rule: shorter ones start lower
      const size_t missing = height - layout.headers[c].size();
      const std::string_view text =
          line < missing ? std::string_view{} : std::string_view(layout.headers[c][line - missing]);
      cells.push_back(cell(text, layout.widths[c], grid.columns[c].right));
    }
    append_row(out, layout, cells);
  }
}

// names the columns that had to go
std::string drop_columns(Grid& grid, Layout& layout, int width) {
  std::vector<std::string> dropped;
  while (layout.widths.size() > 1 && layout.total() > width) {
    dropped.insert(dropped.begin(), grid.columns.back().name);
    grid.columns.pop_back();
    layout.widths.pop_back();
  }
  if (layout.total() > width) {
    layout.widths[0] = std::max(1, layout.widths[0] - (layout.total() - width));
  }
  if (dropped.empty()) return {};
  return wrap(fmt::format("not shown in {} columns: {}", width, join(dropped)), width, "") + '\n';
}

}  // namespace

std::string grid_text(Grid grid, const TextOptions& options) {
  if (grid.columns.empty()) return {};
  Layout layout = fit(grid, options);
  const std::string dropped = drop_columns(grid, layout, options.width);
  for (size_t c = 0; c < grid.columns.size(); ++c) {
    layout.headers.push_back(header_lines(grid.columns[c], layout.widths[c]));
  }
  std::string out;
  if (layout.boxed) append_rule(out, layout, "┌", "┬", "┐");
  append_header(out, grid, layout);
  append_rule(out, layout, "├", "┼", "┤");
  for (const auto& row : grid.rows) append_cells(out, grid, layout, row);
  if (layout.boxed) append_rule(out, layout, "└", "┴", "┘");
  return out + dropped;
}

}  // namespace penstock::report
