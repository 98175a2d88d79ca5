#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::Attention;
using catalog::AttentionKind;
using catalog::bytes_per_element_factor;
using catalog::Dtype;

namespace {

constexpr double kActivationBytes = 2.0;  // activations travel in bf16 between kernels

double as_double(int64_t number) { return static_cast<double>(number); }

/// Query, key and value widths of one rank.
struct HeadWidths {
  int64_t heads;
  int64_t kv_heads;
  int64_t query;
  int64_t key;
  int64_t value;
};

HeadWidths widths_of(const LayerContext& layer, const Attention& a) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const int64_t kv = heads_per_rank(a.kv_head_count, layer.plan.tensor);
  const int64_t value_dim = a.value_head_dim > 0 ? a.value_head_dim : a.head_dim;
  return {heads, kv, heads * a.head_dim, kv * a.head_dim, kv * value_dim};
}

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
    out_.push_back(elementwise(
        name, Section::kAttentionProjection, layer_.count,
        Bytes(as_double(tokens_) * as_double(elements_per_token) * kActivationBytes)));
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
  const int64_t value_out = w.heads * (a.value_head_dim > 0 ? a.value_head_dim : a.head_dim);
  const int64_t gate = a.gated_output ? value_out : 0;
  Builder b(layer, tokens, out);
  b.project("qkv_projection", w.query + w.key + (a.shared_kv ? 0 : w.value) + gate, hidden);
  // rotary embedding reads and writes queries and keys; the cache write moves keys and values
  b.move("rope_and_cache_write", 2 * (w.query + w.key) + w.value);
  b.project("output_projection", hidden, value_out);
}

void add_mla_tokens(const LayerContext& layer, const Attention& a, int64_t tokens,
                    std::vector<Operator>& out) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const int64_t hidden = layer.model.hidden_size;
  const int64_t latent = a.kv_lora_rank + a.rope_head_dim;
  const int64_t query = heads * (a.nope_head_dim + a.rope_head_dim);
  Builder b(layer, tokens, out);
  b.project("q_kv_down_projection", a.q_lora_rank + latent, hidden);
  b.move("latent_norm_and_cache_write", 2 * (a.q_lora_rank + latent));
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
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
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
    b.project("index_query_projection", a.index_head_count * a.index_head_dim, q_in);
    b.project("index_key_and_weight_projection", 4 * a.index_head_dim + a.index_head_count,
              hidden);
  }
  b.move("rope_norm_and_cache_write", 2 * (heads * a.head_dim + a.head_dim));
  const int64_t groups = std::max<int64_t>(1, heads_per_rank(a.output_group_count,
                                                             layer.plan.tensor));
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
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const int64_t keys = heads_per_rank(a.kv_head_count, layer.plan.tensor);
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

/// Elements of a layer's fixed state on this rank, and multiply-adds a token costs on it.
int64_t state_elements(const LayerContext& layer, const Attention& a) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  return a.kind == AttentionKind::kGatedDelta ? heads * a.head_dim * a.value_head_dim
                                              : heads * a.head_dim * a.state_size;
}

Operator attention_operator(const LayerContext& layer, std::string_view name, Family family) {
  Operator op;
  op.name = name;
  op.family = family;
  op.section = Section::kAttention;
  op.count = layer.count;
  op.dtype = Dtype::kBf16;
  return op;
}

struct AttentionCost {
  std::string_view name;
  double flops_per_pair;     // query-key pairs, all heads of this rank
  double cache_bytes;        // of one cached token (or entry / ratio) on this rank
  double io_bytes_per_query; // queries in, outputs out
  int64_t cap;
  bool fp8_compute = false;
};

