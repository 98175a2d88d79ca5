/// The lines of a text file and the places of its mistakes, for readers of traces and measurements.
/// A BOM and CRLF line ends are taken; blank lines are passed over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "penstock/base/error.h"

namespace penstock {

class LineReader {
 public:
  /// Neither a copy nor another reader may take over: parts of the current line are places.
  LineReader(std::shared_ptr<const Source> source, Findings& findings);

  /// The next line that is not blank, without its end. False after the last.
  bool next_line(std::string_view& line);
  /// Whether the line handed out last is the file's last and has no line end: perhaps cut off.
  [[nodiscard]] bool at_open_end() const { return open_end_; }
  /// Of the line handed out last, counted from 1 with the blank ones.
  [[nodiscard]] int line_number() const { return line_number_; }
  /// Lines handed out.
  [[nodiscard]] int64_t line_count() const { return line_count_; }

  /// A mistake at a part of the current line (`part` must lie inside it). The first
  /// kMistakesShown are kept with their places, the rest is counted.
  void mistake(std::string_view part, std::string message);
  static constexpr int kMistakesShown = 25;
  /// A mistake of the file as a whole.
  void file_mistake(std::string message);
  [[nodiscard]] int64_t mistake_count() const { return mistake_count_; }
  /// Where a part of the current line stands.
  [[nodiscard]] Mark place_of(std::string_view part) const;
  /// Says how many mistakes were only counted; call it once, after the last line.
  void tell_hidden_mistakes();

 private:
  std::shared_ptr<const Source> source_;
  Findings& findings_;
  std::string_view rest_;
  std::string_view line_;
  int line_number_ = 0;
  int64_t line_count_ = 0;
  bool open_end_ = false;
  int64_t mistake_count_ = 0;
};

}  // namespace penstock
