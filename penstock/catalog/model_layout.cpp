// Which layer is what: every way in which configs say where attention is full, windowed or linear,
// and which layers have experts.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/text.h"
#include "penstock/catalog/model_reader.h"

namespace penstock::catalog {
namespace {

constexpr CountBounds kFlagBounds{0, 1};
constexpr CountBounds kRatioBounds{0, 1 << 20};
constexpr CountBounds kModuleBounds{0, 64};

struct Word {
  std::string_view text;
  Slot slot;
};

/// Layers that have a mixer or a feed-forward part, not both (Nemotron-H).
constexpr std::array kBlockWords = {
    Word{"mamba", {Mixer::kMamba, FeedForwardKind::kNone, 0}},
    Word{"attention", {Mixer::kFull, FeedForwardKind::kNone, 0}},
    Word{"moe", {Mixer::kNone, FeedForwardKind::kMoe, 0}},
    Word{"mlp", {Mixer::kNone, FeedForwardKind::kDense, 0}},
};
constexpr std::array kBlockLetters = {
    Word{"M", kBlockWords[0].slot},
    Word{"*", kBlockWords[1].slot},
    Word{"E", kBlockWords[2].slot},
    Word{"-", kBlockWords[3].slot},
};
/// Mixers of layers that have both; the feed-forward part is decided elsewhere.
constexpr std::array kLayerWords = {
    Word{"full_attention", {Mixer::kFull, {}, 0}},
    Word{"sliding_attention", {Mixer::kSliding, {}, 0}},
    Word{"chunked_attention", {Mixer::kSliding, {}, 0}},
    Word{"linear_attention", {Mixer::kLinear, {}, 0}},
    Word{"attention", {Mixer::kFull, {}, 0}},
    Word{"global_attention", {Mixer::kFull, {}, 0}},
    Word{"local_attention", {Mixer::kSliding, {}, 0}},
    Word{"mamba", {Mixer::kMamba, {}, 0}},
    Word{"mamba2", {Mixer::kMamba, {}, 0}},
};

template <size_t N>
std::vector<Slot> slots_of(ModelKeys& keys, Spellings names, const std::vector<std::string>& words,
                           const std::array<Word, N>& known) {
  std::vector<Slot> slots;
  for (const std::string& word : words) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Word& row) { return row.text == word; });
    if (found == known.end()) {
      std::vector<std::string> choices;
      for (const Word& row : known) choices.emplace_back(row.text);
      keys.mistake(names, fmt::format("'{}' names an unknown kind of layer \"{}\"; known: {}",
                                      *names.begin(), word.substr(0, 40), join(choices)));
      return slots;
    }
    slots.push_back(found->slot);
  }
  return slots;
}

/// A text of letters or a list of words that says all of every layer.
std::vector<Slot> read_blocks(ModelKeys& keys, Spellings letters, Spellings words) {
  if (const auto pattern = keys.text(letters)) {
    std::vector<std::string> parts;
    for (const char c : *pattern) parts.emplace_back(1, c);
    return slots_of(keys, letters, parts, kBlockLetters);
  }
  if (const auto list = keys.texts(words)) return slots_of(keys, words, *list, kBlockWords);
  return {};
}

bool has_length(ModelKeys& keys, Spellings names, size_t length, int64_t layer_count) {
  if (length == static_cast<size_t>(layer_count)) return true;
  keys.mistake(
      names, fmt::format("'{}' has {} entries for {} layers", *names.begin(), length, layer_count));
  return false;
}

std::vector<Slot> every(int64_t layer_count, const auto& is_full, Mixer otherwise) {
  std::vector<Slot> slots;
  for (int64_t i = 0; i < layer_count; ++i)
    slots.push_back({is_full(i) ? Mixer::kFull : otherwise});
  return slots;
}

/// Where only some layers see the whole context: every `interval`-th one does.
int64_t window_interval(ModelKeys& keys, const Frame& frame) {
  const auto given = keys.count({"sliding_window_pattern"}, kLayerBounds);
  if (given) return *given;
  if (frame.type_starts("gemma2") || frame.type_starts("gpt_oss")) return 2;
  if (frame.type_starts("gemma3")) return 6;
  return frame.type_starts("cohere2") ? 4 : 0;
}

