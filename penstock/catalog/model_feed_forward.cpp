// One feed-forward part from a config's keys.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/text.h"
#include "penstock/catalog/model_reader.h"

namespace penstock::catalog {
namespace {

constexpr int64_t kClassicExpansion = 4;  // feed-forward width over hidden size in classic models

/// Activations that come with a gate (SwiGLU, GeGLU), and plain ones with two matrices.
bool is_gated(ModelKeys& keys, const Frame& frame) {
  const std::string act = lower(keys.text({"mlp_hidden_act", "hidden_act", "hidden_activation",
                                           "activation_function", "ffn_act"})
                                    .value_or(frame.is_classic() ? "gelu" : "silu"));
  static_cast<void>(keys.find({"hidden_act"}));
  if (frame.is_classic() || frame.type_starts("falcon")) return false;
  constexpr std::array<std::string_view, 6> kPlain = {"relu",     "relu2",     "gelu",
                                                      "gelu_new", "gelu_fast", "quick_gelu"};
  const bool plain = std::find(kPlain.begin(), kPlain.end(), act) != kPlain.end();
  return !plain || frame.type_starts("gemma");
}

int64_t read_dense_width(ModelKeys& keys, const Frame& frame) {
  // Llama 4 states the width of experts first and that of its dense layers apart
  const Spellings names = {"intermediate_size_mlp",
                           "intermediate_size",
                           "ffn_dim",
                           "n_inner",
                           "ffn_hidden_size",
                           "d_ff"};
  const bool classic = frame.is_classic() || frame.type_starts("falcon");
  if (classic && !keys.has(names)) return kClassicExpansion * frame.hidden_size;
  if (keys.has(names)) return keys.need_count(names, kInnerBounds);
  return keys.need_count({"intermediate_size"}, kInnerBounds);
}

int64_t read_shared_width(ModelKeys& keys, const Frame& frame, int64_t expert_width) {
  const auto total =
      keys.count({"moe_shared_expert_intermediate_size", "shared_expert_intermediate_size",
                  "share_expert_dim", "shared_intermediate_size"},
                 or_none(kInnerBounds));
  const auto experts = keys.count(
      {"n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert"},
      or_none(kExpertBounds));
  if (total) return *total;
  if (experts) return *experts * expert_width;
  return frame.type_starts("llama4") ? expert_width : 0;
}

bool has_router_bias(ModelKeys& keys, const Frame& frame) {
  const std::string method = keys.text({"topk_method"}).value_or("");
  const bool said = keys.flag_or({"use_routing_bias", "use_moe_router_bias"}, false);
  return said || method == "noaux_tc" || frame.type_starts("gpt_oss") ||
         frame.type_starts("nemotron_h");
}

void read_experts(ModelKeys& keys, const Frame& frame, FeedForward& f) {
  f.expert_count = std::max<int64_t>(1, read_expert_count(keys));
  const Spellings topk = {
      "num_experts_per_tok", "experts_per_token",    "top_k_experts", "moe_topk", "moe_k",
      "moe_top_k",           "num_experts_per_token"};
  f.experts_per_token = keys.need_count(topk, kExpertBounds);
  if (f.experts_per_token > f.expert_count) {
    keys.mistake(
        topk, fmt::format("{} experts a token of {} experts", f.experts_per_token, f.expert_count));
  }
  const Spellings width = {"moe_intermediate_size", "expert_intermediate_size",
                           "moe_ffn_hidden_size", "expert_ffn_size", "intermediate_size"};
  f.expert_intermediate_size = keys.need_count(width, kInnerBounds);
  f.expert_hidden_size = keys.count_or({"moe_latent_size"}, or_none(kWidthBounds), 0);
  f.shared_intermediate_size = read_shared_width(keys, frame, f.expert_intermediate_size);
  f.shared_gate = f.shared_intermediate_size > 0 &&
                  (frame.type_starts("qwen2_moe") || frame.type_starts("qwen3_next") ||
                   frame.type_starts("qwen3_5"));
  const Spellings groups = {"n_group", "num_expert_groups", "expert_groups"};
  f.expert_group_count = std::max<int64_t>(1, keys.count_or(groups, or_none(kExpertBounds), 1));
  if (f.expert_count % f.expert_group_count != 0) {
    keys.mistake(groups, fmt::format("{} experts do not divide into {} groups", f.expert_count,
                                     f.expert_group_count));
  }
  f.grouped_experts = keys.flag_or({"grouped_experts"}, false);
  if (f.grouped_experts && f.experts_per_token % f.expert_group_count != 0) {
    keys.mistake(topk, fmt::format("{} experts a token are not equal parts of {} groups",
                                   f.experts_per_token, f.expert_group_count));
  }
  f.router_bias = has_router_bias(keys, frame);
}

}  // namespace

int64_t read_expert_count(ModelKeys& keys) {
  return keys.count_or({"n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts",
                        "num_moe_experts"},
                       or_none(kExpertBounds), 0);
}

FeedForward read_feed_forward(ModelKeys& keys, const Frame& frame, FeedForwardKind kind) {
  FeedForward f;
  f.kind = kind;
  f.gated = kind != FeedForwardKind::kNone && is_gated(keys, frame);
  if (kind == FeedForwardKind::kNone) return f;
  f.bias = keys.flag_or({"mlp_bias"}, frame.is_classic() || frame.type_starts("gpt_oss"));
  if (kind == FeedForwardKind::kMoe) {
    read_experts(keys, frame, f);
    // Gemma 4 runs a dense part beside its experts
    if (keys.flag_or({"enable_moe_block"}, false)) {
      f.intermediate_size = read_dense_width(keys, frame);
    }
    static_cast<void>(keys.find({"intermediate_size", "intermediate_size_mlp"}));
  } else {
    f.intermediate_size = read_dense_width(keys, frame);
  }
  return f;
}

}  // namespace penstock::catalog
