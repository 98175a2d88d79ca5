#include "penstock/compute/forward.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/compute/layer_operators.h"

namespace penstock::compute {

using catalog::AttentionKind;
using catalog::bytes_per_element_factor;
using catalog::Dtype;
using catalog::FeedForwardKind;
using catalog::LayerGroup;

namespace {

constexpr double kActivationBytes = 2.0;  // activations travel in bf16 between kernels
constexpr double kLogitBytes = 4.0;       // sampling works on fp32 logits

double as_double(int64_t number) { return static_cast<double>(number); }

/// KV heads cannot be split below one a rank, so a cache shards by min(tensor, KV heads); a latent
/// cache has one head and is held whole by every rank.
double kv_shard_count(const catalog::Attention& a, int64_t tensor) {
  switch (a.kind) {
    case AttentionKind::kFull:
    case AttentionKind::kSliding: return as_double(std::min(tensor, a.kv_head_count));
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: return as_double(tensor);
    default: return 1.0;
  }
}

}  // namespace

Forward::Forward(const catalog::Model& model, const ParallelPlan& plan, const Precision& precision)
    : model_(&model), plan_(plan), precision_(precision) {}

std::vector<Operator> Forward::token_operators(int64_t tokens) const {
  std::vector<Operator> out;
  const double width = as_double(tokens) * as_double(model_->hidden_size) * kActivationBytes;
  out.push_back(elementwise("embedding_lookup", Section::kEmbedding, 1, Bytes(2.0 * width)));
  for (const LayerGroup& group : model_->layers) {
    const LayerContext layer{*model_, plan_, precision_, group.count};
    add_attention_tokens(layer, group.attention, tokens, out);
    add_feed_forward(layer, group.feed_forward, tokens, out);
    // each mixer and each feed-forward part has a norm that also adds the residual: two reads and
    // two writes of the hidden states, per residual stream
    const int64_t norm_count = (group.attention.kind != AttentionKind::kNone ? 1 : 0) +
                               (group.feed_forward.kind != FeedForwardKind::kNone ? 1 : 0);
    out.push_back(elementwise("norm_and_residual", Section::kNorm, group.count * norm_count,
                              Bytes(4.0 * width * as_double(model_->residual_streams))));
  }
  return out;
}

std::vector<Operator> Forward::head_operators(int64_t sequences) const {
  std::vector<Operator> out;
  const int64_t vocab = (model_->vocab_size + plan_.tensor - 1) / plan_.tensor;
  Operator head = gemm("lm_head", Section::kHead, 1, {sequences, vocab, model_->hidden_size},
                       precision_.weights.embedding, Dtype::kBf16);
  out.push_back(head);
  // logits are written once and read twice (penalties and temperature, then the draw)
  out.push_back(elementwise("sampling", Section::kHead, 1,
                            Bytes(3.0 * as_double(sequences) * as_double(model_->vocab_size) *
                                  kLogitBytes)));
  return out;
}

std::vector<ContextOperator> Forward::decode_operators(int64_t sequences) const {
  std::vector<ContextOperator> out;
  for (const LayerGroup& group : model_->layers) {
    const LayerContext layer{*model_, plan_, precision_, group.count};
    add_attention_decode(layer, group.attention, sequences, out);
  }
  return out;
}

std::vector<Operator> Forward::prefill_operators(PrefillChunk chunk) const {
  std::vector<Operator> out;
  for (const LayerGroup& group : model_->layers) {
    const LayerContext layer{*model_, plan_, precision_, group.count};
    add_attention_prefill(layer, group.attention, chunk, out);
  }
  return out;
}

Bytes Forward::weights_per_rank() const {
  Bytes layers;
  for (const Operator& op : token_operators(1)) layers += op.resident_weights * as_double(op.count);
  for (const LayerGroup& group : model_->layers) {
    const LayerContext layer{*model_, plan_, precision_, group.count};
    layers += attention_extra_weights(layer, group.attention);
  }
  const int64_t layer_count = model_->layer_count();
  const int64_t stage_layers = (layer_count + plan_.pipeline - 1) / plan_.pipeline;
  layers = layers * (as_double(stage_layers) / as_double(std::max<int64_t>(1, layer_count)));
  // embedding and head sit on the first and last stage; tied tables are one where both meet
  const double table = as_double(model_->vocab_size) * as_double(model_->hidden_size) *
                       bytes_per_element_factor(precision_.weights.embedding) /
                       as_double(plan_.tensor);
  const bool two_tables = plan_.pipeline == 1 && !model_->tied_embeddings;
  return layers + Bytes(two_tables ? 2.0 * table : table);
}

Bytes Forward::kv_bytes_per_token_per_rank() const {
  Bytes sum;
  for (const LayerGroup& group : model_->layers) {
    sum += catalog::kv_bytes_per_token(group.attention, precision_.kv_cache) *
           (as_double(group.count) / kv_shard_count(group.attention, plan_.tensor));
  }
  return sum / as_double(plan_.pipeline);
}

Bytes Forward::kv_bounded_bytes_per_rank(int64_t context) const {
  Bytes sum;
  for (const LayerGroup& group : model_->layers) {
    sum += catalog::kv_bounded_bytes(group.attention, precision_.kv_cache, context) *
           (as_double(group.count) / kv_shard_count(group.attention, plan_.tensor));
  }
  return sum / as_double(plan_.pipeline);
}

Bytes Forward::activation_bytes(int64_t tokens, int64_t sequences) const {
  int64_t widest = 0;
  for (const Operator& op : token_operators(1)) {
    widest = std::max(widest, op.gemm.n + op.gemm.k);
  }
  const double steps = 2.0 * as_double(tokens) * as_double(widest) * kActivationBytes;
  return Bytes(steps + as_double(sequences) * as_double(model_->vocab_size) * kLogitBytes);
}

std::vector<std::string> Forward::plan_mistakes(const catalog::Model& model,
                                                const ParallelPlan& plan) {
  std::vector<std::string> mistakes;
  const int64_t tensor = plan.tensor;
  for (const LayerGroup& group : model.layers) {
    const int64_t heads = group.attention.head_count;
    if (heads % tensor != 0) {
      mistakes.push_back(
          fmt::format("{} attention heads do not divide by tensor_parallel {}", heads, tensor));
    }
    const int64_t kv = group.attention.kv_head_count;
    if (kv > 0 && kv % tensor != 0 && tensor % kv != 0) {
      mistakes.push_back(fmt::format(
          "{} KV heads neither divide by tensor_parallel {} nor divide it", kv, tensor));
    }
  }
  if (plan.pipeline > model.layer_count()) {
    mistakes.push_back(fmt::format("{} layers cannot fill {} pipeline stages",
                                   model.layer_count(), plan.pipeline));
  }
  std::sort(mistakes.begin(), mistakes.end());
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end()), mistakes.end());
  return mistakes;
}

}  // namespace penstock::compute
