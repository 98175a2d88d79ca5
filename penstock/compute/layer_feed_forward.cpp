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
  const int64_t rank_width = (width + layer.plan.tensor - 1) / layer.plan.tensor;
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

void add_moe(const LayerContext& layer, const FeedForward& f, int64_t tokens,
             std::vector<Operator>& out) {
  const int64_t hidden = layer.model.hidden_size;
  // experts may work in a narrower space, to and from which every rank projects each token once
  const int64_t inner = f.expert_hidden_size > 0 ? f.expert_hidden_size : hidden;
  const int64_t width = (f.expert_intermediate_size + layer.plan.tensor - 1) / layer.plan.tensor;
  const auto latent = [&](std::string_view name, int64_t n, int64_t k) {
    if (f.expert_hidden_size == 0) return;
    out.push_back(gemm(name, Section::kExperts, layer.count, {tokens, n, k},
                       layer.precision.weights.feed_forward, layer.precision.feed_forward_compute));
  };
  out.push_back(gemm("router", Section::kExperts, layer.count, {tokens, f.expert_count, hidden},
                     Dtype::kBf16, Dtype::kBf16));
  latent("latent_down_projection", inner, hidden);
  out.push_back(experts("experts", layer.count,
                        {.tokens = tokens,
                         .hidden = inner,
                         .width = width,
                         .topk = f.experts_per_token,
                         .experts = f.expert_count,
                         .gated = f.gated,
                         .weights = layer.precision.weights.experts,
                         .compute = layer.precision.expert_compute}));
  latent("latent_up_projection", hidden, inner);
  if (f.shared_intermediate_size > 0) {
    add_dense(layer, "shared_expert_up", "shared_expert_down", f.gated, f.shared_intermediate_size,
              tokens, out);
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

Operator all_reduce(std::string_view name, int64_t count, Bytes payload) {
  Operator op;
  op.name = name;
  op.family = Family::kCollective;
  op.section = Section::kCommunication;
  op.count = count;
  op.payload = payload;
  return op;
}

Operator all_reduce(const LayerContext& layer, int64_t tokens) {
  return all_reduce(
      "all_reduce", layer.count,
      Bytes(as_factor(tokens) * as_factor(layer.model.hidden_size) * kActivationBytes));
}

void add_feed_forward(const LayerContext& layer, const FeedForward& f, int64_t tokens,
                      std::vector<Operator>& out) {
  if (f.kind == FeedForwardKind::kNone) return;
  if (f.intermediate_size > 0) {
    add_dense(layer, "feed_forward_up", "feed_forward_down", f.gated, f.intermediate_size, tokens,
              out);
  }
  if (f.kind == FeedForwardKind::kMoe) add_moe(layer, f, tokens, out);
  if (layer.plan.tensor > 1) out.push_back(all_reduce(layer, tokens));
}

}  // namespace penstock::compute
