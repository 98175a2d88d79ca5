/// Models written out by hand for the tests of this module, after the published configurations.
#pragma once

#include "penstock/catalog/model.h"

namespace penstock::compute::test {

inline catalog::Attention grouped_query(int64_t heads, int64_t kv_heads, int64_t dim) {
  catalog::Attention a;
  a.kind = catalog::AttentionKind::kFull;
  a.head_count = heads;
  a.kv_head_count = kv_heads;
  a.head_dim = dim;
  a.value_head_dim = dim;
  return a;
}

inline catalog::FeedForward dense(int64_t width) {
  catalog::FeedForward f;
  f.kind = catalog::FeedForwardKind::kDense;
  f.intermediate_size = width;
  return f;
}

inline catalog::FeedForward experts(int64_t count, int64_t topk, int64_t width, int64_t shared) {
  catalog::FeedForward f;
  f.kind = catalog::FeedForwardKind::kMoe;
  f.expert_count = count;
  f.experts_per_token = topk;
  f.expert_intermediate_size = width;
  f.shared_intermediate_size = shared;
  return f;
}

inline catalog::LayerGroup group(int64_t count, const catalog::Attention& a,
                                 const catalog::FeedForward& f) {
  catalog::LayerGroup g;
  g.count = count;
  g.attention = a;
  g.feed_forward = f;
  return g;
}

inline catalog::Model model(const char* id, int64_t hidden, int64_t vocab) {
  catalog::Model m;
  m.id = id;
  m.hidden_size = hidden;
  m.vocab_size = vocab;
  return m;
}

inline catalog::Model llama_8b() {
  catalog::Model m = model("llama_8b", 4096, 128256);
  m.layers = {group(32, grouped_query(32, 8, 128), dense(14336))};
  return m;
}

inline catalog::Model mixtral_8x7b() {
  catalog::Model m = model("mixtral_8x7b", 4096, 32000);
  m.layers = {group(32, grouped_query(32, 8, 128), experts(8, 2, 14336, 0))};
  return m;
}

inline catalog::Attention latent_attention() {
  catalog::Attention a;
  a.kind = catalog::AttentionKind::kMla;
  a.head_count = 128;
  a.q_lora_rank = 1536;
  a.kv_lora_rank = 512;
  a.rope_head_dim = 64;
  a.nope_head_dim = 128;
  a.head_dim = 192;
  a.value_head_dim = 128;
  return a;
}

inline catalog::Model deepseek_v3() {
  catalog::Model m = model("deepseek_v3", 7168, 129280);
  m.layers = {group(3, latent_attention(), dense(18432)),
              group(58, latent_attention(), experts(256, 8, 2048, 2048))};
  return m;
}

inline catalog::Attention sparse_attention() {
  catalog::Attention a = latent_attention();
  a.kind = catalog::AttentionKind::kSparseMla;
  a.index_head_count = 64;
  a.index_head_dim = 128;
  a.index_topk = 2048;
  return a;
}

/// A layer of DeepSeek V4 Pro; `topk` 0 makes it one of the coarse kind.
inline catalog::Attention compressed_attention(int64_t ratio, int64_t topk) {
  catalog::Attention a;
  a.kind = catalog::AttentionKind::kCompressed;
  a.head_count = 128;
  a.kv_head_count = 1;
  a.head_dim = 512;
  a.value_head_dim = 512;
  a.window = 128;
  a.q_lora_rank = 1536;
  a.rope_head_dim = 64;
  a.compress_ratio = ratio;
  a.index_topk = topk;
  a.index_head_count = topk > 0 ? 64 : 0;
  a.index_head_dim = topk > 0 ? 128 : 0;
  a.output_group_count = 16;
  a.output_lora_rank = 1024;
  return a;
}

/// The linear layer of Qwen3.5 27B.
inline catalog::Attention gated_delta() {
  catalog::Attention a;
  a.kind = catalog::AttentionKind::kGatedDelta;
  a.head_count = 48;
  a.kv_head_count = 16;
  a.head_dim = 128;
  a.value_head_dim = 128;
  a.conv_kernel = 4;
  return a;
}

/// The Mamba 2 layer of Nemotron 3 Nano.
inline catalog::Attention mamba() {
  catalog::Attention a;
  a.kind = catalog::AttentionKind::kMamba;
  a.head_count = 64;
  a.kv_head_count = 8;
  a.head_dim = 64;
  a.value_head_dim = 64;
  a.state_size = 128;
  a.conv_kernel = 4;
  return a;
}

}  // namespace penstock::compute::test
