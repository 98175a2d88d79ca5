#include "penstock/base/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "penstock/base/check.h"
#include "penstock/base/text.h"

namespace penstock {
namespace {

bool same_name(std::string_view a, std::string_view b) { return lower(trim(a)) == lower(b); }

bool is_space(char c) { return c == ' ' || c == '\t'; }

/// Without the spaces and tabs around; stays a part of the line even when nothing is left.
std::string_view trimmed_part(const char* begin, const char* end) {
  while (begin < end && is_space(*begin)) ++begin;
  while (begin < end && is_space(end[-1])) --end;
  return {begin, static_cast<size_t>(end - begin)};
}

/// The part before a unit of time, power or size that ends a name: "latency" of "latency_us". A
/// name without one is whole.
std::string_view without_unit(std::string_view name) {
  constexpr std::array<std::string_view, 11> kUnits = {"ns", "us", "ms", "s",  "w", "mw",
                                                       "kw", "b",  "kb", "mb", "gb"};
  const size_t at = name.rfind('_');
  if (at == std::string_view::npos) return name;
  const std::string unit = lower(trim(name.substr(at + 1)));
  const bool known = std::find(kUnits.begin(), kUnits.end(), unit) != kUnits.end();
  return known ? name.substr(0, at) : name;
}

/// What to do about a column that no format of this kind has.
std::string advice_on(std::string_view name, std::span<const CsvColumn> columns) {
  std::vector<std::string> known;
  for (const CsvColumn& column : columns) {
    const std::string_view stem = without_unit(column.name);
    if (stem != column.name && same_name(without_unit(name), stem)) {
      return fmt::format("; the unit of '{}' is fixed, convert the column", column.name);
    }
    known.emplace_back(column.name);
  }
  return suggestion(name, known);
}

/// The end of a quoted field that begins at `begin` with its quote: the closing quote, or nullptr.
const char* closing_quote(const char* begin, const char* end) {
  for (const char* at = begin + 1; at < end; ++at) {
    if (*at != '"') continue;
    if (at + 1 == end || at[1] != '"') return at;
    ++at;
  }
  return nullptr;
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

CsvReader::CsvReader(LineReader& reader, std::span<const CsvColumn> columns)
    : reader_(reader), place_(columns.size(), kAbsent) {
  PENSTOCK_CHECK(columns.size() <= kColumnsMax, "{} columns", columns.size());
  std::string_view line;
  if (reader_.next_line(line)) read_header(line, columns);
}

void CsvReader::read_header(std::string_view line, std::span<const CsvColumn> columns) {
  width_ = split(line);
  if (width_ > kColumnsMax) {
    reader_.mistake(line, fmt::format("more than {} columns", kColumnsMax));
    return;
  }
  usable_ = width_ > 0;
  for (size_t i = 0; i < width_; ++i) {
    const auto match = std::find_if(columns.begin(), columns.end(), [&](const CsvColumn& c) {
      return same_name(fields_[i], c.name);
    });
    const auto index = static_cast<size_t>(match - columns.begin());
    if (match == columns.end()) {
      reader_.mistake(fields_[i], fmt::format("unknown column {}{}", excerpt_of(fields_[i]),
                                              advice_on(fields_[i], columns)));
      usable_ = false;
    } else if (has(index)) {
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
  fields_.clear();
  size_t count = 0;
  const char* begin = line.data();
  const char* const end = begin + line.size();
  while (true) {
    const char* start = begin;
    while (start < end && is_space(*start)) ++start;
    const char* last = begin;  // of the field, past its closing quote
    const bool quoted = start < end && *start == '"';
    if (quoted) {
      last = closing_quote(start, end);
      if (last == nullptr) {
        reader_.mistake({start, 1}, "this quote is not closed on its line");
        return 0;
      }
    }
    const auto* comma =
        static_cast<const char*>(std::memchr(last, ',', static_cast<size_t>(end - last)));
    if (comma == nullptr) comma = end;
    if (quoted && !trimmed_part(last + 1, comma).empty()) {
      reader_.mistake({last, 1},
                      "text follows a closing quote; a quote in a text is written twice");
      return 0;
    }
    const std::string_view field =
        quoted ? trimmed_part(start + 1, last) : trimmed_part(start, comma);
    if (count < kColumnsMax) fields_.push_back(field);
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
    if (count == 0) continue;
    const std::string found =
        fmt::format("{} column{} where the header has {}", count, count == 1 ? "" : "s", width_);
    const bool cut_off = reader_.at_open_end() && count < width_;
    reader_.mistake(line, cut_off ? "the last line is cut off: " + found : found);
  }
  return false;
}

std::string CsvReader::text(size_t column) const {
  std::string text;
  const std::string_view raw = field(column);
  text.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    text += raw[i];
    if (raw.substr(i, 2) == "\"\"") ++i;
  }
  return text;
}

}  // namespace penstock
