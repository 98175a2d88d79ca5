#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::Attention;
using catalog::AttentionKind;

namespace {

constexpr double kChunkStateBytes = 2.0;  // states between scan chunks are kept in bf16

// Tokens a scan handles at once. Source: flash-linear-attention (gated delta rule, 64);
// chunk_size of the Nemotron-H configs (Mamba 2, 128).
constexpr int64_t kDeltaChunk = 64;
constexpr int64_t kMambaChunk = 128;

/// Sizes of a linear layer on this rank.
struct LinearShape {
  double heads;
  double keys;   // key heads, or groups of a Mamba layer
  double width;  // of a state's rows: keys, or the state size
  double value;  // of a state's columns
  double state;  // elements of the fixed state
  double state_bytes;
};

LinearShape shape_of(const LayerContext& layer, const Attention& a) {
  const bool delta = a.kind == AttentionKind::kGatedDelta;
  LinearShape s{};
  s.heads = as_factor(heads_per_rank(a.head_count, layer.plan.attention_tensor()));
  s.keys = as_factor(heads_per_rank(a.kv_head_count, layer.plan.attention_tensor()));
  s.width = as_factor(delta ? a.head_dim : a.state_size);
  s.value = as_factor(delta ? a.value_head_dim : a.head_dim);
  s.state = s.heads * s.width * s.value;
  s.state_bytes = s.state * catalog::bytes_per_element_factor(a.state_dtype);
  return s;
}

Operator linear_operator(const LayerContext& layer, std::string_view name) {
  Operator op;
  op.name = name;
  op.family = Family::kLinearAttention;
  op.section = Section::kAttention;
  op.count = layer.count;
  return op;
}

/// Queries, keys and values in, outputs out, of one token.
double token_io_bytes(const LinearShape& s) {
  return (2.0 * s.keys * s.width + 2.0 * s.heads * s.value) * kActivationBytes;
}

}  // namespace

Operator state_update(const LayerContext& layer, const Attention& a, int64_t sequences,
                      int64_t queries) {
  const LinearShape s = shape_of(layer, a);
  Operator op = linear_operator(layer, "state_update");
  // decay, the outer product that is added, and the read-out: a multiply and an add each
  op.flops = Flop(as_factor(sequences * queries) * 6.0 * s.state);
  // read once; the state after every token is kept until it is known which drafts stand
  op.bytes = Bytes(as_factor(sequences) * (as_factor(1 + queries) * s.state_bytes +
                                           as_factor(queries) * token_io_bytes(s)));
  return op;
}

Operator chunked_scan(const LayerContext& layer, const Attention& a,
                      std::span<const PrefillChunk> chunks) {
  const LinearShape s = shape_of(layer, a);
  const bool delta = a.kind == AttentionKind::kGatedDelta;
  const int64_t scan = delta ? kDeltaChunk : kMambaChunk;
  // within a scan chunk the products are quadratic, between chunks they go through the state. The
  // delta rule (Yang et al. 2024) multiplies K K', Q K', T K, T V and P V, and the state thrice;
  // Mamba 2 (Dao and Gu 2024) multiplies C B' once a group and P X a head, and the state twice.
  const double within =
      delta ? s.heads * (3.0 * s.width + 2.0 * s.value) : s.keys * s.width + s.heads * s.value;
  const double flops = (delta ? 6.0 : 4.0) * s.state + 2.0 * as_factor(scan) * within;
  // the delta rule's transformed keys and values go through memory once more
  const double rebuilt = delta ? 2.0 * s.heads * (s.width + s.value) * kActivationBytes : 0.0;
  Operator op = linear_operator(layer, "chunked_scan");
  for (const PrefillChunk& chunk : chunks) {
    const double scans = as_factor((chunk.tokens + scan - 1) / scan);
    op.flops += Flop(as_factor(chunk.tokens) * flops);
    op.bytes += Bytes(2.0 * s.state_bytes + 2.0 * s.state * scans * kChunkStateBytes +
                      as_factor(chunk.tokens) * (token_io_bytes(s) + rebuilt));
  }
  return op;
}

}  // namespace penstock::compute
