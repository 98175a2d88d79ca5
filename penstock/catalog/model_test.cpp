// Goal: parameters and cache bytes of every kind of layer equal a hand calculation. Method: one
// small layer of each kind whose sizes are distinct primes or powers, so that no two terms of the
// formula can stand in for each other.

#include "penstock/catalog/model.h"

#include <gtest/gtest.h>

namespace penstock::catalog {
namespace {

constexpr int64_t kHidden = 64;

/// Hidden size 64, one vocabulary of 1000, no layers.
Model empty_model() {
  Model model;
  model.hidden_size = 64;
  model.vocab_size = 1000;
  model.max_position = 4096;
  return model;
}

Attention grouped_query() {
  Attention a;
  a.kind = AttentionKind::kFull;
  a.head_count = 8;
  a.kv_head_count = 2;
  a.head_dim = 16;
  a.value_head_dim = 12;
  return a;
}

Attention latent() {
  Attention a;
  a.kind = AttentionKind::kMla;
  a.head_count = 8;
  a.kv_head_count = 8;
  a.q_lora_rank = 24;
  a.kv_lora_rank = 32;
  a.nope_head_dim = 16;
  a.rope_head_dim = 4;
  a.head_dim = 20;
  a.value_head_dim = 12;
  return a;
}

TEST(ParameterCount, GroupedQueryLayer) {
  // norm 64; queries 64*128, keys 64*32, values 64*24, output 96*64
  constexpr int64_t kPlain = 64 + 64 * (128 + 32 + 24) + 96 * 64;
  const Model model = empty_model();
  Attention a = grouped_query();
  EXPECT_EQ(attention_parameter_count(model, a), kPlain);
  a.bias = true;
  a.output_bias = true;
  EXPECT_EQ(attention_parameter_count(model, a), kPlain + (128 + 32 + 24) + 64);
  a = grouped_query();
  a.gated_output = true;
  EXPECT_EQ(attention_parameter_count(model, a), kPlain + kHidden * 96);
  a = grouped_query();
  a.shared_kv = true;
  EXPECT_EQ(attention_parameter_count(model, a), kPlain - kHidden * 24);
  a = grouped_query();
  a.sinks = true;
  a.qk_norm_size = 32;
  EXPECT_EQ(attention_parameter_count(model, a), kPlain + 8 + 32);
}

TEST(ParameterCount, LatentLayerWithAndWithoutIndexer) {
  // norm 64; queries down 64*24 with norm 24 and up 24*8*20; latent down 64*36 with norm 32;
  // keys and values up 32*8*28; output 8*12*64
  constexpr int64_t kPlain = 64 + (64 * 24 + 24 + 24 * 160) + (64 * 36 + 32) + 32 * 224 + 96 * 64;
  const Model model = empty_model();
  Attention a = latent();
  EXPECT_EQ(attention_parameter_count(model, a), kPlain);
  a.q_lora_rank = 0;
  EXPECT_EQ(attention_parameter_count(model, a),
            kPlain - (64 * 24 + 24 + 24 * 160) + kHidden * 160);
  a = latent();
  a.kind = AttentionKind::kSparseMla;
  a.index_head_count = 4;
  a.index_head_dim = 16;
  a.index_topk = 100;
  // index queries 24*4*16; key 64*16 with a norm of weight and bias; one weight a head 64*4
  EXPECT_EQ(attention_parameter_count(model, a), kPlain + kHidden * (24 + 16 + 4) + 32);
}

TEST(ParameterCount, LinearLayers) {
  const Model model = empty_model();
  Attention delta;
  delta.kind = AttentionKind::kGatedDelta;
  delta.head_count = 6;
  delta.kv_head_count = 2;
  delta.head_dim = 16;
  delta.value_head_dim = 10;
  delta.conv_kernel = 4;
  // queries and keys 2*32, values 60, output gate 60, two scalars a head 12; convolution over
  // 124 channels; decay and step bias 12; norm of a head 10; output 60*64; layer norm 64
  EXPECT_EQ(attention_parameter_count(model, delta),
            64 + 64 * (64 + 60 + 60 + 12) + 124 * 4 + 12 + 10 + 60 * 64);
  Attention mamba;
  mamba.kind = AttentionKind::kMamba;
  mamba.head_count = 6;
  mamba.head_dim = 10;
  mamba.value_head_dim = 10;
  mamba.kv_head_count = 2;
  mamba.state_size = 8;
  mamba.conv_kernel = 4;
  mamba.bias = true;
  // inner 60, gate 60, B and C 2*2*8, a step a head 6; convolution with bias over 92 channels;
  // A, D and step bias 18; norm 60; output 60*64; layer norm 64
  EXPECT_EQ(attention_parameter_count(model, mamba),
            64 + 64 * (60 + 60 + 32 + 6) + 92 * 5 + 18 + 60 + 60 * 64);
}

TEST(ParameterCount, FeedForwardParts) {
  const Model model = empty_model();
  FeedForward dense;
  dense.intermediate_size = 100;
  EXPECT_EQ(feed_forward_parameter_count(model, dense), 64 + 3 * 64 * 100);
  dense.gated = false;
  EXPECT_EQ(feed_forward_parameter_count(model, dense), 64 + 2 * 64 * 100);
  dense.bias = true;
  EXPECT_EQ(feed_forward_parameter_count(model, dense), 64 + 2 * 64 * 100 + 100 + 64);

  FeedForward moe;
  moe.kind = FeedForwardKind::kMoe;
  moe.expert_count = 32;
  moe.experts_per_token = 3;
  moe.expert_intermediate_size = 20;
  moe.shared_intermediate_size = 40;
  constexpr int64_t kExpert = kHidden * 20 * 3;
  constexpr int64_t kRest = 64 + 64 * 32 + 3 * 64 * 40;  // norm, router, shared expert
  EXPECT_EQ(feed_forward_parameter_count(model, moe), kRest + 32 * kExpert);
  EXPECT_EQ(active_feed_forward_parameter_count(model, moe), kRest + 3 * kExpert);
  moe.shared_gate = true;
  moe.router_bias = true;
  moe.intermediate_size = 50;  // a dense part beside the experts
  EXPECT_EQ(feed_forward_parameter_count(model, moe),
            kRest + 32 * kExpert + 64 + 32 + kHidden * 50 * 3);
  moe = {.kind = FeedForwardKind::kMoe,
         .expert_count = 32,
         .experts_per_token = 3,
         .expert_intermediate_size = 20,
         .expert_hidden_size = 16};
  // latent experts: down to 16 and back, experts of 16 wide
  EXPECT_EQ(feed_forward_parameter_count(model, moe),
            64 + 64 * 32 + 2 * 64 * 16 + 32 * 3 * 16 * 20);
  FeedForward none;
  none.kind = FeedForwardKind::kNone;
  EXPECT_EQ(feed_forward_parameter_count(model, none), 0);
}

TEST(ParameterCount, WholeModel) {
  Model model = empty_model();
  FeedForward dense;
  dense.intermediate_size = 100;
  FeedForward moe;
  moe.kind = FeedForwardKind::kMoe;
  moe.expert_count = 8;
  moe.experts_per_token = 2;
  moe.expert_intermediate_size = 20;
  model.layers = {{3, grouped_query(), dense}, {5, grouped_query(), moe}};
  const int64_t a = attention_parameter_count(model, grouped_query());
  const int64_t total = 2 * 64'000 + 64 + 8 * a + 3 * feed_forward_parameter_count(model, dense) +
                        5 * feed_forward_parameter_count(model, moe);
  EXPECT_EQ(model.layer_count(), 8);
  EXPECT_EQ(parameter_count(model), total);
  EXPECT_EQ(active_parameter_count(model), total - kHidden * 20 * 3 * 6 * 5);
  EXPECT_EQ(active_parameter_count(model, false), total - kHidden * 20 * 3 * 6 * 5 - 64'000);
  model.tied_embeddings = true;
  EXPECT_EQ(parameter_count(model), total - 64'000);
  // the one table is the head, which every token passes through
  EXPECT_EQ(active_parameter_count(model, true), active_parameter_count(model, false));
  EXPECT_EQ(mtp_parameter_count(model), 0);
  model.mtp_layer = model.layers[1];
  model.mtp_layer_count = 2;
  EXPECT_EQ(mtp_parameter_count(model), 2 * (a + feed_forward_parameter_count(model, moe) +
                                             kHidden * kHidden * 2 + kHidden * 3));
}

TEST(WeightBytes, FollowTheFormatOfEachPart) {
  Model model = empty_model();
  FeedForward moe;
  moe.kind = FeedForwardKind::kMoe;
  moe.expert_count = 8;
  moe.experts_per_token = 2;
  moe.expert_intermediate_size = 20;
  moe.shared_intermediate_size = 20;
  model.layers = {{1, grouped_query(), moe}};
  EXPECT_DOUBLE_EQ(weight_bytes(model).value(), 2.0 * static_cast<double>(parameter_count(model)));
  model.weights = {Dtype::kFp8, Dtype::kFp8, Dtype::kMxfp4, Dtype::kBf16};
  const double a = static_cast<double>(attention_parameter_count(model, grouped_query()));
  constexpr double kExpert = 3 * 64 * 20;
  EXPECT_DOUBLE_EQ(weight_bytes(model).value(), 2.0 * (128'000 + 64) + a + (64 + kExpert) +
                                                    8 * kExpert * 0.53125 + 2.0 * 64 * 8);
}

TEST(KvCache, GrowsByKeysAndValues) {
  EXPECT_EQ(kv_bytes_per_token(grouped_query(), Dtype::kBf16), Bytes(2 * (16 + 12) * 2));
  EXPECT_EQ(kv_bytes_per_token(grouped_query(), Dtype::kFp8), Bytes(2 * (16 + 12)));
  EXPECT_EQ(kv_bounded_bytes(grouped_query(), Dtype::kBf16, 1'000'000), Bytes());
}

TEST(KvCache, LatentAndIndexKeys) {
  Attention a = latent();
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kBf16), Bytes((32 + 4) * 2));
  a.kind = AttentionKind::kSparseMla;
  a.index_topk = 100;
  a.index_head_dim = 16;
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kBf16), Bytes((32 + 4) * 2 + 16 + 4));
}

TEST(KvCache, WindowsStopGrowing) {
  Attention a = grouped_query();
  a.kind = AttentionKind::kSliding;
  a.window = 100;
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kBf16), Bytes());
  EXPECT_EQ(kv_bounded_bytes(a, Dtype::kBf16, 0), Bytes());
  EXPECT_EQ(kv_bounded_bytes(a, Dtype::kBf16, 30), Bytes(30 * 112));
  EXPECT_EQ(kv_bounded_bytes(a, Dtype::kBf16, 100), Bytes(100 * 112));
  EXPECT_EQ(kv_bounded_bytes(a, Dtype::kBf16, 1'000'000), Bytes(100 * 112));
}

