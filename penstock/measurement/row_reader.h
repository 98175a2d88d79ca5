/// What the readers of measurement files share: typed fields of a row, each mistake at its place.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/csv.h"
#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/measurement/number_format.h"

namespace penstock::measurement {

/// Rows of one file. A field that cannot be read is a mistake and gives a value in range, so that
/// the rest of the row is checked too; `good()` tells whether to keep the row.
class RowReader {
 public:
  RowReader(const std::shared_ptr<const Source>& source, std::span<const CsvColumn> columns,
            const catalog::Catalog& catalog, Findings& findings);

  bool next();
  /// No mistake in this row so far.
  [[nodiscard]] bool good() const { return lines_.mistake_count() == mistakes_before_; }
  /// Tells what repeats, and that a file has no rows. Call it once, after the last.
  void finish();

  [[nodiscard]] int line() const { return lines_.line_number(); }
  [[nodiscard]] bool has(size_t column) const { return !csv_.field(column).empty(); }
  [[nodiscard]] std::string text(size_t column) const { return csv_.text(column); }

  /// A whole number; "16.0" is one.
  int64_t count(size_t column, int64_t minimum = 1);
  /// nullopt where the field is empty.
  std::optional<int64_t> maybe_count(size_t column, int64_t minimum = 1);
  /// A positive duration in the unit the column is named after.
  Seconds duration(size_t column, Seconds unit);
  /// The same, from zero on: a point in time.
  Seconds instant(size_t column, Seconds unit);
  /// A positive power in watts; nullopt where the field is empty.
  std::optional<Watts> watts(size_t column);
  /// A number from zero on that is a ratio.
  double ratio(size_t column) { return number(column, true); }
  TokensPerSecond token_rate(size_t column);
  /// As `format`; nullopt where the field is empty.
  std::optional<NumberFormat> maybe_format(size_t column);
  /// The catalog's id of the accelerator a field names by id or alias.
  std::string accelerator(size_t column) { return accelerator_named(csv_.field(column), column); }
  /// The same for a name that is part of the field.
  std::string accelerator_named(std::string_view name, size_t column);
  [[nodiscard]] std::string_view field(size_t column) const { return csv_.field(column); }
  NumberFormat format(size_t column);
  bool truth(size_t column);

  /// One of an enum's names.
  template <NamedEnum E>
  E word(size_t column) {
    const std::string_view field = csv_.field(column);
    for (const auto& [value, name] : EnumText<E>::kNames) {
      if (name == field) return value;
    }
    std::vector<std::string> names;
    for (const auto& [value, name] : EnumText<E>::kNames) {
      if (!name.empty()) names.emplace_back(name);
    }
    unknown_word(column, names);
    return EnumText<E>::kNames[0].first;
  }

  /// A time that no accelerator of this kind could reach is a mistake: its unit must be another's.
  /// Operations may take half of what the matrix peak allows (clocks rise above the stated peak),
  /// bytes a tenth of what the memory bandwidth does (caches hold some).
  void check_speed(size_t column, Seconds latency, const std::string& accelerator,
                   catalog::Dtype compute, Flop operations, Bytes bytes);

  /// A mistake at a column's field, or at the row when the file has no such column.
  void mistake(size_t column, std::string_view message);
  /// The mistake of a field that is none of `names`.
  void unknown_word(size_t column, const std::vector<std::string>& names);

 private:
  /// A mistake a whole file may share (an accelerator the catalog does not know): told once, with
  /// the number of further rows.
  struct Repeated {
    Mark mark;
    std::string message;
    int width = 1;
    int64_t more_count = 0;
  };

  // the number of a column named after a unit, above zero or from zero on
  double number(size_t column, bool zero_is_good);
  const catalog::Accelerator* look_up(const std::string& id);

  std::span<const CsvColumn> columns_;
  const catalog::Catalog& catalog_;
  Findings& findings_;
  LineReader lines_;
  CsvReader csv_;
  int64_t mistakes_before_ = 0;
  int64_t row_count_ = 0;
  std::map<std::string, std::string, std::less<>> accelerators_;        // id by the file's name
  std::map<std::string, std::optional<catalog::Accelerator>> entries_;  // by id
  std::map<std::string, Repeated, std::less<>> repeated_;               // by what was not known
};

/// Reads every row of a file with `read`, keeping the good ones.
template <class Row, class Read>
std::vector<Row> rows_of(const std::shared_ptr<const Source>& source,
                         std::span<const CsvColumn> columns, const catalog::Catalog& catalog,
                         Findings& findings, const Read& read) {
  std::vector<Row> rows;
  RowReader reader(source, columns, catalog, findings);
  while (reader.next()) {
    Row row = read(reader);
    if (reader.good()) rows.push_back(std::move(row));
  }
  reader.finish();
  return rows;
}

}  // namespace penstock::measurement
