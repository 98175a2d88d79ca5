#include "penstock/catalog/provenance.h"

#include <algorithm>

#include "penstock/base/text.h"

namespace penstock::catalog {

std::string key_of(const ConfigReader& reader, const Node& node) {
  for (const NodeEntry& entry : reader.node().entries) {
    if (&entry.value == &node) return entry.key;
  }
  return "value";
}

bool is_date(std::string_view text) {
  constexpr std::array<size_t, 3> kWidths = {4, 2, 2};
  const std::vector<std::string_view> parts = split(text, '-');
  if (parts.size() > kWidths.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool digits =
        std::all_of(parts[i].begin(), parts[i].end(), [](char c) { return c >= '0' && c <= '9'; });
    if (parts[i].size() != kWidths[i] || !digits) return false;
  }
  return true;
}

void check_dates(const Node& node, Findings& findings) {
  for (const Node& item : node.items) check_dates(item, findings);
  for (const NodeEntry& entry : node.entries) {
    check_dates(entry.value, findings);
    if (entry.key != "date" || !entry.value.is_scalar() || is_date(entry.value.text)) continue;
    findings.add(entry.value.mark,
                 fmt::format("'date' must be a year, month or day, for example 2025, 2025-04 or "
                             "2025-04-16; got \"{}\"",
                             entry.value.text),
                 static_cast<int>(entry.value.text.size()));
  }
}

}  // namespace penstock::catalog
