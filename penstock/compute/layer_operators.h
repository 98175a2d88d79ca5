/// Operators of one layer, written once per kind of layer; `forward.cpp` strings them together.
#pragma once

#include <span>
#include <vector>

#include "penstock/compute/forward.h"

namespace penstock::compute {

constexpr double kActivationBytes = 2.0;  // activations travel in bf16 between kernels

/// A count as a factor of a product of quantities.
constexpr double as_factor(int64_t number) { return static_cast<double>(number); }

/// What the layer builders share.
struct LayerContext {
  const catalog::Model& model;
  const ParallelPlan& plan;
  const Precision& precision;
  int64_t count;  ///< layers alike
};

/// Dense product of `m` rows through a k x n weight on this rank.
Operator gemm(std::string_view name, Section section, int64_t count, GemmShape shape,
              catalog::Dtype weights, catalog::Dtype compute);
/// The routed experts of a layer as one fused call: top-k of the router's scores, permutation of
/// rows to expert order, both grouped products with the activation between them, and the weighted
/// sum back. Of the busiest rank where several share the experts.
Operator experts(std::string_view name, int64_t count, const ExpertsCall& call);
/// Memory-bound kernel that moves `bytes`.
Operator elementwise(std::string_view name, Section section, int64_t count, Bytes bytes);
/// One collective call of `rank_count` ranks; see network/library.h for what `payload` counts.
Operator collective(Collective kind, std::string_view name, int64_t count, int64_t rank_count,
                    Bytes payload);
/// Sum of the hidden states of `tokens` tokens over the ranks of an attention group after each of
/// the layers; none where a group is one rank.
void add_group_sum(const LayerContext& layer, int64_t tokens, std::vector<Operator>& out);

/// Heads of this rank; at least one, since key heads are replicated when fewer than ranks.
int64_t heads_per_rank(int64_t heads, int64_t ranks);

/// Query, key and value widths of one rank.
struct HeadWidths {
  int64_t heads = 0;
  int64_t kv_heads = 0;
  int64_t value_dim = 0;  ///< of one head
  int64_t query = 0;
  int64_t key = 0;
  int64_t value = 0;
};
HeadWidths widths_of(const LayerContext& layer, const catalog::Attention& a);

void add_attention_tokens(const LayerContext& layer, const catalog::Attention& a, int64_t tokens,
                          std::vector<Operator>& out);
/// Decode attention of `sequences` sequences with `queries` new tokens each.
void add_attention_decode(const LayerContext& layer, const catalog::Attention& a, int64_t sequences,
                          int64_t queries, std::vector<ContextOperator>& out);
void add_attention_prefill(const LayerContext& layer, const catalog::Attention& a,
                           std::span<const PrefillChunk> chunks, std::vector<Operator>& out);
/// `queries` tokens more of each sequence of a layer with a fixed state, and the prefill of one.
Operator state_update(const LayerContext& layer, const catalog::Attention& a, int64_t sequences,
                      int64_t queries);
Operator chunked_scan(const LayerContext& layer, const catalog::Attention& a,
                      std::span<const PrefillChunk> chunks);
/// Weights that only the latent up-projections hold (kv_b of MLA); they are not token operators.
Bytes attention_extra_weights(const LayerContext& layer, const catalog::Attention& a);

void add_feed_forward(const LayerContext& layer, const catalog::FeedForward& f, TokenSpread tokens,
                      std::vector<Operator>& out);

}  // namespace penstock::compute
