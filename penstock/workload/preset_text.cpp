#include "penstock/workload/preset_text.h"

#include <algorithm>

#include "penstock/base/node.h"

namespace penstock::workload {
namespace {

constexpr size_t kColumns = 100;

/// A scalar as YAML, without its line end.
std::string scalar_text(const Node& node) {
  std::string text = to_yaml(node);
  text.pop_back();
  return text;
}

/// "[a, b]", broken before the line is too long.
void write_list(const Node& list, size_t indent, size_t column, std::string& out) {
  out += '[';
  ++column;
  for (size_t i = 0; i < list.items.size(); ++i) {
    const std::string item = scalar_text(list.items[i]) + (i + 1 < list.items.size() ? "," : "]");
    if (i > 0 && column + 1 + item.size() > kColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (i > 0) {
      out += ' ';
      ++column;
    }
    out += item;
    column += item.size();
  }
  out += '\n';
}

void write_map(const Node& map, size_t indent, std::string& out) {
  for (const auto& [key, mark, value] : map.entries) {
    const bool empty = value.is_null() || (value.is_list() && value.items.empty()) ||
                       (value.is_scalar() && value.text.empty());
    if (empty) continue;
    const std::string begin = std::string(indent, ' ') + key + ':';
    out += begin;
    if (value.is_map()) {
      out += '\n';
      write_map(value, indent + 2, out);
    } else if (value.is_list()) {
      out += ' ';
      write_list(value, indent + 2, begin.size() + 1, out);
    } else {
      out += ' ' + scalar_text(value) + '\n';
    }
  }
}

}  // namespace

std::string preset_text(const WorkloadPreset& preset) {
  Node node = ConfigWriter::write(preset);
  // measured gaps leave the burstiness of a gamma law without effect
  if (Node* generator = node.find("generator")) {
    Node* arrivals = generator->find("arrivals");
    const Node* shares = arrivals != nullptr ? arrivals->find("gap_shares") : nullptr;
    if (shares != nullptr && !shares->items.empty()) {
      std::erase_if(arrivals->entries, [](const NodeEntry& e) { return e.key == "burstiness"; });
    }
  }
  std::string out;
  write_map(node, 0, out);
  return out;
}

}  // namespace penstock::workload
