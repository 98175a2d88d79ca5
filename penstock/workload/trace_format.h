/// Files of recorded requests: the formats that are read and written, told apart by first lines.
///
/// Reading is strict: every mistake of a file is found in one run, with line and column, and what
/// is mended or skipped is said in the trace's notes. Formats live in formats/, one file each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

class TraceReader;

/// One file format. Members of formats/ register themselves.
class TraceFormat {
 public:
  virtual ~TraceFormat() = default;
  /// What a file of this format begins with, for messages.
  [[nodiscard]] virtual std::string_view first_line() const = 0;
  /// Whether a file that begins with this line, trimmed, is of this format.
  [[nodiscard]] virtual bool recognises(std::string_view first_line) const = 0;
  /// Reads all lines; mistakes go to the reader.
  virtual void read(TraceReader& reader) const = 0;
  /// The trace as a file's text. What the format cannot hold is left out and named in `notes`.
  [[nodiscard]] virtual std::string write(const Trace& trace,
                                          std::vector<std::string>& notes) const = 0;
};

/// Reads a trace file. An empty `format` recognises it by the first line; a name asks for that
/// registered format. With findings, the trace is not to be used.
Trace read_trace(const std::string& path, Findings& findings, std::string_view format = {});

/// The same for a text in memory.
Trace parse_trace(const std::shared_ptr<const Source>& source, Findings& findings,
                  std::string_view format = {});

/// The trace in a registered format; `notes` says what was lost. An unknown format is a finding.
std::string write_trace(const Trace& trace, std::string_view format,
                        std::vector<std::string>& notes, Findings& findings);

/// What a format cannot hold of a trace, as notes: for the writers.
struct FormatLimits {
  bool priorities = false;
  int64_t prefix_run_tokens = 0;  ///< the only run length it can hold; 0 holds no hashes
  int64_t resolution_picoseconds = 1;
};
void note_losses(const Trace& trace, std::string_view format, const FormatLimits& limits,
                 std::vector<std::string>& notes);

}  // namespace penstock::workload
