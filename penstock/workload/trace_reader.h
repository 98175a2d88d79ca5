/// What the readers of trace files share: lines, places of mistakes, numbers, and the trace built
/// row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/line_reader.h"
#include "penstock/base/time.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

/// A point in time of a file, in picoseconds since whatever the file counts from.
using FileTime = Int128;

class TraceReader : public LineReader {
 public:
  TraceReader(const std::shared_ptr<const Source>& source, Findings& findings);

  struct Row {
    int64_t input_tokens = 0;
    int64_t output_tokens = 0;
    int32_t priority = 0;
  };
  /// Appends a request. `time_part` is where its time stands, for a time out of range.
  void add(FileTime time, std::string_view time_part, const Row& row);
  /// Gives the request added last its prefix hashes.
  void add_hashes(const std::vector<uint64_t>& hashes, int64_t run_tokens);

  /// Counts rows that the format skips or mends, told in one note at the end: "12 rows of 100 " +
  /// reason. Reasons must be constant texts.
  void count_row(std::string_view reason);

  /// Sorts when needed, shifts the first arrival to zero, writes the notes.
  Trace finish();

 private:
  void sort_by_arrival();
  void shift_to_zero();

  Trace trace_;
  std::optional<FileTime> origin_;
  int64_t latest_ = 0;
  int64_t unsorted_count_ = 0;
  std::vector<std::pair<std::string_view, int64_t>> counted_;
};

/// A count of tokens in [minimum, kTokensMax]. Whole decimals such as "374.0" are taken. A mistake
/// is reported under the name and gives nullopt.
std::optional<int64_t> read_tokens(TraceReader& reader, std::string_view text,
                                   std::string_view name, int64_t minimum = 1);

/// A time as a plain number of `unit` picoseconds ("12.5", "1e3"), exact to the picosecond where
/// written without exponent. A mistake is reported under the name and gives nullopt.
std::optional<FileTime> read_time(TraceReader& reader, std::string_view text, std::string_view name,
                                  int64_t unit_picoseconds);

}  // namespace penstock::workload
