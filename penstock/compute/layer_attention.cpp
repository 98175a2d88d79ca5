#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/compute/kernels/latent_attention.h"
#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::Attention;
using catalog::AttentionKind;
using catalog::bytes_per_element_factor;
using catalog::Dtype;

namespace {

Operator attention_operator(const LayerContext& layer, std::string_view name, Family family) {
  Operator op;
  op.name = name;
  op.family = family;
  op.section = Section::kAttention;
  op.count = layer.count;
  op.dtype = Dtype::kBf16;
  return op;
}

/// One context-dependent kernel of a layer.
struct AttentionCost {
  std::string_view name;
  double flops_per_pair = 0.0;      // query-key pairs, all heads of this rank
  double cache_bytes = 0.0;         // of one cached token (entry over ratio) on this rank
  double io_bytes_per_query = 0.0;  // queries in, outputs out
  int64_t cap = kNoCap;
  bool selects = false;  // every query picks its own `cap` tokens anywhere in the context
  bool fp8_compute = false;
  AttentionShape shape = {};  // where the kernel has a model
  bool latent = false;
};

AttentionShape grouped_query_shape(const LayerContext& layer, const Attention& a,
                                   const HeadWidths& widths) {
  AttentionShape shape;
  shape.query_head_count = widths.heads;
  shape.kv_head_count = widths.kv_heads;
  shape.key_dim = a.head_dim;
  shape.value_dim = widths.value_dim;
  shape.window_tokens = a.kind == AttentionKind::kSliding ? a.window : 0;
  shape.cache = layer.precision.kv_cache;
  return shape;
}

AttentionShape latent_shape(const LayerContext& layer, const Attention& a, bool latent_form) {
  const LatentDims dims{a.kv_lora_rank,  a.q_lora_rank,    a.nope_head_dim,
                        a.rope_head_dim, a.value_head_dim, layer.model.hidden_size};
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  return latent_form ? latent_decode_shape(dims, heads, Dtype::kBf16, layer.precision.kv_cache)
                     : latent_prefill_shape(dims, heads, Dtype::kBf16, layer.precision.kv_cache);
}

AttentionCost grouped_query_cost(const LayerContext& layer, const Attention& a) {
  const HeadWidths w = widths_of(layer, a);
  const double kv_byte = bytes_per_element_factor(layer.precision.kv_cache);
  const double dims = as_factor(a.head_dim + w.value_dim);
  // a model whose keys serve as values (Gemma 4) still caches both: only keys are rotated
  return {"attention",
          2.0 * as_factor(w.heads) * dims,
          as_factor(w.key + w.value) * kv_byte,
          as_factor(w.heads) * dims * kActivationBytes,
          a.kind == AttentionKind::kSliding ? a.window : kNoCap,
          false,
          false,
          grouped_query_shape(layer, a, w),
          false};
}

/// MLA in its latent form (decode, and all of DSA) or its plain form (prefill).
AttentionCost latent_cost(const LayerContext& layer, const Attention& a, bool latent_form) {
  const double h = as_factor(heads_per_rank(a.head_count, layer.plan.attention_tensor()));
  const bool sparse = a.kind == AttentionKind::kSparseMla;
  AttentionCost cost;
  cost.name = "latent_attention";
  cost.cap = sparse ? a.index_topk : kNoCap;
  cost.selects = sparse;
  if (latent_form) {
    const double latent = as_factor(a.kv_lora_rank + a.rope_head_dim);
    cost.flops_per_pair = 2.0 * h * (latent + as_factor(a.kv_lora_rank));
    cost.cache_bytes = latent * bytes_per_element_factor(layer.precision.kv_cache);
    cost.io_bytes_per_query = h * (latent + as_factor(a.kv_lora_rank)) * kActivationBytes;
  } else {
    const double dims = as_factor(a.nope_head_dim + a.rope_head_dim + a.value_head_dim);
    cost.flops_per_pair = 2.0 * h * dims;
    cost.cache_bytes = h * dims * kActivationBytes;
    cost.io_bytes_per_query = h * dims * kActivationBytes;
  }
  // sparse selections have no kernel model: their flat rows price them
  if (!sparse) cost.shape = latent_shape(layer, a, latent_form);
  cost.latent = true;
  return cost;
}

constexpr double kIndexScaleBytes = 4.0;  // of one fp8 key, as catalog::kv_bytes_per_token counts

/// Scores of every cached key (one head of fp8 keys) by the indexer's query heads. `ratio` cached
/// tokens share one key.
AttentionCost indexer_cost(const Attention& a, int64_t index_heads, double ratio) {
  const double index = as_factor(index_heads * a.index_head_dim);
  AttentionCost cost;
  cost.name = "lightning_indexer";
  cost.flops_per_pair = 2.0 * index / ratio;
  cost.cache_bytes = (as_factor(a.index_head_dim) + kIndexScaleBytes) / ratio;
  cost.io_bytes_per_query = index;
  cost.fp8_compute = true;
  return cost;
}

void add_compressed_costs(const LayerContext& layer, const Attention& a,
                          std::vector<AttentionCost>& costs) {
  const double h = as_factor(heads_per_rank(a.head_count, layer.plan.attention_tensor()));
  const double dim = as_factor(a.head_dim);
  const double entry = dim * bytes_per_element_factor(layer.precision.kv_cache);
  const double io = 2.0 * h * dim * kActivationBytes;
  costs.push_back({"window_attention", 4.0 * h * dim, entry, io, std::max<int64_t>(1, a.window)});
  if (a.compress_ratio <= 0) return;
  const double ratio = as_factor(a.compress_ratio);
  const bool selects = a.index_topk > 0;
  const int64_t cap = selects ? a.index_topk * a.compress_ratio : kNoCap;
  costs.push_back({"compressed_attention", 4.0 * h * dim / ratio, entry / ratio, io, cap, selects});
  if (selects) {
    // unlike V3.2's, this indexer's heads are split over the ranks (reference implementation)
    costs.push_back(
        indexer_cost(a, heads_per_rank(a.index_head_count, layer.plan.attention_tensor()), ratio));
  }
}

/// The context-dependent kernels of a layer. `decode` picks MLA's latent form.
std::vector<AttentionCost> attention_costs(const LayerContext& layer, const Attention& a,
                                           bool decode) {
  std::vector<AttentionCost> costs;
  switch (a.kind) {
    case AttentionKind::kFull:
    case AttentionKind::kSliding: costs.push_back(grouped_query_cost(layer, a)); break;
    case AttentionKind::kMla: costs.push_back(latent_cost(layer, a, decode)); break;
    case AttentionKind::kSparseMla:
      // on latents even in prefill, since every query has its own selection
      costs.push_back(latent_cost(layer, a, true));
      costs.push_back(indexer_cost(a, a.index_head_count, 1.0));
      break;
    case AttentionKind::kCompressed: add_compressed_costs(layer, a, costs); break;
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba:
    case AttentionKind::kNone: break;
  }
  return costs;
}

/// Products between queries or outputs and the per-head latent up-projections (kv_b of MLA).
Operator absorbed(const LayerContext& layer, const Attention& a, bool query, int64_t tokens) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  const int64_t inner = query ? a.nope_head_dim : a.kv_lora_rank;
  const int64_t outer = query ? a.kv_lora_rank : a.value_head_dim;
  // one small product a head; as one block-diagonal weight its bytes and operations are equal
  Operator op = gemm(query ? "absorb_query" : "absorb_output", Section::kAttentionProjection,
                     layer.count, {tokens, heads * outer, inner}, layer.precision.weights.attention,
                     layer.precision.attention_compute);
  op.resident_weights = Bytes();  // counted once, by attention_extra_weights
  return op;
}

