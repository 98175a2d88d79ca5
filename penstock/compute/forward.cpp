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

constexpr double kLogitBytes = 4.0;  // sampling works on fp32 logits

/// KV heads cannot be split below one a rank, so a cache shards by min(tensor, KV heads); a latent
/// cache has one head and is held whole by every rank.
double kv_shard_count(const catalog::Attention& a, int64_t tensor) {
  switch (a.kind) {
    case AttentionKind::kFull:
    case AttentionKind::kSliding: return as_factor(std::min(tensor, a.kv_head_count));
    case AttentionKind::kGatedDelta:
    case AttentionKind::kMamba: return as_factor(tensor);
    default: return 1.0;
  }
}

/// Share of the layers that the fullest stage holds; stages differ by one layer at most.
double stage_share(const catalog::Model& model, const ParallelPlan& plan) {
  const int64_t layers = std::max<int64_t>(1, model.layer_count());
  return as_factor((layers + plan.pipeline - 1) / plan.pipeline) / as_factor(layers);
}

/// "8 KV heads" and the like that must divide evenly among the ranks.
void check_divides(std::string_view what, int64_t count, int64_t ranks, std::string_view ranks_text,
                   std::vector<std::string>& mistakes) {
  if (count % ranks == 0) return;
  mistakes.push_back(fmt::format("{} {} do not divide by {}", count, what, ranks_text));
}

/// "tensor_parallel 4", or "the 4 ranks of tensor_parallel 8 / expert_parallel 2".
std::string ranks_text(int64_t tensor, std::string_view key, int64_t groups) {
  if (groups == 1) return fmt::format("tensor_parallel {}", tensor);
  return fmt::format("tensor_parallel {} / {} {}", tensor, key, groups);
}

void check_attention(const catalog::Attention& a, const ParallelPlan& plan,
                     std::vector<std::string>& mistakes) {
  const int64_t ranks = plan.attention_tensor();
  const std::string text = ranks_text(plan.tensor, "attention_data_parallel", plan.attention_data);
  check_divides("attention heads", a.head_count, ranks, text, mistakes);
  check_divides("output groups", a.output_group_count, ranks, text, mistakes);
  const int64_t kv = a.kv_head_count;
  if (kv > 0 && kv % ranks != 0 && ranks % kv != 0) {
    mistakes.push_back(fmt::format("{} KV heads neither divide by {} nor divide it", kv, text));
  }
}

void check_feed_forward(const catalog::FeedForward& f, const ParallelPlan& plan,
                        std::vector<std::string>& mistakes) {
  const std::string attention =
      ranks_text(plan.tensor, "attention_data_parallel", plan.attention_data);
  check_divides("feed-forward columns", f.intermediate_size, plan.attention_tensor(), attention,
                mistakes);
  check_divides("columns of shared experts", f.shared_intermediate_size, plan.attention_tensor(),
                attention, mistakes);
  check_divides("columns of an expert", f.expert_intermediate_size, plan.expert_tensor(),
                ranks_text(plan.tensor, "expert_parallel", plan.expert), mistakes);
  check_divides("experts", f.expert_count, plan.expert,
                fmt::format("expert_parallel {}", plan.expert), mistakes);
}

/// Mistakes of the plan by itself; without any, its groups are whole numbers of ranks.
std::vector<std::string> shape_mistakes(const ParallelPlan& plan) {
  std::vector<std::string> mistakes;
  if (plan.tensor < 1 || plan.pipeline < 1) {
    mistakes.push_back(fmt::format("tensor_parallel {} and pipeline_parallel {} must be at least 1",
                                   plan.tensor, plan.pipeline));
    return mistakes;
  }
  const auto check = [&](std::string_view key, int64_t groups) {
    if (groups >= 1 && plan.tensor % groups == 0) return;
    mistakes.push_back(fmt::format("{} {} does not divide tensor_parallel {}, the ranks of a stage",
                                   key, groups, plan.tensor));
  };
  check("attention_data_parallel", plan.attention_data);
  check("expert_parallel", plan.expert);
  if (plan.exchange == ExpertExchange::kAllToAll && plan.expert != plan.tensor) {
    mistakes.push_back(
        fmt::format("expert_exchange all_to_all needs expert_parallel {} to be tensor_parallel {}: "
                    "every rank whole experts of its own",
                    plan.expert, plan.tensor));
  }
  return mistakes;
}

}  // namespace

