#include "penstock/report/csv.h"

#include <fmt/format.h>

#include <cmath>

namespace penstock::report {
namespace {

std::string field(std::string_view text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                     (text.empty() || (text.front() != ' ' && text.back() != ' '));
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string field(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return field(std::string_view(*text));
  if (const auto* count = std::get_if<int64_t>(&cell)) return fmt::format("{}", *count);
  const double number = std::get<double>(cell);
  return std::isfinite(number) ? fmt::format("{}", number) : std::string{};
}

}  // namespace

std::string to_csv(const Table& table) {
  std::string out;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    const std::string name =
        column.unit.empty() ? column.name : fmt::format("{} ({})", column.name, column.unit);
    if (c > 0) out += ',';
    out += field(std::string_view(name));
  }
  out += "\r\n";
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) out += ',';
      if (c < row.size()) out += field(row[c]);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace penstock::report
