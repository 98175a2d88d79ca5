#include "penstock/base/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "penstock/base/text.h"

namespace penstock {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

LineReader::LineReader(std::shared_ptr<const Source> source, Findings& findings)
    : source_(std::move(source)), findings_(findings), rest_(source_->text) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

bool LineReader::next_line(std::string_view& line) {
  while (!rest_.empty()) {
    const size_t end = rest_.find('\n');
    open_end_ = end == std::string_view::npos;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(open_end_ ? rest_.size() : end + 1);
    ++line_number_;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (trim(line_).empty()) continue;
    ++line_count_;
    line = line_;
    return true;
  }
  return false;
}

Mark LineReader::place_of(std::string_view part) const {
  // columns count from the line's first byte in the file, a byte-order mark included
  const char* begin = line_.data();
  if (line_number_ == 1) begin = source_->text.data();
  return Mark{source_, line_number_, static_cast<int>(part.data() - begin) + 1};
}

void LineReader::mistake(std::string_view part, std::string message) {
  if (++mistake_count_ > kMistakesShown) return;
  findings_.add(place_of(part), std::move(message), std::max(1, static_cast<int>(part.size())));
}

void LineReader::file_mistake(std::string message) {
  ++mistake_count_;
  findings_.add(Mark{source_, 0, 0}, std::move(message));
}

void LineReader::tell_hidden_mistakes() {
  if (mistake_count_ <= kMistakesShown) return;
  findings_.add(Mark{source_, 0, 0},
                fmt::format("and {} more mistakes", with_commas(mistake_count_ - kMistakesShown)));
}

}  // namespace penstock
