// Catalog::figures: an entry's tree as rows of figure, value and provenance.

#include <array>

#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

/// Provenance as texts of the tree: what the file says, unchecked.
struct Origin {
  std::string source;
  std::string date;
  std::string confidence;
};

std::string text_of(const Node& node, std::string_view key, std::string_view otherwise = {}) {
  const Node* value = node.find(key);
  return std::string(value != nullptr && value->is_scalar() ? value->text : otherwise);
}

Origin origin_of(const Node& node, const Origin& outer) {
  return {text_of(node, "source", outer.source), text_of(node, "date", outer.date),
          text_of(node, "confidence", outer.confidence)};
}

bool is_about_the_entry(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {"id",   "aliases",    "summary", "source",
                                                     "date", "confidence", "note"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

std::string flat_list(const Node& list) {
  std::string text;
  for (const Node& item : list.items) {
    if (!text.empty()) text += ", ";
    text += item.text;
  }
  return text;
}

bool is_plain_list(const Node& node) {
  return node.is_list() && std::all_of(node.items.begin(), node.items.end(),
                                       [](const Node& item) { return item.is_scalar(); });
}

void add_rows(const Node& node, const std::string& name, const Origin& outer, Table& table) {
  if (node.is_null()) return;
  const Origin origin = node.is_map() ? origin_of(node, outer) : outer;
  const Node* value = node.find("value");
  if (value != nullptr || node.is_scalar() || is_plain_list(node)) {
    const Node& figure = value != nullptr ? *value : node;
    const std::string text = figure.is_list() ? flat_list(figure) : figure.text;
    table.rows.push_back(
        {name, text, origin.source, origin.date, origin.confidence, text_of(node, "note")});
    return;
  }
  const std::string prefix = name.empty() ? name : name + ".";
  for (size_t i = 0; i < node.items.size(); ++i) {
    add_rows(node.items[i], fmt::format("{}{}", prefix, i), origin, table);
  }
  for (const NodeEntry& entry : node.entries) {
    if (is_about_the_entry(entry.key)) continue;
    add_rows(entry.value, prefix + entry.key, origin, table);
  }
}

}  // namespace

Table Catalog::figures(std::string_view kind, std::string_view name) const {
  Table table;
  table.id = "figures";
  table.columns = {{"figure", {}}, {"value", {}},      {"source", {}},
                   {"date", {}},   {"confidence", {}}, {"note", {}}};
  const std::optional<Node> found = tree(kind, name);
  if (!found) return table;
  table.title = fmt::format("{}: {}", canonical_id(kind, name).value_or(std::string(name)),
                            text_of(*found, "summary"));
  add_rows(*found, {}, Origin{}, table);
  if (kind == "models") {
    Findings findings;
    const Model model = read_model_entry(*found, findings);
    if (findings.empty()) {
      for (auto& row : derived_figures(model)) table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace penstock::catalog
