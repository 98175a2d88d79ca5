/// A model under a plan becomes operators: the forward pass of one rank.
///
/// Token operators depend only on how many tokens the step processes, head operators on how many
/// sequences need a next token, attention on contexts. The step model prices them separately,
/// which is what makes runs of steps a closed form.
/// Operators are of one rank of a stage, the fullest, through all layers: a pipeline's stages in
/// turn.
/// Does not model: dropout of padding, CUDA-graph padding of batch sizes, LoRA, draft models other
/// than the model's own prediction module.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "penstock/base/time.h"
#include "penstock/catalog/model.h"
#include "penstock/compute/operator.h"
#include "penstock/compute/plan.h"

namespace penstock::compute {

/// A piece of a prompt in one step: `tokens` new ones after `context` already in the cache.
struct PrefillChunk {
  int64_t tokens = 0;
  int64_t context = 0;
};

/// Tokens of a step as a stage sees them.
struct TokenSpread {
  int64_t group = 0;  ///< of the fullest attention group
  int64_t stage = 0;  ///< of all its attention groups, which the experts work on together
};

class Forward {
 public:
  /// With `draft_tokens`, every decode step verifies so many drafts of each sequence beside its
  /// next token, and the model's prediction module, where it has one, makes new ones.
  Forward(const catalog::Model& model, const ParallelPlan& plan, const Precision& precision,
          int64_t draft_tokens = 0);

  /// Projections, feed-forward, norms, embedding and what ranks exchange for `tokens`.
  [[nodiscard]] std::vector<Operator> token_operators(TokenSpread tokens) const;
  /// The same where every attention group has `tokens`.
  [[nodiscard]] std::vector<Operator> token_operators(int64_t tokens) const {
    return token_operators({tokens, tokens * plan_.attention_data});
  }
  /// LM head and sampling for `sequences` next tokens.
  [[nodiscard]] std::vector<Operator> head_operators(int64_t sequences) const;
  /// Decode attention of `sequences` sequences, `queries()` new tokens each.
  [[nodiscard]] std::vector<ContextOperator> decode_operators(int64_t sequences) const;
  /// Making drafts for `sequences` sequences beyond the first pass of the prediction module, which
  /// goes with the step's tokens: its further passes, but for their attention, and all heads.
  [[nodiscard]] std::vector<Operator> draft_operators(TokenSpread sequences) const;
  /// Attention of one prompt chunk.
  [[nodiscard]] std::vector<Operator> prefill_operators(PrefillChunk chunk) const;
  /// Attention of the prompt chunks of one step, which one kernel a layer handles together.
  [[nodiscard]] std::vector<Operator> prefill_operators(std::span<const PrefillChunk> chunks) const;

  /// Weights held by the fullest rank of a stage, embeddings and head included.
  [[nodiscard]] Bytes weights_per_rank() const;
  /// KV bytes one token of context adds on one rank of the fullest stage (see
  /// catalog::kv_bytes_per_token).
  [[nodiscard]] Bytes kv_bytes_per_token_per_rank() const;
  /// Cache bytes of a sequence that stop growing, on one rank.
  [[nodiscard]] Bytes kv_bounded_bytes_per_rank(int64_t context) const;
  /// Peak activation bytes of a step of `tokens` on one rank: inputs and outputs of the widest
  /// product, routed copies included, kept twice for overlap, plus logits of `sequences`.
  [[nodiscard]] Bytes activation_bytes(int64_t tokens, int64_t sequences) const;

  /// Tokens of each decoding sequence in a step.
  [[nodiscard]] int64_t queries() const { return 1 + draft_tokens_; }
  [[nodiscard]] const catalog::Model& model() const { return *model_; }
  [[nodiscard]] const ParallelPlan& plan() const { return plan_; }
  [[nodiscard]] const Precision& precision() const { return precision_; }

  /// Ways in which the plan does not fit the model ("8 KV heads do not divide by 3"); empty if
  /// none.
  static std::vector<std::string> plan_mistakes(const catalog::Model& model,
                                                const ParallelPlan& plan);

 private:
  /// The model's layer groups, then the prediction module's layer where drafts are made by one.
  [[nodiscard]] std::vector<const catalog::LayerGroup*> layer_groups() const;
  [[nodiscard]] const catalog::LayerGroup* draft_layer() const;
  void add_layer(const catalog::LayerGroup& group, TokenSpread tokens,
                 std::vector<Operator>& out) const;
  void add_draft_join(TokenSpread tokens, std::vector<Operator>& out) const;

  const catalog::Model* model_;
  ParallelPlan plan_;
  Precision precision_;
  int64_t draft_tokens_ = 0;
};

/// Query-key pairs a causal chunk touches when a token sees at most `cap` tokens, itself included:
/// sum over j < tokens of min(context + j + 1, cap).
Int128 causal_pairs(PrefillChunk chunk, int64_t cap);

}  // namespace penstock::compute
