#include "penstock/report/utf8.h"

#include <algorithm>
#include <array>

namespace penstock::report {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

struct Range {
  uint32_t first;
  uint32_t last;
};

// East Asian Wide and Fullwidth, and emoji; Unicode 15, EastAsianWidth.txt, rounded to blocks
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

// combining marks and zero-width formats; Unicode 15, general category Mn and Cf, rounded to blocks
constexpr std::array kZero = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
    Range{0x202A, 0x202E}, Range{0x2060, 0x2069}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
    Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
};

template <size_t N>
bool within(uint32_t value, const std::array<Range, N>& ranges) {
  for (const Range& range : ranges) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

bool is_control(uint32_t value) {
  // C0, delete, C1, and the marks that turn the direction of text around
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || (value >= 0x202A && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069);
}

int width_of(uint32_t value) {
  if (value < 0x300) return 1;
  if (within(value, kZero)) return 0;
  return within(value, kWide) ? 2 : 1;
}

void append_valid(std::string& out, std::string_view text, const CodePoint& point) {
  if (point.valid) {
    out.append(text.substr(0, point.length_count));
  } else {
    out += "\uFFFD";
  }
}

std::string clean_keeping(std::string_view text, bool line_ends) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (line_ends && point.value == '\n') {
      out += '\n';
    } else if (line_ends && point.value == '\t') {
      out += "  ";
    } else if (point.valid && (is_control(point.value) || point.value == ' ')) {
      // a carriage return before a line end, and runs of blanks in a one-line text, collapse
      const bool blank = !out.empty() && out.back() == ' ';
      if (line_ends ? point.value == ' ' : !blank) out += ' ';
    } else {
      append_valid(out, text, point);
    }
    text.remove_prefix(point.length_count);
  }
  return out;
}

/// Takes the text up to and with the next space or mark.
std::string_view next_piece(std::string_view& text) {
  const size_t at = text.find_first_of(" ._/,-");
  const std::string_view piece =
      text.substr(0, at == std::string_view::npos ? text.size() : at + 1);
  text.remove_prefix(piece.size());
  return piece;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {kReplacement, 1, false};
  uint32_t value = lead & (0x7Fu >> length);
  for (size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0u) != 0x80) return {kReplacement, 1, false};
    value = (value << 6) | (byte(at) & 0x3Fu);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest.at(length) || surrogate || value > 0x10FFFF) {
    return {kReplacement, 1, false};
  }
  return {value, length, true};
}

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    width += width_of(point.value);
    text.remove_prefix(point.length_count);
  }
  return width;
}

std::string clean(std::string_view text) { return clean_keeping(text, false); }

std::string clean_lines(std::string_view text) { return clean_keeping(text, true); }

std::string elide(std::string_view text, int width, bool unicode) {
  if (display_width(text) <= width) return std::string(text);
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const int next = width_of(point.value);
    if (used + next > width - 1) break;
    append_valid(out, text, point);
    used += next;
    text.remove_prefix(point.length_count);
  }
  if (width >= 1) out += unicode ? "…" : "~";
  return out;
}

std::string pad_right(std::string_view text, int width) {
  std::string out(text);
  const int missing = width - display_width(text);
  if (missing > 0) out.append(static_cast<size_t>(missing), ' ');
  return out;
}

std::string pad_left(std::string_view text, int width) {
  const int missing = width - display_width(text);
  std::string out(static_cast<size_t>(missing > 0 ? missing : 0), ' ');
  return out.append(text);
}

std::string wrap(std::string_view text, int width, std::string_view indent) {
  const int room = std::max(1, width - display_width(indent));
  std::string out(indent);
  int used = 0;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const std::string word = elide(text.substr(0, space), room);
    const int length = display_width(word);
    if (used > 0 && used + 1 + length > room) {
      out += '\n';
      out += indent;
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += length;
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return out;
}

std::vector<std::string> broken_lines(std::string_view text, int width) {
  std::vector<std::string> lines(1);
  int used = 0;
  const auto end_line = [&] {
    lines.emplace_back();
    used = 0;
  };
  const auto add_whole = [&](std::string_view part) {
    const int length = display_width(part);
    if (used > 0 && used + length > width) end_line();
    while (!part.empty()) {
      const CodePoint point = first_code_point(part);
      const int next = width_of(point.value);
      if (used > 0 && used + next > width) end_line();
      append_valid(lines.back(), part, point);
      used += next;
      part.remove_prefix(point.length_count);
    }
  };
  while (!text.empty()) {
    const size_t space = text.find(' ');
    std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    const int length = display_width(word);
    if (used > 0 && used + 1 + std::min(length, longest_piece(word)) <= width &&
        (used + 1 + length <= width || length > width)) {
      lines.back() += ' ';
      ++used;
    } else if (used > 0) {
      end_line();
    }
    if (length <= width) {
      add_whole(word);
      continue;
    }
    for (std::string_view piece = next_piece(word); !piece.empty(); piece = next_piece(word)) {
      add_whole(piece);
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

int longest_piece(std::string_view text) {
  int longest = 0;
  for (std::string_view piece = next_piece(text); !piece.empty(); piece = next_piece(text)) {
    longest = std::max(longest, display_width(piece) - (piece.ends_with(' ') ? 1 : 0));
  }
  return longest;
}

}  // namespace penstock::report
