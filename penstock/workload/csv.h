/// Rows of comma-separated traces: a header by column names, then fields in place. No quotes: the
/// traces hold numbers and plain words.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/workload/trace_reader.h"

namespace penstock::workload {

/// A column of a format. Names are compared without regard to case and spaces around.
struct CsvColumn {
  std::string_view name;
  bool required = true;
};

/// Whether a first line is a header that has every required column.
bool is_header_of(std::string_view line, std::span<const CsvColumn> columns);

/// Walks the rows of a CSV trace.
class CsvReader {
 public:
  /// Takes the first line. Missing, unknown and repeated columns are mistakes; then no row follows.
  CsvReader(TraceReader& reader, std::span<const CsvColumn> columns);

  /// Moves to the next row with the right number of fields; others are mistakes.
  bool next_row();
  /// The trimmed field of the column with this index in the format's list; empty when the file has
  /// no such column. Always a part of the line.
  [[nodiscard]] std::string_view field(size_t column) const {
    return place_[column] < kColumnsMax ? fields_[place_[column]] : std::string_view{};
  }
  [[nodiscard]] bool has(size_t column) const { return place_[column] < kColumnsMax; }

 private:
  static constexpr size_t kColumnsMax = 16;

  void read_header(std::string_view line, std::span<const CsvColumn> columns);
  size_t split(std::string_view line);

  TraceReader& reader_;
  bool usable_ = false;
  size_t width_ = 0;
  std::array<size_t, kColumnsMax> place_{};  // of the format's columns in the file
  std::array<std::string_view, kColumnsMax> fields_;
};

}  // namespace penstock::workload
