#include "penstock/workload/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock::workload {
namespace {

bool same_name(std::string_view a, std::string_view b) { return lower(trim(a)) == lower(b); }

/// Without the spaces and tabs around; stays a part of the line even when nothing is left.
std::string_view trimmed_part(const char* begin, const char* end) {
  while (begin < end && (*begin == ' ' || *begin == '\t')) ++begin;
  while (begin < end && (end[-1] == ' ' || end[-1] == '\t')) --end;
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

bool is_header_of(std::string_view line, std::span<const CsvColumn> columns) {
  constexpr size_t kHeaderMax = 1024;  // no header is longer; a file without line ends may be
  if (line.size() > kHeaderMax) return false;
  const std::vector<std::string_view> names = split(line, ',');
  return std::all_of(columns.begin(), columns.end(), [&](const CsvColumn& column) {
    return !column.required || std::any_of(names.begin(), names.end(), [&](std::string_view n) {
      return same_name(n, column.name);
    });
  });
}

CsvReader::CsvReader(TraceReader& reader, std::span<const CsvColumn> columns) : reader_(reader) {
  PENSTOCK_CHECK(columns.size() <= kColumnsMax, "{} columns", columns.size());
  place_.fill(kColumnsMax);
  std::string_view line;
  if (reader_.next_line(line)) read_header(line, columns);
}

void CsvReader::read_header(std::string_view line, std::span<const CsvColumn> columns) {
  width_ = split(line);
  if (width_ > kColumnsMax) {
    reader_.mistake(line, fmt::format("more than {} columns", kColumnsMax));
    return;
  }
  std::vector<std::string> known;
  for (const CsvColumn& column : columns) known.emplace_back(column.name);
  usable_ = true;
  for (size_t i = 0; i < width_; ++i) {
    const auto match = std::find_if(columns.begin(), columns.end(), [&](const CsvColumn& c) {
      return same_name(fields_[i], c.name);
    });
    const auto index = static_cast<size_t>(match - columns.begin());
    if (match == columns.end()) {
      reader_.mistake(fields_[i], fmt::format("unknown column {}{}", excerpt_of(fields_[i]),
                                              suggestion(fields_[i], known)));
      usable_ = false;
    } else if (place_[index] < kColumnsMax) {
      reader_.mistake(fields_[i], fmt::format("column '{}' stands twice", match->name));
      usable_ = false;
    } else {
      place_[index] = i;
    }
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].required && !has(i)) {
      reader_.mistake(line, fmt::format("no column '{}'", columns[i].name));
      usable_ = false;
    }
  }
}

size_t CsvReader::split(std::string_view line) {
  size_t count = 0;
  const char* begin = line.data();
  const char* const end = begin + line.size();
  while (true) {
    const char* comma = std::find(begin, end, ',');
    if (count < kColumnsMax) fields_[count] = trimmed_part(begin, comma);
    ++count;
    if (comma == end) return count;
    begin = comma + 1;
  }
}

bool CsvReader::next_row() {
  std::string_view line;
  while (usable_ && reader_.next_line(line)) {
    const size_t count = split(line);
    if (count == width_) return true;
    const std::string found =
        fmt::format("{} column{} where the header has {}", count, count == 1 ? "" : "s", width_);
    const bool cut_off = reader_.at_open_end() && count < width_;
    reader_.mistake(line, cut_off ? "the last line is cut off: " + found : found);
  }
  return false;
}

}  // namespace penstock::workload
