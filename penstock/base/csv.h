/// Rows of comma-separated files: a header by column names, then fields in place.
///
/// A field may stand in double quotes, in which commas count as text and a quote is written twice;
/// a quoted field ends on its line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/line_reader.h"

namespace penstock {

/// A column of a format. Names are compared without regard to case and spaces around.
struct CsvColumn {
  std::string_view name;
  bool required = true;
};

/// Whether a first line is a header that has every required column.
bool is_header_of(std::string_view line, std::span<const CsvColumn> columns);

/// Walks the rows of a CSV file.
class CsvReader {
 public:
  /// Takes the first line. Missing, unknown and repeated columns are mistakes; then no row follows.
  CsvReader(LineReader& reader, std::span<const CsvColumn> columns);

  /// Moves to the next row with the right number of fields; others are mistakes.
  bool next_row();
  /// The trimmed field of the column with this index in the format's list, without its quotes;
  /// empty when the file has no such column. Always a part of the line.
  [[nodiscard]] std::string_view field(size_t column) const {
    return place_[column] < fields_.size() ? fields_[place_[column]] : std::string_view{};
  }
  /// The field as a text of its own: quotes that were written twice are single.
  [[nodiscard]] std::string text(size_t column) const;
  [[nodiscard]] bool has(size_t column) const { return place_[column] != kAbsent; }

  /// More columns than any format has.
  static constexpr size_t kColumnsMax = 64;

 private:
  static constexpr size_t kAbsent = kColumnsMax;

  void read_header(std::string_view line, std::span<const CsvColumn> columns);
  /// Fills fields_ and counts the fields; 0 after a mistake.
  size_t split(std::string_view line);

  LineReader& reader_;
  bool usable_ = false;
  size_t width_ = 0;
  std::vector<size_t> place_;  // of the format's columns in the file
  std::vector<std::string_view> fields_;
};

}  // namespace penstock
