/// Names of entries as people write them. Header only, because tools/embed_catalog is built before
/// the catalog.
#pragma once

#include <string>
#include <string_view>

namespace penstock::catalog {

/// One spelling for all that mean the same: lower case, '_' for '-' and ' '.
inline std::string folded_name(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c == '-' || c == ' ') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

/// True for two spellings of one name.
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && folded_name(a) == folded_name(b);
}

}  // namespace penstock::catalog
