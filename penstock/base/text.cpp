#include "penstock/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace penstock {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (true) {
    const size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string excerpt_of(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < ' ' || byte > '~' ? '?' : c;
  }
  if (text.size() > kShown) out += "...";
  return out + '"';
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

int edit_distance(std::string_view left, std::string_view right) {
  const std::string a = lower(left);
  const std::string b = lower(right);
  const size_t width = b.size() + 1;
  std::vector<int> two_back(width), back(width), row(width);
  for (size_t j = 0; j < width; ++j) back[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replace = back[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, back[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
    std::swap(two_back, back);
    std::swap(back, row);
  }
  return back[b.size()];
}

std::vector<std::string> nearest(std::string_view word, std::span<const std::string> candidates,
                                 size_t count_max) {
  struct Scored {
    int distance;
    const std::string* name;
  };
  std::vector<Scored> scored;
  const std::string needle = lower(word.substr(0, 200));
  for (const std::string& name : candidates) {
    int distance = edit_distance(needle, name);
    // a part of a longer name counts as near: 'h100' means 'h100_sxm'
    const std::string hay = lower(name);
    const bool inside = needle.size() >= 3 && hay.find(needle) != std::string::npos;
    if (inside) distance = std::min(distance, 1);
    const int allowed = std::max<int>(2, static_cast<int>(needle.size()) / 3);
    if (distance <= allowed) scored.push_back({distance, &name});
  }
  std::stable_sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return a.distance != b.distance ? a.distance < b.distance : *a.name < *b.name;
  });
  std::vector<std::string> result;
  for (const Scored& s : scored) {
    if (result.size() < count_max) result.push_back(*s.name);
  }
  return result;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  constexpr size_t kFewNames = 12;
  const std::vector<std::string> near = nearest(word, candidates);
  if (near.size() == 1) return fmt::format("; did you mean '{}'?", near[0]);
  if (!near.empty()) return fmt::format("; nearest: '{}'", fmt::join(near, "', '"));
  if (!candidates.empty() && candidates.size() <= kFewNames) {
    return fmt::format("; known: '{}'", fmt::join(candidates, "', '"));
  }
  return {};
}

std::string with_commas(int64_t number) {
  std::string digits = fmt::format("{}", number);
  if (number < 0) digits.erase(0, 1);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return number < 0 ? "-" + digits : digits;
}

}  // namespace penstock
