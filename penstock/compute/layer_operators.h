/// Operators of one layer, written once per kind of layer; `forward.cpp` strings them together.
#pragma once

#include <vector>

#include "penstock/compute/forward.h"

namespace penstock::compute {

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
/// Memory-bound kernel that moves `elements` of two bytes.
Operator elementwise(std::string_view name, Section section, int64_t count, Bytes bytes);
/// Sum of `tokens` hidden states over the tensor-parallel ranks.
Operator all_reduce(const LayerContext& layer, int64_t tokens);

/// Heads of this rank; at least one, since key heads are replicated when fewer than ranks.
int64_t heads_per_rank(int64_t heads, int64_t ranks);

void add_attention_tokens(const LayerContext& layer, const catalog::Attention& a, int64_t tokens,
                          std::vector<Operator>& out);
void add_attention_decode(const LayerContext& layer, const catalog::Attention& a,
                          int64_t sequences, std::vector<ContextOperator>& out);
void add_attention_prefill(const LayerContext& layer, const catalog::Attention& a,
                           PrefillChunk chunk, std::vector<Operator>& out);
/// Weights that only the latent up-projections hold (kv_b of MLA); they are not token operators.
Bytes attention_extra_weights(const LayerContext& layer, const catalog::Attention& a);

void add_feed_forward(const LayerContext& layer, const catalog::FeedForward& f, int64_t tokens,
                      std::vector<Operator>& out);

}  // namespace penstock::compute
