/// A tree read from YAML (or JSON, which is YAML) that remembers the place of every key and value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"

namespace penstock {

struct NodeEntry;

/// One value of the tree. Maps keep the order of the file; keys are unique.
struct Node {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  bool quoted = false;  ///< the scalar stood in quotes: it is a text, never a number
  std::string text;     ///< of a scalar
  Mark mark;
  std::vector<Node> items;         ///< of a list
  std::vector<NodeEntry> entries;  ///< of a map

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_list() const { return kind == Kind::kList; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }

  /// The value of a key of a map, or nullptr.
  [[nodiscard]] const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

struct NodeEntry {
  std::string key;
  Mark key_mark;
  Node value;
};

/// Reads one YAML document strictly: duplicate keys, anchors, merge keys, tags, several documents
/// and control characters are mistakes. Everything found is added to `findings`; the tree holds
/// what could be read. Limits: 64 MiB, depth 64, a million values.
Node parse_yaml(const std::shared_ptr<const Source>& source, Findings& findings);

/// Reads a file for `parse_yaml` and the trace readers. A missing or oversized file is a finding.
std::shared_ptr<const Source> read_source(const std::string& path, Findings& findings);

/// Sets `path` ("serving.replicas", "pools.0.count") to a value written as YAML; keys on the way
/// are made when missing. `origin` names the flag in messages.
void set_path(Node& root, std::string_view path, std::string_view value_text,
              std::string_view origin, Findings& findings);

/// The tree as YAML text, keys in order; reads back to the same tree.
std::string to_yaml(const Node& node);

/// A scalar node without a place, for writers.
Node scalar_node(std::string text, bool quoted = false);

}  // namespace penstock
