// One mixer from a config's keys.

#include <fmt/format.h>

#include "penstock/catalog/model_reader.h"

namespace penstock::catalog {
namespace {

/// V4's fine layers, which pool four tokens, select among them with an indexer; its coarse layers
/// attend to all entries. Source: DeepSeek V4 reference code, 2026-04.
constexpr int64_t kIndexedRatio = 4;

int64_t read_heads(ModelKeys& keys) {
  return keys.need_count({"num_attention_heads", "n_head", "num_heads", "n_heads"}, kHeadBounds);
}

/// Number formats in which a linear layer keeps its state; unset means the activations' format.
Dtype read_state_dtype(ModelKeys& keys) {
  const std::string name =
      keys.text({"mamba_ssm_cache_dtype", "mamba_ssm_dtype"}).value_or("bfloat16");
  return name == "float32" ? Dtype::kFp32 : Dtype::kBf16;
}

void check_groups(ModelKeys& keys, Spellings names, int64_t heads, int64_t groups) {
  if (heads % groups == 0) return;
  keys.mistake(names, fmt::format("{} heads do not divide into {} groups of key-value heads ('{}')",
                                  heads, groups, *names.begin()));
}

void read_bias(ModelKeys& keys, const Frame& frame, Attention& a) {
  const bool all = keys.flag_or({"attention_bias"}, frame.is_classic());
  const bool qkv =
      keys.flag_or({"qkv_bias", "add_qkv_bias", "use_qkv_bias"}, frame.type_starts("qwen2"));
  a.bias = all || qkv;
  a.output_bias = all && !frame.type_starts("qwen2");
}

int64_t qk_norm_size(ModelKeys& keys, const Frame& frame, const Attention& a) {
  const bool by_family =
      frame.type_starts("qwen3") || frame.type_starts("gemma3") || frame.type_starts("gemma4");
  const std::string kind = keys.text({"qk_norm_type"}).value_or("per_head");
  const bool used = keys.flag_or({"use_qk_norm"}, by_family);
  // Llama 4 norms without weights
  if (!used || frame.type_starts("llama4")) return 0;
  if (kind == "per_layer") return (a.head_count + a.kv_head_count) * a.head_dim;
  return 2 * a.head_dim;
}

int64_t read_kv_heads(ModelKeys& keys, int64_t heads) {
  const Spellings names = {"num_key_value_heads", "num_kv_heads", "n_head_kv",
                           "multi_query_group_num"};
  const auto given = keys.count(names, kHeadBounds);
  // Falcon and GPT-BigCode state multi-query attention as a flag
  const bool multi_query = keys.flag_or({"multi_query"}, false);
  return given.value_or(multi_query ? 1 : heads);
}

int64_t read_head_dim(ModelKeys& keys, const Frame& frame, int64_t heads) {
  const auto given =
      keys.count({"head_dim", "attention_head_dim", "kv_channels", "head_size"}, kWidthBounds);
  if (given) return *given;
  if (frame.hidden_size % heads != 0) {
    keys.mistake({"num_attention_heads"},
                 fmt::format("'hidden_size' {} does not divide by {} attention heads; state "
                             "'head_dim'",
                             frame.hidden_size, heads));
    return 1;
  }
  return frame.hidden_size / heads;
}

/// Where sliding layers (MiMo) or global layers (Gemma 4) have sizes of their own.
void read_own_sizes(ModelKeys& keys, Mixer mixer, Attention& a) {
  const auto own = [&](bool applies, Spellings names, CountBounds bounds, int64_t& member) {
    const auto given = keys.count(names, bounds);
    if (applies && given) member = *given;
  };
  const bool sliding = mixer == Mixer::kSliding;
  own(true, {"v_head_dim"}, kWidthBounds, a.value_head_dim);
  own(sliding, {"swa_num_attention_heads"}, kHeadBounds, a.head_count);
  own(sliding, {"swa_num_key_value_heads"}, kHeadBounds, a.kv_head_count);
  own(sliding, {"swa_head_dim"}, kWidthBounds, a.head_dim);
  own(sliding, {"swa_v_head_dim"}, kWidthBounds, a.value_head_dim);
  own(!sliding, {"num_global_key_value_heads"}, kHeadBounds, a.kv_head_count);
  own(!sliding, {"global_head_dim"}, kWidthBounds, a.head_dim);
  own(!sliding, {"global_head_dim"}, kWidthBounds, a.value_head_dim);
  const bool shared = keys.flag_or({"attention_k_eq_v"}, false);
  a.shared_kv = shared && !sliding;
}

Attention grouped_query(ModelKeys& keys, const Frame& frame, Mixer mixer) {
  Attention a;
  a.kind = mixer == Mixer::kSliding ? AttentionKind::kSliding : AttentionKind::kFull;
  a.head_count = read_heads(keys);
  a.kv_head_count = read_kv_heads(keys, a.head_count);
  a.head_dim = read_head_dim(keys, frame, a.head_count);
  a.value_head_dim = a.head_dim;
  read_own_sizes(keys, mixer, a);
  check_groups(keys, {"num_key_value_heads"}, a.head_count, a.kv_head_count);
  const Spellings window = {"sliding_window", "attention_chunk_size", "sliding_window_size"};
  if (mixer == Mixer::kSliding) {
    a.window = keys.need_count(window, kContextBounds);
  } else {
    static_cast<void>(keys.count(window, or_none(kContextBounds)));
  }
  read_bias(keys, frame, a);
  a.qk_norm_size = qk_norm_size(keys, frame, a);
  a.gated_output = keys.flag_or({"attn_output_gate"}, frame.type_starts("qwen3_next"));
  const bool family_sinks = frame.type_starts("gpt_oss");
  const bool on_sliding = keys.flag_or({"add_swa_attention_sink_bias"}, family_sinks);
  const bool on_full = keys.flag_or({"add_full_attention_sink_bias"}, family_sinks);
  a.sinks = mixer == Mixer::kSliding ? on_sliding : on_full;
  return a;
}

void read_indexer(ModelKeys& keys, Attention& a) {
  a.index_topk = keys.need_count({"index_topk"}, kContextBounds);
  a.index_head_count = keys.need_count({"index_n_heads"}, kHeadBounds);
  a.index_head_dim = keys.need_count({"index_head_dim"}, kWidthBounds);
}

Attention latent(ModelKeys& keys, const Frame& frame) {
  Attention a;
  a.kind = AttentionKind::kMla;
  a.head_count = read_heads(keys);
  // every head has its own keys once the latent is expanded; configs repeat the head count here
  a.kv_head_count = read_kv_heads(keys, a.head_count);
  check_groups(keys, {"num_key_value_heads"}, a.head_count, a.kv_head_count);
  a.kv_lora_rank = keys.need_count({"kv_lora_rank"}, kWidthBounds);
  a.q_lora_rank = keys.count_or({"q_lora_rank"}, or_none(kWidthBounds), 0);
  a.nope_head_dim = keys.need_count({"qk_nope_head_dim"}, kWidthBounds);
  a.rope_head_dim = keys.need_count({"qk_rope_head_dim"}, or_none(kWidthBounds));
  a.value_head_dim = keys.need_count({"v_head_dim"}, kWidthBounds);
  a.head_dim = a.nope_head_dim + a.rope_head_dim;
  static_cast<void>(keys.find({"head_dim"}));  // some configs repeat the rotary part here
  read_bias(keys, frame, a);
  if (keys.has({"index_topk"})) {
    a.kind = AttentionKind::kSparseMla;
    read_indexer(keys, a);
  }
  return a;
}

Attention compressed(ModelKeys& keys, int64_t ratio) {
  Attention a;
  a.kind = AttentionKind::kCompressed;
  a.head_count = read_heads(keys);
  a.kv_head_count = read_kv_heads(keys, a.head_count);
  if (a.kv_head_count != 1) {
    keys.mistake({"num_key_value_heads"}, "compressed attention has one key-value head");
  }
  a.head_dim = keys.need_count({"head_dim"}, kWidthBounds);
  a.value_head_dim = a.head_dim;
  a.rope_head_dim = keys.count_or({"qk_rope_head_dim"}, or_none(kWidthBounds), 0);
  a.nope_head_dim = a.head_dim - a.rope_head_dim;
  if (a.nope_head_dim < 0) {
    keys.mistake({"qk_rope_head_dim"}, fmt::format("'qk_rope_head_dim' {} exceeds 'head_dim' {}",
                                                   a.rope_head_dim, a.head_dim));
  }
  a.q_lora_rank = keys.count_or({"q_lora_rank"}, or_none(kWidthBounds), 0);
  a.window = keys.need_count({"sliding_window"}, kContextBounds);
  a.compress_ratio = ratio;
  a.output_group_count = keys.count_or({"o_groups"}, or_none(kHeadBounds), 0);
  a.output_lora_rank = keys.count_or({"o_lora_rank"}, or_none(kWidthBounds), 0);
  if (a.output_group_count > 0) {
    check_groups(keys, {"o_groups"}, a.head_count, a.output_group_count);
  }
  a.sinks = true;
  static_cast<void>(keys.flag({"attention_bias"}));
  if (ratio == kIndexedRatio) read_indexer(keys, a);
  static_cast<void>(keys.find({"index_topk", "index_n_heads"}));
  static_cast<void>(keys.find({"index_head_dim"}));
  return a;
}

Attention gated_delta(ModelKeys& keys) {
  Attention a;
  a.kind = AttentionKind::kGatedDelta;
  a.head_count = keys.need_count({"linear_num_value_heads"}, kHeadBounds);
  a.kv_head_count = keys.need_count({"linear_num_key_heads"}, kHeadBounds);
  check_groups(keys, {"linear_num_key_heads"}, a.head_count, a.kv_head_count);
  a.head_dim = keys.need_count({"linear_key_head_dim"}, kWidthBounds);
  a.value_head_dim = keys.need_count({"linear_value_head_dim"}, kWidthBounds);
  a.conv_kernel = keys.need_count({"linear_conv_kernel_dim"}, kWidthBounds);
  a.state_dtype = read_state_dtype(keys);
  return a;
}

Attention mamba(ModelKeys& keys) {
  Attention a;
  a.kind = AttentionKind::kMamba;
  a.head_count = keys.need_count({"mamba_num_heads", "mamba_n_heads"}, kHeadBounds);
  a.head_dim = keys.need_count({"mamba_head_dim", "mamba_d_head"}, kWidthBounds);
  a.value_head_dim = a.head_dim;
  a.kv_head_count = keys.need_count({"n_groups", "mamba_n_groups"}, kHeadBounds);
  check_groups(keys, {"n_groups", "mamba_n_groups"}, a.head_count, a.kv_head_count);
  a.state_size = keys.need_count({"ssm_state_size", "mamba_d_state"}, kWidthBounds);
  a.conv_kernel = keys.need_count({"conv_kernel", "mamba_d_conv"}, kWidthBounds);
  a.bias = keys.flag_or({"use_conv_bias", "mamba_conv_bias"}, true);
  a.output_bias = keys.flag_or({"mamba_proj_bias", "use_bias"}, false);
  static_cast<void>(keys.find({"use_bias"}));
  a.state_dtype = read_state_dtype(keys);
  return a;
}

}  // namespace

bool Frame::is_classic() const {
  for (const std::string_view name : {"bloom", "gpt2", "gpt_bigcode", "gpt_neox", "gptj", "opt"}) {
    if (type == name) return true;
  }
  return false;
}

Attention read_attention(ModelKeys& keys, const Frame& frame, const Slot& slot) {
  switch (slot.mixer) {
    case Mixer::kNone: break;
    case Mixer::kCompressed: return compressed(keys, slot.compress_ratio);
    case Mixer::kLinear: return gated_delta(keys);
    case Mixer::kMamba: return mamba(keys);
    case Mixer::kSliding: return grouped_query(keys, frame, slot.mixer);
    case Mixer::kFull:
      return keys.has({"kv_lora_rank"}) ? latent(keys, frame)
                                        : grouped_query(keys, frame, slot.mixer);
  }
  Attention none;
  none.kind = AttentionKind::kNone;
  return none;
}

}  // namespace penstock::catalog
