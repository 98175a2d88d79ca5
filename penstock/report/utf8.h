/// UTF-8 as a terminal and a page need it: widths in columns, elision, cleaning of foreign texts.
///
/// Names and scenario texts come from users. `clean` makes them safe to print: no control
/// characters (a terminal would obey them) and no broken UTF-8 (JSON must not carry it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::report {

/// One decoded character. A broken byte decodes to U+FFFD with length 1.
struct CodePoint {
  uint32_t value = 0;
  size_t length_count = 1;  ///< bytes it took
  bool valid = true;
};

/// The character at the start of a non-empty text.
CodePoint first_code_point(std::string_view text);

/// Columns of a terminal that the text takes: wide East Asian characters take two, marks none.
int display_width(std::string_view text);

/// Valid UTF-8 without control characters: each run of white space and controls becomes one space.
std::string clean(std::string_view text);

/// `clean` that keeps line ends and turns tabs into spaces: for a scenario's text.
std::string clean_lines(std::string_view text);

/// At most `width` columns; a text that is longer ends in "…" (or "~" without unicode).
std::string elide(std::string_view text, int width, bool unicode = true);

/// Padded with spaces to `width` columns; a longer text stays as it is.
std::string pad_right(std::string_view text, int width);
std::string pad_left(std::string_view text, int width);

/// Greedy line breaking at spaces; a word that is longer than the width is elided.
std::string wrap(std::string_view text, int width, std::string_view indent);

/// Lines of at most `width` columns that hold the whole text: broken at spaces, else after a mark
/// such as '.', '_' or '/', else inside a word. At least one line.
std::vector<std::string> broken_lines(std::string_view text, int width);

/// Columns of the longest part of the text that `broken_lines` would rather not break.
int longest_piece(std::string_view text);

}  // namespace penstock::report