/// The context-dependent kernels of a layer: one row a kernel. `absorbed` picks MLA's latent form.
std::vector<AttentionCost> attention_costs(const LayerContext& layer, const Attention& a,
                                           bool absorbed) {
  const double kv_byte = bytes_per_element_factor(layer.precision.kv_cache);
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const double h = as_double(heads);
  const double value_dim = as_double(a.value_head_dim > 0 ? a.value_head_dim : a.head_dim);
  std::vector<AttentionCost> costs;
  switch (a.kind) {
    case AttentionKind::kFull:
    case AttentionKind::kSliding: {
      const HeadWidths w = widths_of(layer, a);
      const double cache = as_double(w.key + (a.shared_kv ? 0 : w.value)) * kv_byte;
      costs.push_back({"attention", 2.0 * h * (as_double(a.head_dim) + value_dim), cache,
                       h * (as_double(a.head_dim) + value_dim) * kActivationBytes,
                       a.kind == AttentionKind::kSliding ? a.window : kNoCap});
      break;
    }
    case AttentionKind::kMla:
    case AttentionKind::kSparseMla: {
      const double latent = as_double(a.kv_lora_rank + a.rope_head_dim);
      const double rank = as_double(a.kv_lora_rank);
      const double qk = as_double(a.nope_head_dim + a.rope_head_dim);
      const bool sparse = a.kind == AttentionKind::kSparseMla;
      // the sparse form always runs on latents, since every query has its own selection
      const bool latent_form = absorbed || sparse;
      const double pair = latent_form ? 2.0 * h * (latent + rank) : 2.0 * h * (qk + value_dim);
      const double cache = latent_form ? latent * kv_byte : h * (qk + value_dim) * kActivationBytes;
      costs.push_back({"latent_attention", pair, cache,
                       h * (latent_form ? latent + rank : qk + value_dim) * kActivationBytes,
                       sparse ? a.index_topk : kNoCap});
      if (sparse) {
        const double index = as_double(a.index_head_count * a.index_head_dim);
        costs.push_back({"lightning_indexer", 2.0 * index, as_double(a.index_head_dim), index,
                         kNoCap, true});
      }
      break;
    }
    case AttentionKind::kCompressed: {
      const double dim = as_double(a.head_dim);
      const double pair = 4.0 * h * dim;
      costs.push_back({"window_attention", pair, dim * kv_byte, 2.0 * h * dim * kActivationBytes,
                       std::max<int64_t>(1, a.window)});
      if (a.compress_ratio <= 0) break;
      const double ratio = as_double(a.compress_ratio);
      const int64_t cap = a.index_topk > 0 ? a.index_topk * a.compress_ratio : kNoCap;
      costs.push_back({"compressed_attention", pair / ratio, dim * kv_byte / ratio,
                       2.0 * h * dim * kActivationBytes, cap});
      if (a.index_topk > 0) {
        const double index = as_double(a.index_head_count * a.index_head_dim);
        costs.push_back({"lightning_indexer", 2.0 * index / ratio,
                         as_double(a.index_head_dim) / ratio, index, kNoCap, true});
      }
      break;
    }
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba:
    case AttentionKind::kNone: break;
  }
  return costs;
}

/// Products between queries or outputs and the per-head latent up-projections (kv_b of MLA).
void add_absorbed(const LayerContext& layer, const Attention& a, int64_t sequences,
                  std::vector<ContextOperator>& out) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const auto add = [&](std::string_view name, int64_t inner, int64_t outer) {
    // one small product a head; as one block-diagonal weight its bytes and operations are equal
    Operator op = gemm(name, Section::kAttentionProjection, layer.count,
                       {sequences, heads * outer, inner}, layer.precision.weights.attention,
                       layer.precision.attention_compute);
    op.resident_weights = Bytes();
    out.push_back({op, Flop(), Bytes(), kNoCap});
  };
  add("absorb_query", a.nope_head_dim, a.kv_lora_rank);
  add("absorb_output", a.kv_lora_rank, a.value_head_dim);
}

}  // namespace

int64_t heads_per_rank(int64_t heads, int64_t ranks) {
  return heads <= 0 ? 0 : std::max<int64_t>(1, (heads + ranks - 1) / ranks);
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
  if (layer.plan.tensor > 1) out.push_back(all_reduce(layer, tokens));
}

