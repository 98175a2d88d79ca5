/// Where a figure comes from. Every constant of the catalog has one.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/fields.h"

namespace penstock::catalog {

enum class Confidence : uint8_t { kHigh, kMedium, kLow };

struct Provenance {
  std::string source;
  std::string date;  ///< "2025-04" or "2025-04-16": when the source says so
  Confidence confidence = Confidence::kMedium;
};

/// A value with its provenance. In a file: a plain value, which takes the provenance of its entry
/// (keys `source`, `date`, `confidence` beside it), or `{value, source, date, confidence, note}`
/// where every given key replaces the entry's. Quantities and counts must be more than zero.
template <class T>
struct Sourced {
  T value{};
  Provenance provenance;
  std::string note;
};

template <class T>
using MaybeSourced = std::optional<Sourced<T>>;

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::Confidence> {
  using C = penstock::catalog::Confidence;
  static constexpr std::array<std::pair<C, std::string_view>, 3> kNames = {
      {{C::kHigh, "high"}, {C::kMedium, "medium"}, {C::kLow, "low"}}};
};

namespace penstock::catalog {

template <class Visitor, class T>
void fields(Visitor& v, Sourced<T>& s) {
  v.required("value", s.value, "The figure, with its unit.");
  v.optional("source", s.provenance.source, "Where it stands; unset means the entry's source.");
  v.optional("date", s.provenance.date, "When the source says so: 2025-04 or 2025-04-16.");
  v.optional("confidence", s.provenance.confidence, "How far to trust it: high, medium or low.");
  v.optional("note", s.note, "What a reader must know to use it.");
}

/// The key of the map being read whose value is `node`; "value" where it has none (lists).
std::string key_of(const ConfigReader& reader, const Node& node);

/// A date as files write it: a year, a month or a day, as 2025, 2025-04 or 2025-04-16.
bool is_date(std::string_view text);

/// Every `date` in the tree must be one; others are findings.
void check_dates(const Node& node, Findings& findings);

/// Reads both forms of a figure. Provenance that it does not give is filled in by read_entry.
template <class T>
void read_custom(ConfigReader& reader, const Node& node, Sourced<T>& out) {
  const std::string name = key_of(reader, node);
  const size_t mistakes = reader.findings().size();
  const Node* value = &node;
  if (node.is_map()) {
    reader.read_struct(node, out);
    value = node.find("value");
  } else {
    reader.read(node, out.value, Bounds{}, name);
  }
  if (value == nullptr || reader.findings().size() != mistakes) return;
  if constexpr (IsQuantity<T>::value || std::is_same_v<T, int64_t>) {
    double number = 0.0;
    if constexpr (IsQuantity<T>::value) {
      number = out.value.value();
    } else {
      number = static_cast<double>(out.value);
    }
    if (!(number > 0.0) || !std::isfinite(number)) {
      reader.findings().add(value->mark,
                            fmt::format("'{}' must be more than 0; got \"{}\"", name, value->text),
                            static_cast<int>(value->text.size()));
    }
  }
}

template <class T>
Node write_custom(const Sourced<T>& sourced) {
  return ConfigWriter::write(sourced);
}

/// Gives every figure of an entry that has just been read its provenance: the entry's own, with
/// whatever keys stand beside the figure replaced. A visitor of the same `fields`.
class ProvenanceReader {
 public:
  ProvenanceReader(const Node& node, const Provenance& entry) : node_(node), entry_(entry) {}

  template <class T>
  void required(std::string_view name, T& member, std::string_view, Bounds = {}) {
    const Node* value = node_.find(name);
    if (value != nullptr) fill(*value, member);
  }
  template <class T>
  void optional(std::string_view name, T& member, std::string_view doc, Bounds bounds = {}) {
    required(name, member, doc, bounds);
  }

 private:
  template <class T>
  void fill(const Node& node, Sourced<T>& sourced) {
    Provenance own = std::exchange(sourced.provenance, entry_);
    if (node.find("source") != nullptr) sourced.provenance.source = std::move(own.source);
    if (node.find("date") != nullptr) sourced.provenance.date = std::move(own.date);
    if (node.find("confidence") != nullptr) sourced.provenance.confidence = own.confidence;
  }
  template <class T>
  void fill(const Node& node, std::optional<T>& member) {
    if (member) fill(node, *member);
  }
  template <class T>
  void fill(const Node& node, std::vector<T>& members) {
    for (size_t i = 0; i < members.size() && i < node.items.size(); ++i) {
      fill(node.items[i], members[i]);
    }
  }
  template <class T>
  void fill(const Node& node, T& member) {
    if constexpr (std::is_class_v<T> && requires(ProvenanceReader& r) { fields(r, member); }) {
      ProvenanceReader inner(node, entry_);
      fields(inner, member);
    }
  }

  const Node& node_;
  const Provenance& entry_;
};

/// The keys every entry starts with.
template <class Visitor, class Entry>
void head_fields(Visitor& v, Entry& entry) {
  v.required("id", entry.id, "Canonical id; the file bears its name.");
  v.optional("aliases", entry.aliases, "Other names that data and people write.");
  v.required("summary", entry.summary, "One line for lists.");
  v.required("source", entry.provenance.source, "Where the entry's figures stand.");
  v.optional("date", entry.provenance.date, "When the source says so: 2025-04 or 2025-04-16.");
  v.required("confidence", entry.provenance.confidence, "How far to trust the entry's figures.");
}

/// Reads a whole entry; figures without a provenance of their own take the entry's.
template <class Entry>
Entry read_entry(const Node& node, Findings& findings) {
  Entry entry = read_config<Entry>(node, findings);
  check_dates(node, findings);
  if (node.is_map()) {
    ProvenanceReader provenance(node, entry.provenance);
    fields(provenance, entry);
  }
  return entry;
}

}  // namespace penstock::catalog
