/// What the readers of trace files share: lines, places of mistakes, numbers, and the trace built
/// row by row. A BOM and CRLF line ends are taken; blank lines are passed over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/time.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

/// A point in time of a file, in picoseconds since whatever the file counts from.
using FileTime = Int128;

class TraceReader {
 public:
  TraceReader(std::shared_ptr<const Source> source, Findings& findings);

  /// The next line that is not blank, without its end. False after the last.
  bool next_line(std::string_view& line);
  /// Whether the line handed out last is the file's last and has no line end: perhaps cut off.
  [[nodiscard]] bool at_open_end() const { return open_end_; }

  /// A mistake at a part of the current line (`part` must lie inside it). The first
  /// kMistakesShown are kept with their places, the rest is counted.
  void mistake(std::string_view part, std::string message);
  static constexpr int kMistakesShown = 25;
  /// A mistake of the file as a whole.
  void file_mistake(std::string message);

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

  std::shared_ptr<const Source> source_;
  Findings& findings_;
  std::string_view rest_;
  std::string_view line_;
  int line_number_ = 0;
  bool open_end_ = false;
  int64_t mistake_count_ = 0;

  Trace trace_;
  std::optional<FileTime> origin_;
  int64_t latest_ = 0;
  int64_t unsorted_count_ = 0;
  int64_t row_count_ = 0;
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

/// A part of the input as messages quote it: cut, without control characters.
std::string excerpt_of(std::string_view text);

}  // namespace penstock::workload