TEST(KvCache, CompressedEntriesAreShared) {
  Attention a;
  a.kind = AttentionKind::kCompressed;
  a.head_dim = 64;
  a.window = 128;
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kFp8), Bytes());
  EXPECT_EQ(kv_bounded_bytes(a, Dtype::kFp8, 1'000), Bytes(128 * 64));
  a.compress_ratio = 4;
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kFp8), Bytes(64 / 4.0));
  a.index_topk = 10;
  a.index_head_dim = 16;
  EXPECT_EQ(kv_bytes_per_token(a, Dtype::kFp8), Bytes((64 + 16 + 4) / 4.0));
}

TEST(KvCache, StatesAreFixed) {
  Attention delta;
  delta.kind = AttentionKind::kGatedDelta;
  delta.head_count = 6;
  delta.kv_head_count = 2;
  delta.head_dim = 16;
  delta.value_head_dim = 10;
  delta.conv_kernel = 4;
  // six 16x10 states in fp32, and three inputs of 2*32+60 channels in bf16
  const Bytes state(6 * 16 * 10 * 4 + 3 * 124 * 2);
  EXPECT_EQ(kv_bytes_per_token(delta, Dtype::kBf16), Bytes());
  EXPECT_EQ(kv_bounded_bytes(delta, Dtype::kBf16, 1), state);
  EXPECT_EQ(kv_bounded_bytes(delta, Dtype::kFp8, 1'000'000), state);
  delta.state_dtype = Dtype::kBf16;
  EXPECT_EQ(kv_bounded_bytes(delta, Dtype::kBf16, 1), Bytes(6 * 16 * 10 * 2 + 3 * 124 * 2));
}

TEST(KvCache, AddsUpOverLayers) {
  Model model = empty_model();
  Attention sliding = grouped_query();
  sliding.kind = AttentionKind::kSliding;
  sliding.window = 10;
  model.layers = {{3, grouped_query(), {}}, {5, sliding, {}}};
  EXPECT_EQ(kv_bytes_per_token(model, Dtype::kBf16), Bytes(3 * 112));
  EXPECT_EQ(kv_bounded_bytes(model, Dtype::kBf16, 1'000), Bytes(5 * 10 * 112));
}

TEST(DerivedFigures, NameCountsAndCache) {
  Model model = empty_model();
  model.layers = {{3, grouped_query(), {.intermediate_size = 100}}};
  const auto rows = derived_figures(model);
  ASSERT_GE(rows.size(), 5U);
  EXPECT_EQ(std::get<std::string>(rows[0][1]), "3 x full attention 8/2 heads of 16; dense 100");
  for (const auto& row : rows) EXPECT_EQ(row.size(), 6U);
}

}  // namespace
}  // namespace penstock::catalog