/// Keys and values of `tokens` latents rebuilt for the plain form of MLA.
Operator kv_up_projection(const LayerContext& layer, const Attention& a, int64_t tokens) {
  const int64_t heads = heads_per_rank(a.head_count, layer.plan.attention_tensor());
  Operator op = gemm("kv_up_projection", Section::kAttentionProjection, layer.count,
                     {tokens, heads * (a.nope_head_dim + a.value_head_dim), a.kv_lora_rank},
                     layer.precision.weights.attention, layer.precision.attention_compute);
  op.resident_weights = Bytes();  // counted once, by attention_extra_weights
  return op;
}

/// Context tokens that a chunk's queries reach.
int64_t reached_context(const AttentionCost& cost, PrefillChunk chunk) {
  if (!cost.selects) return std::min(chunk.context, cost.cap);
  return cost.cap > chunk.context / std::max<int64_t>(1, chunk.tokens) ? chunk.context
                                                                       : cost.cap * chunk.tokens;
}

Operator prefill_kernel(const LayerContext& layer, const AttentionCost& cost,
                        std::span<const PrefillChunk> chunks) {
  Operator op = attention_operator(layer, cost.name, Family::kAttentionPrefill);
  if (cost.fp8_compute) op.dtype = Dtype::kFp8;
  op.stored = layer.precision.kv_cache;
  op.attention = cost.shape;
  op.latent = cost.latent;
  if (cost.shape.query_head_count > 0) op.chunks.reserve(chunks.size());
  for (const PrefillChunk& chunk : chunks) {
    if (cost.shape.query_head_count > 0) op.chunks.push_back({1, chunk.tokens, chunk.context});
    op.flops += Flop(static_cast<double>(causal_pairs(chunk, cost.cap)) * cost.flops_per_pair);
    op.bytes += Bytes(as_factor(reached_context(cost, chunk) + chunk.tokens) * cost.cache_bytes +
                      as_factor(chunk.tokens) * cost.io_bytes_per_query);
  }
  return op;
}

}  // namespace

