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

/// Products of all routed tokens with the experts they reach, as one grouped kernel.
Operator grouped_gemm(const LayerContext& layer, std::string_view name, const FeedForward& f,
                      GemmShape shape) {
  const Dtype weights = layer.precision.weights.experts;
  const double weight_bytes = bytes_per_element_factor(weights);
  const double experts = as_factor(f.expert_count);
  const double weight_elements = as_factor(shape.n) * as_factor(shape.k);
  // each routed copy of a token is one row; m counts tokens before routing
  const double rows = as_factor(shape.m) * as_factor(f.experts_per_token);
  const double reached = expected_experts_factor(f.expert_count, f.experts_per_token, shape.m);
  Operator op;
  op.name = name;
  op.family = Family::kGroupedGemm;
  op.section = Section::kExperts;
  op.count = layer.count;
  op.dtype = layer.precision.expert_compute;
  op.stored = weights;
  op.gemm = {static_cast<int64_t>(rows), shape.n, shape.k};
  op.flops = Flop(2.0 * rows * weight_elements);
  op.bytes = Bytes(reached * weight_elements * weight_bytes +
                   rows * as_factor(shape.n + shape.k) * kActivationBytes);
  op.resident_weights = Bytes(experts * weight_elements * weight_bytes);
  return op;
}

void add_moe(const LayerContext& layer, const FeedForward& f, int64_t tokens,
             std::vector<Operator>& out) {
  const int64_t hidden = layer.model.hidden_size;
  // experts may work in a narrower space, to and from which every rank projects each token once
  const int64_t inner = f.expert_hidden_size > 0 ? f.expert_hidden_size : hidden;
  const int64_t width = (f.expert_intermediate_size + layer.plan.tensor - 1) / layer.plan.tensor;
  const int64_t up = (f.gated ? 2 : 1) * width;
  const double rows = as_factor(tokens * f.experts_per_token);
  const auto latent = [&](std::string_view name, int64_t n, int64_t k) {
    if (f.expert_hidden_size == 0) return;
    out.push_back(gemm(name, Section::kExperts, layer.count, {tokens, n, k},
                       layer.precision.weights.feed_forward, layer.precision.feed_forward_compute));
  };
  out.push_back(gemm("router", Section::kExperts, layer.count, {tokens, f.expert_count, hidden},
                     Dtype::kBf16, Dtype::kBf16));
  latent("latent_down_projection", inner, hidden);
  // top-k, permutation of hidden states to expert order, and the weighted sum back
  out.push_back(
      elementwise("route_and_permute", Section::kExperts, layer.count,
                  Bytes((as_factor(tokens * f.expert_count) * 2.0 + 3.0 * rows * as_factor(inner)) *
                        kActivationBytes)));
  out.push_back(grouped_gemm(layer, "experts_up", f, {tokens, up, inner}));
  out.push_back(elementwise("expert_activation", Section::kExperts, layer.count,
                            Bytes(rows * as_factor(up + width) * kActivationBytes)));
  out.push_back(grouped_gemm(layer, "experts_down", f, {tokens, inner, width}));
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

double expected_experts_factor(int64_t experts, int64_t topk, int64_t tokens) {
  if (experts <= 0 || topk <= 0 || tokens <= 0) return 0.0;
  const double missed = 1.0 - as_factor(topk) / as_factor(experts);
  return as_factor(experts) * (1.0 - std::pow(missed, as_factor(tokens)));
}

}  // namespace penstock::compute