Forward::Forward(const catalog::Model& model, const ParallelPlan& plan, const Precision& precision,
                 int64_t draft_tokens)
    : model_(&model), plan_(plan), precision_(precision), draft_tokens_(draft_tokens) {}

const LayerGroup* Forward::draft_layer() const {
  return draft_tokens_ > 0 && model_->mtp_layer ? &*model_->mtp_layer : nullptr;
}

std::vector<const LayerGroup*> Forward::layer_groups() const {
  std::vector<const LayerGroup*> groups;
  for (const LayerGroup& group : model_->layers) groups.push_back(&group);
  if (draft_layer() != nullptr) groups.push_back(draft_layer());
  return groups;
}

void Forward::add_layer(const LayerGroup& group, TokenSpread tokens,
                        std::vector<Operator>& out) const {
  const LayerContext layer{*model_, plan_, precision_, group.count};
  add_attention_tokens(layer, group.attention, tokens.group, out);
  add_feed_forward(layer, group.feed_forward, tokens, out);
  // each mixer and each feed-forward part has a norm that also adds the residual: two reads and
  // two writes of the hidden states, per residual stream
  const int64_t norm_count = (group.attention.kind != AttentionKind::kNone ? 1 : 0) +
                             (group.feed_forward.kind != FeedForwardKind::kNone ? 1 : 0);
  const double width = as_factor(tokens.group) * as_factor(model_->hidden_size) * kActivationBytes;
  out.push_back(elementwise("norm_and_residual", Section::kNorm, group.count * norm_count,
                            Bytes(4.0 * width * as_factor(model_->residual_streams))));
}

void Forward::add_draft_join(TokenSpread tokens, std::vector<Operator>& out) const {
  // the module joins the hidden state with the embedding of the token that followed; every rank
  // of a group does it whole
  out.push_back(gemm("draft_join_projection", Section::kAttentionProjection, 1,
                     {tokens.group, model_->hidden_size, 2 * model_->hidden_size},
                     precision_.weights.attention, precision_.attention_compute));
}

std::vector<Operator> Forward::token_operators(TokenSpread tokens) const {
  std::vector<Operator> out;
  const double width = as_factor(tokens.group) * as_factor(model_->hidden_size) * kActivationBytes;
  out.push_back(elementwise("embedding_lookup", Section::kEmbedding, 1, Bytes(2.0 * width)));
  // the table is split by vocabulary: every rank has the rows of some tokens and zeros elsewhere
  const int64_t ranks = plan_.attention_tensor();
  if (ranks > 1) {
    out.push_back(
        collective(Collective::kAllReduce, "embedding_all_reduce", 1, ranks, Bytes(width)));
  }
  for (const LayerGroup* group : layer_groups()) add_layer(*group, tokens, out);
  if (draft_layer() != nullptr) add_draft_join(tokens, out);
  return out;
}

std::vector<Operator> Forward::head_operators(int64_t sequences) const {
  std::vector<Operator> out;
  const int64_t ranks = plan_.attention_tensor();
  const int64_t vocab = (model_->vocab_size + ranks - 1) / ranks;
  out.push_back(gemm("lm_head", Section::kHead, 1, {sequences, vocab, model_->hidden_size},
                     precision_.weights.embedding, Dtype::kBf16));
  const double logits = as_factor(sequences) * as_factor(model_->vocab_size);
  if (ranks > 1) {
    out.push_back(collective(Collective::kAllGather, "logits_gather", 1, ranks,
                             Bytes(logits * kActivationBytes)));
  }
  // logits are written once and read twice (penalties and temperature, then the draw)
  out.push_back(elementwise("sampling", Section::kHead, 1, Bytes(3.0 * logits * kLogitBytes)));
  return out;
}

std::vector<ContextOperator> Forward::decode_operators(int64_t sequences) const {
  std::vector<ContextOperator> out;
  for (const LayerGroup* group : layer_groups()) {
    const LayerContext layer{*model_, plan_, precision_, group->count};
    add_attention_decode(layer, group->attention, sequences, queries(), out);
  }
  // the module's first pass takes the step's tokens, every further one a token of each sequence
  if (draft_layer() != nullptr && draft_tokens_ > 1) {
    const LayerContext layer{*model_, plan_, precision_, draft_tokens_ - 1};
    add_attention_decode(layer, draft_layer()->attention, sequences, 1, out);
  }
  return out;
}