void add_attention_decode(const LayerContext& layer, const Attention& a, int64_t sequences,
                          int64_t queries, std::vector<ContextOperator>& out) {
  if (a.kind == AttentionKind::kGatedDelta || a.kind == AttentionKind::kMamba) {
    out.push_back({state_update(layer, a, sequences, queries), Flop(), Bytes(), kNoCap});
    return;
  }
  if (a.kind == AttentionKind::kMla || a.kind == AttentionKind::kSparseMla) {
    out.push_back({absorbed(layer, a, true, sequences * queries), Flop(), Bytes(), kNoCap});
    out.push_back({absorbed(layer, a, false, sequences * queries), Flop(), Bytes(), kNoCap});
  }
  for (const AttentionCost& cost : attention_costs(layer, a, true)) {
    Operator op = attention_operator(layer, cost.name, Family::kAttentionDecode);
    if (cost.fp8_compute) op.dtype = Dtype::kFp8;
    op.bytes = Bytes(as_factor(sequences * queries) * cost.io_bytes_per_query);
    op.stored = layer.precision.kv_cache;
    op.attention = cost.shape;
    op.latent = cost.latent;
    op.sequence_count = sequences;
    op.query_tokens = queries;
    // the queries of a sequence read its cache together, unless each selects its own part of it
    const double reads = cost.selects ? as_factor(queries) : 1.0;
    out.push_back({op, Flop(as_factor(queries) * cost.flops_per_pair),
                   Bytes(reads * cost.cache_bytes), cost.cap});
  }
}

void add_attention_prefill(const LayerContext& layer, const Attention& a,
                           std::span<const PrefillChunk> chunks, std::vector<Operator>& out) {
  if (a.kind == AttentionKind::kGatedDelta || a.kind == AttentionKind::kMamba) {
    out.push_back(chunked_scan(layer, a, chunks));
    return;
  }
  int64_t tokens = 0;
  int64_t held = 0;
  for (const PrefillChunk& chunk : chunks) {
    tokens += chunk.tokens;
    held += chunk.tokens + chunk.context;
  }
  if (a.kind == AttentionKind::kMla) out.push_back(kv_up_projection(layer, a, held));
  if (a.kind == AttentionKind::kSparseMla) {
    out.push_back(absorbed(layer, a, true, tokens));
    out.push_back(absorbed(layer, a, false, tokens));
  }
  for (const AttentionCost& cost : attention_costs(layer, a, false)) {
    out.push_back(prefill_kernel(layer, cost, chunks));
  }
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
