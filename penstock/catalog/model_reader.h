/// How a config becomes layers: first a slot for every layer, then one mixer and one feed-forward
/// part for every kind of slot. Internal to the catalog; model.h is the way in.
#pragma once

#include <string>
#include <vector>

#include "penstock/catalog/model.h"
#include "penstock/catalog/model_keys.h"

namespace penstock::catalog {

/// What every part of the reader needs to know of a config.
struct Frame {
  std::string type;  ///< `model_type` in lower case, or the architecture's name
  int64_t hidden_size = 1;

  [[nodiscard]] bool type_starts(std::string_view prefix) const { return type.starts_with(prefix); }
  /// Models of before 2022: biases everywhere, norms with bias, tied tables, 4x feed-forward parts.
  [[nodiscard]] bool is_classic() const;
};

enum class Mixer : uint8_t { kNone, kFull, kSliding, kLinear, kMamba, kCompressed };

/// One layer before its sizes are known.
struct Slot {
  Mixer mixer = Mixer::kFull;
  FeedForwardKind feed_forward = FeedForwardKind::kDense;
  int64_t compress_ratio = 0;

  friend bool operator==(const Slot&, const Slot&) = default;
};

/// The slots of all layers, and those of one multi-token prediction module (none: no module).
struct Layout {
  std::vector<Slot> layers;
  int64_t mtp_count = 0;
  std::vector<Slot> mtp;
};

Layout read_layout(ModelKeys& keys, const Frame& frame);
Attention read_attention(ModelKeys& keys, const Frame& frame, const Slot& slot);
FeedForward read_feed_forward(ModelKeys& keys, const Frame& frame, FeedForwardKind kind);

/// Routed experts of a layer; 0 when the model has none.
int64_t read_expert_count(ModelKeys& keys);

}  // namespace penstock::catalog