std::vector<Operator> Forward::draft_operators(TokenSpread sequences) const {
  std::vector<Operator> out;
  if (draft_layer() == nullptr) return out;
  add_layer(*draft_layer(), sequences, out);
  add_draft_join(sequences, out);
  for (Operator& op : out) op.count *= draft_tokens_ - 1;
  std::vector<Operator> head = head_operators(sequences.group);
  for (Operator& op : head) {
    op.count *= draft_tokens_;
    out.push_back(op);
  }
  std::erase_if(out, [](const Operator& op) { return op.count == 0; });
  return out;
}

std::vector<Operator> Forward::prefill_operators(PrefillChunk chunk) const {
  return prefill_operators(std::span<const PrefillChunk>(&chunk, 1));
}

std::vector<Operator> Forward::prefill_operators(std::span<const PrefillChunk> chunks) const {
  std::vector<Operator> out;
  if (chunks.empty()) return out;
  for (const LayerGroup* group : layer_groups()) {
    const LayerContext layer{*model_, plan_, precision_, group->count};
    add_attention_prefill(layer, group->attention, chunks, out);
  }
  return out;
}

Bytes Forward::weights_per_rank() const {
  Bytes layers;
  for (const Operator& op : token_operators(1)) layers += op.resident_weights * as_factor(op.count);
  for (const LayerGroup* group : layer_groups()) {
    const LayerContext layer{*model_, plan_, precision_, group->count};
    layers += attention_extra_weights(layer, group->attention);
  }
  layers = layers * stage_share(*model_, plan_);
  // embedding and head sit on the first and last stage; tied tables are one where both meet
  const double table = as_factor(model_->vocab_size) * as_factor(model_->hidden_size) *
                       bytes_per_element_factor(precision_.weights.embedding) /
                       as_factor(plan_.attention_tensor());
  const bool two_tables = plan_.pipeline == 1 && !model_->tied_embeddings;
  return layers + Bytes(two_tables ? 2.0 * table : table);
}

Bytes Forward::kv_bytes_per_token_per_rank() const {
  Bytes sum;
  for (const LayerGroup* group : layer_groups()) {
    sum += catalog::kv_bytes_per_token(group->attention, precision_.kv_cache) *
           (as_factor(group->count) / kv_shard_count(group->attention, plan_.attention_tensor()));
  }
  return sum * stage_share(*model_, plan_);
}

Bytes Forward::kv_bounded_bytes_per_rank(int64_t context) const {
  Bytes sum;
  for (const LayerGroup* group : layer_groups()) {
    sum += catalog::kv_bounded_bytes(group->attention, precision_.kv_cache, context) *
           (as_factor(group->count) / kv_shard_count(group->attention, plan_.attention_tensor()));
  }
  return sum * stage_share(*model_, plan_);
}

Bytes Forward::activation_bytes(int64_t tokens, int64_t sequences) const {
  double widest = 0.0;
  for (const Operator& op : token_operators(1)) {
    // a routed token has as many rows as experts that it visits
    widest = std::max(widest, as_factor(op.gemm.m) * as_factor(op.gemm.n + op.gemm.k));
  }
  const double steps = 2.0 * as_factor(tokens) * widest * kActivationBytes;
  return Bytes(steps + as_factor(sequences) * as_factor(model_->vocab_size) * kLogitBytes);
}

std::vector<std::string> Forward::plan_mistakes(const catalog::Model& model,
                                                const ParallelPlan& plan) {
  std::vector<std::string> mistakes = shape_mistakes(plan);
  if (!mistakes.empty()) return mistakes;
  for (const LayerGroup& group : model.layers) {
    check_attention(group.attention, plan, mistakes);
    check_feed_forward(group.feed_forward, plan, mistakes);
  }
  const bool routed = std::any_of(model.layers.begin(), model.layers.end(), [](const auto& group) {
    return group.feed_forward.kind == FeedForwardKind::kMoe;
  });
  if (plan.expert > 1 && !routed) {
    mistakes.push_back(fmt::format("expert_parallel {}, but no layer has experts", plan.expert));
  }
  if (plan.pipeline > model.layer_count()) {
    mistakes.push_back(fmt::format("{} layers cannot fill {} pipeline stages", model.layer_count(),
                                   plan.pipeline));
  }
  std::sort(mistakes.begin(), mistakes.end());
  mistakes.erase(std::unique(mistakes.begin(), mistakes.end()), mistakes.end());
  return mistakes;
}

}  // namespace penstock::compute