std::vector<Slot> windowed(ModelKeys& keys, const Frame& frame, int64_t n) {
  // Llama 4: chunked layers with rotary positions, every fourth one full and without
  if (frame.type_starts("llama4")) {
    const auto rotary = keys.counts({"no_rope_layers"}, kFlagBounds);
    if (rotary && !rotary->empty() && has_length(keys, {"no_rope_layers"}, rotary->size(), n)) {
      return every(
          n, [&](int64_t i) { return (*rotary)[static_cast<size_t>(i)] == 0; }, Mixer::kSliding);
    }
    const int64_t interval = keys.count_or({"no_rope_layer_interval"}, kLayerBounds, 4);
    return every(n, [&](int64_t i) { return (i + 1) % interval == 0; }, Mixer::kSliding);
  }
  const bool window = keys.has({"sliding_window"});
  const auto used = keys.flag({"use_sliding_window"});
  const int64_t interval = window_interval(keys, frame);
  if (!window || !used.value_or(true)) return every(n, [](int64_t) { return true; }, Mixer::kFull);
  if (used && interval == 0) {
    // Qwen 2 and 3: the first layers see everything
    const int64_t full = keys.count_or({"max_window_layers"}, or_none(kLayerBounds), 0);
    return every(n, [&](int64_t i) { return i < full; }, Mixer::kSliding);
  }
  return every(
      n, [&](int64_t i) { return interval > 0 && (i + 1) % interval == 0; }, Mixer::kSliding);
}

std::vector<Slot> read_mixers(ModelKeys& keys, const Frame& frame, int64_t n) {
  if (const auto words = keys.texts({"layer_types"})) {
    const bool fits = has_length(keys, {"layer_types"}, words->size(), n);
    std::vector<Slot> slots = slots_of(keys, {"layer_types"}, *words, kLayerWords);
    // said twice, and no matter when it disagrees
    static_cast<void>(keys.find({"full_attention_interval", "sliding_window_pattern"}));
    static_cast<void>(keys.find({"use_sliding_window", "no_rope_layers"}));
    return fits ? slots : std::vector<Slot>();
  }
  if (const auto pattern = keys.counts({"hybrid_layer_pattern"}, kFlagBounds)) {
    if (!has_length(keys, {"hybrid_layer_pattern"}, pattern->size(), n)) return {};
    return every(
        n, [&](int64_t i) { return (*pattern)[static_cast<size_t>(i)] == 0; }, Mixer::kSliding);
  }
  if (const auto interval = keys.count({"full_attention_interval"}, kLayerBounds)) {
    return every(n, [&](int64_t i) { return (i + 1) % *interval == 0; }, Mixer::kLinear);
  }
  return windowed(keys, frame, n);
}

/// DeepSeek V4: a ratio for every layer and then for every prediction module.
std::vector<Slot> read_compressed(ModelKeys& keys, int64_t n, int64_t mtp_count) {
  std::vector<Slot> slots;
  const auto ratios = keys.counts({"compress_ratios"}, kRatioBounds);
  if (!ratios) return slots;
  const auto size = static_cast<int64_t>(ratios->size());
  if (size != n && size != n + mtp_count) {
    static_cast<void>(has_length(keys, {"compress_ratios"}, ratios->size(), n));
    return slots;
  }
  for (const int64_t ratio : *ratios) slots.push_back({Mixer::kCompressed, {}, ratio});
  return slots;
}

