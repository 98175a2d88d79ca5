#include "penstock/catalog/model_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "penstock/base/text.h"

namespace penstock::catalog {
namespace {

/// Where multimodal configs keep their language model.
constexpr std::array<std::string_view, 4> kLanguageParts = {"text_config", "llm_config",
                                                            "language_config", "language_model"};

const Node* language_part(const Node& tree) {
  for (const std::string_view name : kLanguageParts) {
    const Node* part = tree.find(name);
    if (part != nullptr && part->is_map()) return part;
  }
  return &tree;
}

std::string shown(const Node& node) {
  constexpr size_t kShownBytes = 60;
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: return fmt::format("\"{}\"", node.text.substr(0, kShownBytes));
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a group of keys";
  }
  return "?";
}

int width_of(const Node& node) { return std::max(1, static_cast<int>(node.text.size())); }

bool is_off(const Node& value) {
  if (value.is_scalar()) return value.text == "false" || value.text == "0" || value.text.empty();
  return value.items.empty() && value.entries.empty();
}

/// Whole numbers also as JSON writers print them from floats: 4096.0, 1e6.
std::optional<int64_t> whole_number(const std::string& text) {
  const char* end = text.data() + text.size();
  int64_t number = 0;
  if (const auto [stop, code] = std::from_chars(text.data(), end, number);
      code == std::errc{} && stop == end) {
    return number;
  }
  double real = 0.0;
  const auto [stop, code] = std::from_chars(text.data(), end, real);
  constexpr double kExact = 9007199254740992.0;  // 2^53: above it a double skips whole numbers
  const bool whole =
      code == std::errc{} && stop == end && std::abs(real) <= kExact && std::trunc(real) == real;
  if (!whole) return std::nullopt;
  return static_cast<int64_t>(real);
}

}  // namespace

ModelKeys::ModelKeys(const Node& tree, Findings& findings)
    : outer_(&tree), inner_(language_part(tree)), findings_(findings) {
  if (!tree.is_map()) {
    findings_.add(tree.mark, fmt::format("a model config is a group of keys; got {}", shown(tree)),
                  width_of(tree));
  }
  for (const std::string_view name : kLanguageParts) asked_.emplace(name);
}

const Node* ModelKeys::find(Spellings names) {
  for (const std::string_view name : names) asked_.emplace(name);
  for (const Node* map : {inner_, outer_}) {
    for (const std::string_view name : names) {
      const Node* value = map->find(name);
      if (value != nullptr && !value->is_null()) return value;
    }
  }
  return nullptr;
}

std::optional<int64_t> ModelKeys::to_count(const Node& node, std::string_view name,
                                           CountBounds bounds) {
  std::optional<int64_t> number;
  if (node.is_scalar() && !node.quoted) number = whole_number(node.text);
  if (!number) {
    findings_.add(node.mark, fmt::format("'{}' must be a whole number; got {}", name, shown(node)),
                  width_of(node));
    return std::nullopt;
  }
  if (*number < bounds.min || *number > bounds.max) {
    findings_.add(node.mark,
                  fmt::format("'{}' must be between {} and {}; got {}", name,
                              with_commas(bounds.min), with_commas(bounds.max), node.text),
                  width_of(node));
    return std::nullopt;
  }
  return number;
}

std::optional<int64_t> ModelKeys::count(Spellings names, CountBounds bounds) {
  const Node* node = find(names);
  if (node == nullptr) return std::nullopt;
  return to_count(*node, *names.begin(), bounds);
}

int64_t ModelKeys::need_count(Spellings names, CountBounds bounds) {
  if (const Node* node = find(names); node != nullptr) {
    return to_count(*node, *names.begin(), bounds).value_or(1);
  }
  std::vector<std::string> present;
  for (const NodeEntry& entry : inner_->entries) {
    if (!asked_.contains(entry.key)) present.push_back(entry.key);
  }
  const std::vector<std::string> near = nearest(*names.begin(), present, 1);
  const std::string hint = near.empty() ? "" : fmt::format("; is it '{}'?", near[0]);
  findings_.add(inner_->mark, fmt::format("missing key '{}'{}", *names.begin(), hint));
  return 1;
}

std::optional<bool> ModelKeys::flag(Spellings names) {
  const Node* node = find(names);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar() && !node->quoted && (node->text == "true" || node->text == "false")) {
    return node->text == "true";
  }
  findings_.add(node->mark,
                fmt::format("'{}' must be true or false; got {}", *names.begin(), shown(*node)),
                width_of(*node));
  return std::nullopt;
}

std::optional<std::string> ModelKeys::text(Spellings names) {
  const Node* node = find(names);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar()) return node->text;
  findings_.add(node->mark,
                fmt::format("'{}' must be a text; got {}", *names.begin(), shown(*node)));
  return std::nullopt;
}

std::optional<std::vector<int64_t>> ModelKeys::counts(Spellings names, CountBounds bounds) {
  const Node* node = find(names);
  if (node == nullptr || !node->is_list()) return std::nullopt;
  std::vector<int64_t> numbers;
  for (const Node& item : node->items) {
    const auto number = to_count(item, *names.begin(), bounds);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<std::vector<std::string>> ModelKeys::texts(Spellings names) {
  const Node* node = find(names);
  if (node == nullptr) return std::nullopt;
  std::vector<std::string> words;
  for (const Node& item : node->items) {
    if (item.is_scalar()) words.push_back(item.text);
  }
  if (node->is_list() && words.size() == node->items.size()) return words;
  findings_.add(node->mark,
                fmt::format("'{}' must be a list of words; got {}", *names.begin(), shown(*node)));
  return std::nullopt;
}

void ModelKeys::mistake(Spellings names, std::string message) {
  const Node* node = find(names);
  if (node == nullptr) node = inner_;
  findings_.add(node->mark, std::move(message), node->is_scalar() ? width_of(*node) : 1);
}

void ModelKeys::add_unused(const Node& map, std::string_view prefix,
                           std::vector<Unused>& out) const {
  for (const NodeEntry& entry : map.entries) {
    if (asked_.contains(entry.key) || is_without_effect(entry.key)) continue;
    if (entry.value.is_null()) continue;
    out.push_back({fmt::format("{}{}", prefix, entry.key), entry.key_mark, is_off(entry.value)});
  }
}

std::vector<ModelKeys::Unused> ModelKeys::unused() const {
  std::vector<Unused> out;
  add_unused(*outer_, "", out);
  if (inner_ != outer_) add_unused(*inner_, "text_config.", out);
  return out;
}

std::string ModelKeys::suggestion_for(std::string_view name) const {
  return suggestion(name, std::vector<std::string>(asked_.begin(), asked_.end()));
}

}  // namespace penstock::catalog
