/// Trees of the built-in catalog as bytes: what tools/embed_catalog writes at build time and the
/// catalog decodes at run time. Header only, because the tool is built before the catalog.
///
/// Numbers are LEB128 varints, texts are a length and their bytes. The blob is an index (entry
/// count; per entry kind, id, aliases, summary, offset of its tree) followed by the trees.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/base/node.h"

namespace penstock::catalog {

/// Appends numbers, texts and trees to a byte string.
class TreeWriter {
 public:
  void number(uint64_t value) {
    constexpr uint64_t kContinue = 0x80;
    while (value >= kContinue) {
      bytes_ += static_cast<char>(value | kContinue);
      value >>= 7U;
    }
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void tree(const Node& node) {
    number(static_cast<uint64_t>(node.kind) * 2 + (node.quoted ? 1 : 0));
    mark(node.mark);
    if (node.is_scalar()) text(node.text);
    if (node.is_list()) {
      number(node.items.size());
      for (const Node& item : node.items) tree(item);
    }
    if (node.is_map()) {
      number(node.entries.size());
      for (const NodeEntry& entry : node.entries) {
        text(entry.key);
        mark(entry.key_mark);
        tree(entry.value);
      }
    }
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void mark(const Mark& place) {
    number(static_cast<uint64_t>(place.line));
    number(static_cast<uint64_t>(place.column));
  }

  std::string bytes_;
};

/// Reads back what TreeWriter wrote. The bytes are our own: damage is our bug.
class TreeReader {
 public:
  TreeReader(std::string_view bytes, std::shared_ptr<const Source> source)
      : bytes_(bytes), source_(std::move(source)) {}

  uint64_t number() {
    constexpr uint8_t kContinue = 0x80;
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      PENSTOCK_CHECK(at_ < bytes_.size() && shift < 64, "catalog blob ends at byte {}", at_);
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
      if ((byte & kContinue) == 0) return value;
    }
  }
  std::string_view text() {
    const uint64_t size = number();
    PENSTOCK_CHECK(size <= bytes_.size() - at_, "catalog blob: text of {} bytes at {}", size, at_);
    const std::string_view value = bytes_.substr(at_, size);
    at_ += size;
    return value;
  }
  Node tree() {
    Node node;
    const uint64_t head = number();
    node.kind = static_cast<Node::Kind>(head / 2);
    node.quoted = head % 2 == 1;
    node.mark = mark();
    if (node.is_scalar()) node.text = text();
    if (node.is_list()) {
      node.items.resize(number());
      for (Node& item : node.items) item = tree();
    }
    if (node.is_map()) {
      node.entries.resize(number());
      for (NodeEntry& entry : node.entries) {
        entry.key = text();
        entry.key_mark = mark();
        entry.value = tree();
      }
    }
    return node;
  }
  /// The place of the next byte.
  [[nodiscard]] size_t at() const { return at_; }

 private:
  Mark mark() {
    const auto line = static_cast<int>(number());
    const auto column = static_cast<int>(number());
    return {source_, line, column};
  }

  std::string_view bytes_;
  std::shared_ptr<const Source> source_;
  size_t at_ = 0;
};

/// The built-in catalog; defined by the file that tools/embed_catalog writes.
std::string_view embedded_catalog();

}  // namespace penstock::catalog
