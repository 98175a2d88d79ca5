#include <algorithm>

#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::Attention;
using catalog::AttentionKind;
using catalog::bytes_per_element_factor;

namespace {

/// Collects the token operators of one layer's mixer.
class Builder {
 public:
  Builder(const LayerContext& layer, int64_t tokens, std::vector<Operator>& out)
      : layer_(layer), tokens_(tokens), out_(out) {}

  void project(std::string_view name, int64_t n, int64_t k) {
    if (n <= 0 || k <= 0) return;
    out_.push_back(gemm(name, Section::kAttentionProjection, layer_.count, {tokens_, n, k},
                        layer_.precision.weights.attention, layer_.precision.attention_compute));
  }
  void move(std::string_view name, int64_t elements_per_token) {
    out_.push_back(
        elementwise(name, Section::kAttentionProjection, layer_.count,
                    Bytes(as_factor(tokens_) * as_factor(elements_per_token) * kActivationBytes)));
  }

 private:
  const LayerContext& layer_;
  int64_t tokens_;
  std::vector<Operator>& out_;
};

void add_gqa_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                    std::vector<Operator>& out) {
  const HeadWidths w = widths_of(layer, a);
  const int64_t hidden = layer.model.hidden_size;
  const int64_t value_out = w.heads * w.value_dim;
  const int64_t gate = a.gated_output ? value_out : 0;
  Builder b(layer, tokens, out);
  b.project("qkv_projection", w.query + w.key + (a.shared_kv ? 0 : w.value) + gate, hidden);
  // rotary embedding reads and writes queries and keys; the cache write moves keys and values
  b.move("rope_cache_write", 2 * (w.query + w.key) + w.value);
  b.project("output_projection", hidden, value_out);
}

void add_mla_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                    std::vector<Operator>& out) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  const int64_t hidden = layer.model.hidden_size;
  const int64_t latent = a.kv_lora_rank + a.rope_head_dim;
  const int64_t query = heads * (a.nope_head_dim + a.rope_head_dim);
  Builder b(layer, tokens, out);
  b.project("q_kv_down_projection", a.q_lora_rank + latent, hidden);
  b.move("latent_cache_write", 2 * (a.q_lora_rank + latent));
  b.project("query_up_projection", query, a.q_lora_rank > 0 ? a.q_lora_rank : hidden);
  b.move("rope", 2 * heads * a.rope_head_dim);
  if (a.kind == AttentionKind::kSparseMla) {
    const int64_t index = a.index_head_count * a.index_head_dim;
    b.project("index_query_projection", index, a.q_lora_rank > 0 ? a.q_lora_rank : hidden);
    b.project("index_key_and_weight_projection", a.index_head_dim + a.index_head_count, hidden);
  }
  b.project("output_projection", hidden, heads * a.value_head_dim);
}

void add_compressed_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                           std::vector<Operator>& out) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  const int64_t hidden = layer.model.hidden_size;
  const int64_t q_in = a.q_lora_rank > 0 ? a.q_lora_rank : hidden;
  Builder b(layer, tokens, out);
  b.project("q_kv_down_projection", a.q_lora_rank + a.head_dim, hidden);
  b.project("query_up_projection", heads * a.head_dim, q_in);
  // the compressor pools keys with a learned gate: two latent-wide projections, doubled for the
  // overlapping windows of the fine (sparse) compressor
  if (a.compress_ratio > 0) {
    const int64_t overlap = a.index_topk > 0 ? 2 : 1;
    b.project("compressor_projection", 2 * overlap * a.head_dim, hidden);
  }
  if (a.index_topk > 0) {
    // the indexer's heads are split over the ranks, its own compressor of keys is not
    const int64_t index_heads = heads_per_rank(a.index_head_count, layer.plan.attention_tensor());
    b.project("index_query_projection", index_heads * a.index_head_dim, q_in);
    b.project("index_key_and_weight_projection", 4 * a.index_head_dim + index_heads, hidden);
  }
  b.move("rope_norm_and_cache_write", 2 * (heads * a.head_dim + a.head_dim));
  const int64_t groups =
      std::max<int64_t>(1, heads_per_rank(a.output_group_count, layer.plan.attention_tensor()));
  if (a.output_lora_rank > 0) {
    // one product a group: equal bytes and operations to a block-diagonal weight
    b.project("output_down_projection", groups * a.output_lora_rank, heads * a.head_dim / groups);
    b.project("output_projection", hidden, groups * a.output_lora_rank);
  } else {
    b.project("output_projection", hidden, heads * a.head_dim);
  }
}

void add_linear_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                       std::vector<Operator>& out) {
  const int64_t hidden = layer.model.hidden_size;
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  const int64_t keys = heads_per_rank(a.kv_head_count, layer.plan.attention_tensor());
  Builder b(layer, tokens, out);
  int64_t inner = 0;
  int64_t conv = 0;
  if (a.kind == AttentionKind::kGatedDelta) {
    inner = heads * a.value_head_dim;
    conv = 2 * keys * a.head_dim + inner;
    b.project("linear_in_projection", conv + inner + 2 * heads, hidden);
  } else {
    inner = heads * a.head_dim;
    conv = inner + 2 * keys * a.state_size;
    b.project("mamba_in_projection", conv + inner + heads, hidden);
  }
  b.move("causal_convolution", conv * (2 + a.conv_kernel));
  b.move("gated_norm", 3 * inner);
  b.project("output_projection", hidden, inner);
}

}  // namespace

int64_t heads_per_rank(int64_t heads, int64_t ranks) {
  return heads <= 0 ? 0 : std::max<int64_t>(1, (heads + ranks - 1) / ranks);
}

HeadWidths widths_of(const LayerContext& layer, const Attention& a) {
  HeadWidths w;
  w.heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  w.kv_heads = heads_per_rank(a.kv_head_count, layer.plan.attention_tensor());
  w.value_dim = a.value_head_dim > 0 ? a.value_head_dim : a.head_dim;
  w.query = w.heads * a.head_dim;
  w.key = w.kv_heads * a.head_dim;
  w.value = w.kv_heads * w.value_dim;
  return w;
}

void add_attention_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                          std::vector<Operator>& out) {
  switch (a.kind) {
    case AttentionKind::kFull:
    case AttentionKind::kSliding: add_gqa_tokens(layer, a, tokens, out); break;
    case AttentionKind::kMla:
    case AttentionKind::kSparseMla: add_mla_tokens(layer, a, tokens, out); break;
    case AttentionKind::kCompressed: add_compressed_tokens(layer, a, tokens, out); break;
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: add_linear_tokens(layer, a, tokens, out); break;
    case AttentionKind::kNone: return;
  }
  add_group_sum(layer, tokens, out);
}

Bytes attention_extra_weights(const LayerContext& layer, const Attention& a) {
  const bool mla = a.kind == AttentionKind::kMla || a.kind == AttentionKind::kSparseMla;
  if (!mla) return Bytes();
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  const int64_t elements = heads * (a.nope_head_dim + a.value_head_dim) * a.kv_lora_rank;
  return Bytes(as_factor(layer.count) * as_factor(elements) *
               bytes_per_element_factor(layer.precision.weights.attention));
}

}  // namespace penstock::compute
