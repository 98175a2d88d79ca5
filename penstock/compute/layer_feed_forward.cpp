#include <algorithm>
#include <cmath>

#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::bytes_per_element_factor;
using catalog::Dtype;
using catalog::FeedForward;
using catalog::FeedForwardKind;

namespace {

void add_dense(const LayerContext& layer, std::string_view up_name, std::string_view down_name,
               bool gated, int64_t width, int64_t tokens, std::vector<Operator>& out) {
  const int64_t rank_width =
      (width + layer.plan.attention_tensor() - 1) / layer.plan.attention_tensor();
  const Dtype weights = layer.precision.weights.feed_forward;
  const Dtype compute = layer.precision.feed_forward_compute;
  const int64_t up = (gated ? 2 : 1) * rank_width;
  const int64_t hidden = layer.model.hidden_size;
  out.push_back(
      gemm(up_name, Section::kFeedForward, layer.count, {tokens, up, hidden}, weights, compute));
  out.push_back(elementwise("activation", Section::kFeedForward, layer.count,
                            Bytes(as_factor(tokens * (up + rank_width)) * kActivationBytes)));
  out.push_back(gemm(down_name, Section::kFeedForward, layer.count, {tokens, hidden, rank_width},
                     weights, compute));
}

/// Expected number of groups of expert parallel ranks that one token's experts lie in.
double expected_groups_factor(const FeedForward& f, int64_t groups) {
  // chosen one by one among those left: the chance that none of them is in a given group
  double missed = 1.0;
  const double outside = as_factor(f.expert_count) * (1.0 - 1.0 / as_factor(groups));
  for (int64_t i = 0; i < f.experts_per_token; ++i) {
    missed *= std::max(0.0, outside - as_factor(i)) / as_factor(f.expert_count - i);
  }
  return as_factor(groups) * (1.0 - missed);
}

/// Brings tokens of `width` from the attention groups to the experts.
void add_exchange_in(const LayerContext& layer, const FeedForward& f, int64_t width,
                     TokenSpread tokens, std::vector<Operator>& out) {
  const ParallelPlan& plan = layer.plan;
  if (plan.attention_data == 1) return;
  if (plan.exchange == ExpertExchange::kAllToAll) {
    // the ranks of an attention group hold the same tokens, so each sends its part of them; in the
    // format of the experts' products where that is narrower (DeepEP dispatches fp8)
    const double sent = as_factor(tokens.group) / as_factor(plan.attention_tensor()) *
                        expected_groups_factor(f, plan.expert) * as_factor(width);
    const double bytes =
        std::clamp(bytes_per_element_factor(layer.precision.expert_compute), 1.0, kActivationBytes);
    out.push_back(collective(Collective::kAllToAll, "expert_dispatch", layer.count, plan.expert,
                             Bytes(sent * bytes)));
    return;
  }
  const Bytes all(as_factor(tokens.stage) * as_factor(width) * kActivationBytes);
  out.push_back(
      collective(Collective::kAllGather, "expert_gather", layer.count, plan.attention_data, all));
  out.back().whole_stage = true;
}

/// Brings the sums of the experts back to the groups that asked.
void add_exchange_out(const LayerContext& layer, const FeedForward& f, int64_t width,
                      TokenSpread tokens, std::vector<Operator>& out) {
  const ParallelPlan& plan = layer.plan;
  if (plan.attention_data == 1) return;
  const double group = as_factor(tokens.group) * as_factor(width) * kActivationBytes;
  if (plan.exchange == ExpertExchange::kAllToAll) {
    const double sent =
        group / as_factor(plan.attention_tensor()) * expected_groups_factor(f, plan.expert);
    out.push_back(
        collective(Collective::kAllToAll, "expert_combine", layer.count, plan.expert, Bytes(sent)));
  } else {
    const Bytes all(as_factor(tokens.stage) * as_factor(width) * kActivationBytes);
    out.push_back(collective(Collective::kReduceScatter, "expert_reduce_scatter", layer.count,
                             plan.tensor, all));
    out.back().whole_stage = true;
  }
  // either way each rank of a group now has its part of the group's tokens
  if (plan.attention_tensor() > 1) {
    out.push_back(collective(Collective::kAllGather, "group_gather", layer.count,
                             plan.attention_tensor(), Bytes(group)));
  }
}

void add_moe(const LayerContext& layer, const FeedForward& f, TokenSpread tokens,
             std::vector<Operator>& out) {
  const int64_t hidden = layer.model.hidden_size;
  // experts may work in a narrower space, to and from which every rank projects each token once
  const int64_t inner = f.expert_hidden_size > 0 ? f.expert_hidden_size : hidden;
  const int64_t ranks = layer.plan.expert_tensor();
  const int64_t width = (f.expert_intermediate_size + ranks - 1) / ranks;
  const auto latent = [&](std::string_view name, int64_t n, int64_t k) {
    if (f.expert_hidden_size == 0) return;
    out.push_back(gemm(name, Section::kExperts, layer.count, {tokens.group, n, k},
                       layer.precision.weights.feed_forward, layer.precision.feed_forward_compute));
  };
  out.push_back(gemm("router", Section::kExperts, layer.count,
                     {tokens.group, f.expert_count, hidden}, Dtype::kBf16, Dtype::kBf16));
  latent("latent_down_projection", inner, hidden);
  add_exchange_in(layer, f, inner, tokens, out);
  out.push_back(experts("experts", layer.count,
                        {.tokens = tokens.stage,
                         .hidden = inner,
                         .width = width,
                         .topk = f.experts_per_token,
                         .experts = f.expert_count,
                         .expert_ranks = layer.plan.expert,
                         .gated = f.gated,
                         .exchanged = layer.plan.attention_data > 1 &&
                                      layer.plan.exchange == ExpertExchange::kAllToAll,
                         .weights = layer.precision.weights.experts,
                         .compute = layer.precision.expert_compute}));
  out.back().whole_stage = layer.plan.attention_data > 1;
  add_exchange_out(layer, f, inner, tokens, out);
  latent("latent_up_projection", hidden, inner);
  if (f.shared_intermediate_size > 0) {
    add_dense(layer, "shared_expert_up", "shared_expert_down", f.gated, f.shared_intermediate_size,
              tokens.group, out);
  }
}

}  // namespace

