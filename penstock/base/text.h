/// Small text helpers shared by readers and reports: trimming, joining, nearest names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Without leading and trailing spaces, tabs and line ends.
std::string_view trim(std::string_view text);

/// Lower case of ASCII letters; other bytes stay.
std::string lower(std::string_view text);

/// The parts between separators; an empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// A part of an input as messages quote it: cut, without control characters.
std::string excerpt_of(std::string_view text);

/// Joined by ", " or the given separator.
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

/// Optimal string alignment distance (insert, delete, replace, swap neighbours), ASCII case
/// ignored.
int edit_distance(std::string_view a, std::string_view b);

/// The closest candidates, best first, at most `count_max`; only those near enough to be meant.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> candidates,
                                 size_t count_max = 3);

/// "; did you mean 'a'?" or "; nearest: 'a', 'b'", or a list of all when few; empty for none.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

/// A number with thousands separated by commas: 19,366.
std::string with_commas(int64_t number);

}  // namespace penstock