void add_attention_decode(const LayerContext& layer, const Attention& a, int64_t sequences,
                          std::vector<ContextOperator>& out) {
  const double n = as_double(sequences);
  if (a.kind == AttentionKind::kGatedDelta || a.kind == AttentionKind::kMamba) {
    Operator op = attention_operator(layer, "state_update", Family::kLinearAttention);
    constexpr double kStateBytes = 4.0;  // states are kept in fp32
    const double state = as_double(state_elements(layer, a));
    op.bytes = Bytes(n * 2.0 * state * kStateBytes);
    op.flops = Flop(n * 6.0 * state);
    out.push_back({op, Flop(), Bytes(), kNoCap});
    return;
  }
  const bool mla = a.kind == AttentionKind::kMla || a.kind == AttentionKind::kSparseMla;
  if (mla) add_absorbed(layer, a, sequences, out);
  for (const AttentionCost& cost : attention_costs(layer, a, true)) {
    Operator op = attention_operator(layer, cost.name, Family::kAttentionDecode);
    if (cost.fp8_compute) op.dtype = Dtype::kFp8;
    op.bytes = Bytes(n * cost.io_bytes_per_query);
    out.push_back({op, Flop(cost.flops_per_pair), Bytes(cost.cache_bytes), cost.cap});
  }
}

void add_attention_prefill(const LayerContext& layer, const Attention& a, PrefillChunk chunk,
                           std::vector<Operator>& out) {
  const double q = as_double(chunk.tokens);
  if (a.kind == AttentionKind::kGatedDelta || a.kind == AttentionKind::kMamba) {
    // chunked scan: within chunks of 64 tokens quadratic, between chunks through the state
    constexpr double kScanChunk = 64.0;
    constexpr double kStateBytes = 4.0;
    Operator op = attention_operator(layer, "chunked_scan", Family::kLinearAttention);
    const double state = as_double(state_elements(layer, a));
    const double width = state / as_double(std::max<int64_t>(1, a.head_dim));
    op.flops = Flop(q * (4.0 * state + 2.0 * kScanChunk * (width + as_double(a.head_dim))));
    op.bytes = Bytes(2.0 * state * kStateBytes + q * 4.0 * width * kActivationBytes);
    out.push_back(op);
    return;
  }
  if (a.kind == AttentionKind::kMla) {
    // plain form: keys and values of the whole context are rebuilt from the latents
    const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
    Operator op = gemm("kv_up_projection", Section::kAttentionProjection, layer.count,
                       {chunk.tokens + chunk.context, heads * (a.nope_head_dim + a.value_head_dim),
                        a.kv_lora_rank},
                       layer.precision.weights.attention, layer.precision.attention_compute);
    op.resident_weights = Bytes();
    out.push_back(op);
  }
  for (const AttentionCost& cost : attention_costs(layer, a, false)) {
    Operator op = attention_operator(layer, cost.name, Family::kAttentionPrefill);
    if (cost.fp8_compute) op.dtype = Dtype::kFp8;
    op.flops = Flop(static_cast<double>(causal_pairs(chunk, cost.cap)) * cost.flops_per_pair);
    const int64_t context = std::min(chunk.context, cost.cap);
    op.bytes = Bytes(as_double(context + chunk.tokens) * cost.cache_bytes +
                     q * cost.io_bytes_per_query);
    out.push_back(op);
  }
}

Bytes attention_extra_weights(const LayerContext& layer, const Attention& a) {
  const bool mla = a.kind == AttentionKind::kMla || a.kind == AttentionKind::kSparseMla;
  if (!mla) return Bytes();
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.tensor);
  const int64_t elements = heads * (a.nope_head_dim + a.value_head_dim) * a.kv_lora_rank;
  return Bytes(as_double(layer.count) * as_double(elements) *
               bytes_per_element_factor(layer.precision.weights.attention));
}

Int128 causal_pairs(PrefillChunk chunk, int64_t cap) {
  PENSTOCK_DCHECK(chunk.tokens >= 0 && chunk.context >= 0, "chunk of {} tokens after {}",
                  chunk.tokens, chunk.context);
  // tokens that still see everything before them, then tokens at the cap
  const int64_t free = std::clamp<int64_t>(cap - chunk.context, 0, chunk.tokens);
  const Int128 rising = Int128{free} * chunk.context + Int128{free} * (Int128{free} + 1) / 2;
  return rising + Int128{chunk.tokens - free} * cap;
}

}  // namespace penstock::compute