Operator gemm(std::string_view name, Section section, int64_t count, GemmShape shape, Dtype weights,
              Dtype compute) {
  const double m = as_factor(shape.m);
  const double n = as_factor(shape.n);
  const double k = as_factor(shape.k);
  Operator op;
  op.name = name;
  op.family = Family::kGemm;
  op.section = section;
  op.count = count;
  op.dtype = compute;
  op.stored = weights;
  op.gemm = shape;
  op.flops = Flop(2.0 * m * n * k);
  op.resident_weights = Bytes(n * k * bytes_per_element_factor(weights));
  op.bytes = op.resident_weights + Bytes(m * (n + k) * kActivationBytes);
  return op;
}

Operator experts(std::string_view name, int64_t count, const ExpertsCall& call) {
  const double hidden = as_factor(call.hidden);
  const double width = as_factor(call.width);
  const double up = call.gated ? 2.0 * width : width;
  const double expert_bytes = (up + width) * hidden * bytes_per_element_factor(call.weights);
  const ExpertLoad load = expert_load(call);
  const double rows = load.rows_factor;
  Operator op;
  op.name = name;
  op.family = Family::kGroupedGemm;
  op.section = Section::kExperts;
  op.count = count;
  op.dtype = call.compute;
  op.stored = call.weights;
  op.experts = call;
  op.gemm = {static_cast<int64_t>(std::llround(rows)), call.gated ? 2 * call.width : call.width,
             call.hidden};
  op.flops = Flop(2.0 * rows * (up + width) * hidden);
  // rows through both products, through the activation, and to expert order and back
  const double moved = rows * ((hidden + up) + (width + hidden) + (up + width) + 3.0 * hidden);
  const double scores = 2.0 * as_factor(call.tokens * call.experts);
  op.bytes = Bytes(load.reached_factor * expert_bytes + (moved + scores) * kActivationBytes);
  op.resident_weights =
      Bytes(as_factor(call.experts) / as_factor(call.expert_ranks) * expert_bytes);
  return op;
}

Operator elementwise(std::string_view name, Section section, int64_t count, Bytes bytes) {
  Operator op;
  op.name = name;
  op.family = Family::kElementwise;
  op.section = section;
  op.count = count;
  op.bytes = bytes;
  return op;
}

Operator collective(Collective kind, std::string_view name, int64_t count, int64_t rank_count,
                    Bytes payload) {
  Operator op;
  op.name = name;
  op.family = Family::kCollective;
  op.section = Section::kCommunication;
  op.count = count;
  op.collective = kind;
  op.rank_count = rank_count;
  op.payload = payload;
  return op;
}

void add_group_sum(const LayerContext& layer, int64_t tokens, std::vector<Operator>& out) {
  const int64_t ranks = layer.plan.attention_tensor();
  if (ranks == 1) return;
  const Bytes payload(as_factor(tokens) * as_factor(layer.model.hidden_size) * kActivationBytes);
  out.push_back(collective(Collective::kAllReduce, "all_reduce", layer.count, ranks, payload));
}

void add_feed_forward(const LayerContext& layer, const FeedForward& f, TokenSpread tokens,
                      std::vector<Operator>& out) {
  if (f.kind == FeedForwardKind::kNone) return;
  if (f.intermediate_size > 0) {
    add_dense(layer, "feed_forward_up", "feed_forward_down", f.gated, f.intermediate_size,
              tokens.group, out);
  }
  if (f.kind == FeedForwardKind::kMoe) add_moe(layer, f, tokens, out);
  // what data parallel groups exchange with the experts is summed already
  const bool dense = f.intermediate_size > 0 || f.shared_intermediate_size > 0;
  if (layer.plan.attention_data == 1 || dense) add_group_sum(layer, tokens.group, out);
}

}  // namespace penstock::compute