/// Whether a layer has experts, by all the rules that configs state.
class ExpertRule {
 public:
  ExpertRule(ModelKeys& keys, int64_t layer_count) {
    any_ = read_expert_count(keys) > 0 && keys.flag({"enable_moe_block"}).value_or(true);
    first_ = keys.count_or({"first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"},
                           or_none(kLayerBounds), 0);
    // each family counts its interval from another layer
    sparse_step_ = keys.count_or({"decoder_sparse_step"}, kLayerBounds, 1);
    interleave_ = keys.count_or({"interleave_moe_layer_step"}, kLayerBounds, 1);
    dense_ = keys.counts({"mlp_only_layers"}, or_none(kLayerBounds)).value_or(dense_);
    listed_ = keys.counts({"moe_layers"}, or_none(kLayerBounds));
    const Node* frequency = keys.find({"moe_layer_freq"});
    if (frequency != nullptr && frequency->is_list()) {
      by_layer_ = keys.counts({"moe_layer_freq"}, kFlagBounds);
      const bool fits =
          !by_layer_ || has_length(keys, {"moe_layer_freq"}, by_layer_->size(), layer_count);
      if (!fits) by_layer_.reset();
    } else {
      frequency_ = keys.count_or({"moe_layer_freq"}, kLayerBounds, 1);
    }
  }

  [[nodiscard]] FeedForwardKind kind(int64_t layer) const {
    return has_experts(layer) ? FeedForwardKind::kMoe : FeedForwardKind::kDense;
  }

 private:
  [[nodiscard]] bool has_experts(int64_t layer) const {
    if (!any_) return false;
    if (by_layer_) return (*by_layer_)[static_cast<size_t>(layer)] != 0;
    if (listed_) return std::find(listed_->begin(), listed_->end(), layer) != listed_->end();
    const bool dense = std::find(dense_.begin(), dense_.end(), layer) != dense_.end();
    return !dense && layer >= first_ && layer % frequency_ == 0 &&
           (layer + 1) % sparse_step_ == 0 && (layer + 1) % interleave_ == 0;
  }

  bool any_ = false;
  int64_t first_ = 0;
  int64_t frequency_ = 1;
  int64_t sparse_step_ = 1;
  int64_t interleave_ = 1;
  std::vector<int64_t> dense_;
  std::optional<std::vector<int64_t>> listed_;
  std::optional<std::vector<int64_t>> by_layer_;
};

int64_t read_mtp_count(ModelKeys& keys) {
  const int64_t modules = keys.count_or(
      {"num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules", "mtp_num_layers"},
      kModuleBounds, 0);
  static_cast<void>(keys.count({"mtp_transformer_layers"}, kFlagBounds));
  return keys.flag({"use_mtp"}).value_or(true) ? modules : 0;
}

}  // namespace

Layout read_layout(ModelKeys& keys, const Frame& frame) {
  Layout layout;
  layout.mtp_count = read_mtp_count(keys);
  const Spellings layer_count = {"num_hidden_layers", "n_layer", "num_layers", "n_layers"};
  const Spellings letters = {"hybrid_override_pattern"};
  const Spellings words = {"layers_block_type"};
  if (keys.has(letters) || keys.has(words)) {
    layout.layers = read_blocks(keys, letters, words);
    const auto stated = keys.count(layer_count, kLayerBounds);
    if (stated && !layout.layers.empty()) {
      has_length(keys, keys.has(letters) ? letters : words, layout.layers.size(), *stated);
    }
    layout.mtp = read_blocks(keys, {"mtp_hybrid_override_pattern"}, {"mtp_layers_block_type"});
    return layout;
  }
  const int64_t n = keys.need_count(layer_count, kLayerBounds);
  const ExpertRule rule(keys, n);
  std::vector<Slot> slots = read_compressed(keys, n, layout.mtp_count);
  if (slots.empty()) slots = read_mixers(keys, frame, n);
  const bool linear = std::any_of(slots.begin(), slots.end(),
                                  [](const Slot& slot) { return slot.mixer == Mixer::kLinear; });
  for (size_t i = 0; i < slots.size(); ++i) {
    const auto layer = std::min(static_cast<int64_t>(i), n - 1);
    slots[i].feed_forward = rule.kind(layer);
  }
  if (layout.mtp_count > 0 && !slots.empty()) {
    // a prediction module repeats the last layer; among linear layers it attends in full
    Slot module = slots.back();
    if (linear) module.mixer = Mixer::kFull;
    layout.mtp = {module};
  }
  if (std::cmp_greater(slots.size(), n)) slots.resize(static_cast<size_t>(n));
  layout.layers = std::move(slots);
  return layout;
}

}  // namespace penstock::catalog
