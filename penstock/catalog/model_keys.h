/// Keys of a model config as they are asked for: every spelling of one, its type and range, and at
/// the end which keys nobody asked for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/node.h"

namespace penstock::catalog {

/// Spellings of one key, the usual one first.
using Spellings = std::initializer_list<std::string_view>;

/// Allowed range of a count; both ends belong to it.
struct CountBounds {
  int64_t min = 1;
  int64_t max = 1;
};

// Limits on what a config may claim. The largest published models stay a factor of four to a
// thousand below them, and below them every count of parameters fits 64 bits.
constexpr CountBounds kWidthBounds{1, 1 << 17};  ///< of hidden states, heads, low ranks
constexpr CountBounds kInnerBounds{1, 1 << 19};  ///< of a feed-forward part
constexpr CountBounds kLayerBounds{1, 1 << 10};
constexpr CountBounds kHeadBounds{1, 1 << 12};
constexpr CountBounds kExpertBounds{1, 1 << 14};
constexpr CountBounds kVocabBounds{1, 1 << 24};
constexpr CountBounds kContextBounds{1, int64_t{1} << 40};

/// The same range with 0 allowed, where 0 means that the model has none.
constexpr CountBounds or_none(CountBounds bounds) { return {0, bounds.max}; }

class ModelKeys {
 public:
  /// `tree` is the whole config; of a multimodal one the language part is read and the outer keys
  /// stand in for what it lacks.
  ModelKeys(const Node& tree, Findings& findings);

  /// The value of the first spelling that is present and not null; nullptr when there is none.
  const Node* find(Spellings names);
  [[nodiscard]] bool has(Spellings names) { return find(names) != nullptr; }

  std::optional<int64_t> count(Spellings names, CountBounds bounds);
  int64_t count_or(Spellings names, CountBounds bounds, int64_t otherwise) {
    return count(names, bounds).value_or(otherwise);
  }
  /// A missing key is a finding with the nearest key there is; then 1, so that reading goes on.
  int64_t need_count(Spellings names, CountBounds bounds);
  std::optional<bool> flag(Spellings names);
  bool flag_or(Spellings names, bool otherwise) { return flag(names).value_or(otherwise); }
  std::optional<std::string> text(Spellings names);
  /// A list of whole numbers; nullopt when absent or not a list.
  std::optional<std::vector<int64_t>> counts(Spellings names, CountBounds bounds);
  /// A list of words; nullopt when absent. Another form is a finding.
  std::optional<std::vector<std::string>> texts(Spellings names);

  /// A mistake at a key's value (at the config when it is absent).
  void mistake(Spellings names, std::string message);

  /// A key of the map that nobody asked for and that is not known to be without effect here.
  struct Unused {
    std::string name;
    Mark mark;
    bool off = false;  ///< false, 0 or empty: a feature the model does not use
  };
  [[nodiscard]] std::vector<Unused> unused() const;
  /// "; did you mean 'x'?" for a key that nobody asked for, out of those that were.
  [[nodiscard]] std::string suggestion_for(std::string_view name) const;

 private:
  std::optional<int64_t> to_count(const Node& node, std::string_view name, CountBounds bounds);
  void add_unused(const Node& map, std::string_view prefix, std::vector<Unused>& out) const;

  const Node* outer_;
  const Node* inner_;  // the language part, or the same as outer_
  Findings& findings_;
  std::set<std::string, std::less<>> asked_;
};

/// True for a key that says nothing about a model's size or speed: token ids, dropout, names of
/// classes, parameters of the rotary embedding.
bool is_without_effect(std::string_view key);

}  // namespace penstock::catalog
