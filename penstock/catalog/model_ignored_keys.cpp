// The one list of config keys that say nothing about a model's size or speed. Whatever is in
// neither this list nor asked for by the reader is named to the user.

#include <algorithm>
#include <array>

#include "penstock/catalog/model_keys.h"

namespace penstock::catalog {
namespace {

constexpr auto kKeys = std::to_array<std::string_view>({
    // names of classes, versions and tasks
    "_attn_implementation", "_commit_hash", "_name_or_path", "auto_map", "finetuning_task",
    "id2label", "label2id", "model_name", "problem_type", "task_specific_params",
    "tokenizer_class", "torchscript", "transformers_version", "use_bfloat16",
    // tokens
    "audio_token_id", "bad_words_ids", "begin_suppress_tokens", "boa_token_id", "boi_token_id",
    "bos_token_id", "decoder_start_token_id", "eoa_token_id", "eoa_token_index", "eoi_token_id",
    "eos_token_id", "forced_bos_token_id", "forced_eos_token_id", "ignore_index",
    "image_token_id", "image_token_index", "media_placeholder_token_id", "pad_token_id",
    "sep_token_id", "suppress_tokens", "unk_token_id", "use_unified_vision_chunk",
    "video_placeholder", "video_token_id", "vision_end_token_id", "vision_soft_tokens_per_image",
    "vision_start_token_id",
    // training: dropout, initial values, losses, schedules
    "activation_dropout", "apply_residual_connection_post_layernorm", "attention_dropout",
    "attn_dropout", "attn_pdrop", "aux_loss_alpha", "bias_dropout_fusion", "embd_pdrop",
    "embedding_dropout", "ep_size", "gradient_checkpointing", "hidden_dropout",
    "hidden_dropout_prob", "init_std", "initializer_range", "layerdrop", "masked_softmax_fusion",
    "output_router_logits", "pretraining_tp", "rescale_prenorm_residual", "resid_pdrop",
    "residual_dropout", "router_aux_loss_coef", "router_jitter_noise", "router_z_loss_coef",
    "seq_aux", "slow_but_exact", "tf_legacy_loss", "z_loss_coef",
    // generation defaults
    "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
    "exponential_decay_length_penalty", "length_penalty", "max_length", "max_new_tokens",
    "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_logits_to_keep",
    "num_return_sequences", "output_attentions", "output_hidden_states", "output_scores", "prefix",
    "remove_invalid_values", "repetition_penalty", "return_dict", "return_dict_in_generate",
    "temperature", "top_k", "top_p", "typical_p", "use_cache",
    // positions: the rotary embedding costs the same whatever its parameters
    "alibi", "compress_rope_theta", "initial_context_length", "original_max_position_embeddings",
    "partial_rotary_factor", "position_embedding_type", "rope_interleave", "rope_parameters",
    "rope_ratio", "rope_scaling", "rope_theta", "rope_type", "rotary", "rotary_dim",
    "rotary_emb_base", "rotary_pct", "swa_rope_theta", "use_rope",
    // numerics of norms, activations and logits
    "attention_multiplier", "attention_value_scale", "attn_logit_softcapping",
    "attn_temperature_tuning", "embedding_multiplier", "final_logit_softcapping", "hc_eps",
    "hc_sinkhorn_iters", "layer_norm_eps", "layer_norm_epsilon", "layernorm_epsilon",
    "logit_scale", "logits_scaling", "norm_eps", "query_pre_attn_scalar", "residual_in_fp32",
    "residual_multiplier", "rms_norm_eps", "swiglu_limit", "time_step_floor", "time_step_limit",
    "time_step_max", "time_step_min", "time_step_rank", "use_parallel_residual",
    // routing: which experts are picked, not how many
    "moe_router_scaling_factor", "moe_shared_expert_overlap", "norm_topk_prob", "num_hash_layers",
    "routed_scaling_factor", "router_scaling_factor", "scoring_func", "topk_group",
    // implementation choices of the reference code
    "attn_implementation", "chunk_size", "chunk_size_feed_forward", "indexer_rope_interleave",
    "mamba_hidden_act", "mtp_use_dedicated_embeddings", "pruned_heads", "qk_head_dim",
    "unused_token_ids", "use_bidirectional_attention", "use_mamba_kernels",
    // said twice: the values follow from keys that are read
    "expand", "mamba_expand", "max_window_layers", "model_max_length", "sliding_window_size",
    "vocab_size_per_layer_input",
    // of encoder-decoders and classifiers, in every dump of the base class
    "add_cross_attention", "cross_attention_hidden_size", "is_decoder", "tie_encoder_decoder",
});

constexpr auto sorted_keys() {
  auto keys = kKeys;
  std::sort(keys.begin(), keys.end());
  return keys;
}

constexpr auto kSortedKeys = sorted_keys();
static_assert(std::adjacent_find(kSortedKeys.begin(), kSortedKeys.end()) == kSortedKeys.end(),
              "a key stands twice");

}  // namespace

bool is_without_effect(std::string_view key) {
  return std::binary_search(kSortedKeys.begin(), kSortedKeys.end(), key);
}

}  // namespace penstock::catalog
