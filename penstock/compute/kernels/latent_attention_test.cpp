// Latent attention: the two forms have the geometry of the papers, modules add up their parts.
#include "penstock/compute/kernels/latent_attention.h"

#include <gtest/gtest.h>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

constexpr LatentDims kDeepSeekV3 = {512, 1536, 128, 64, 128, 7168};

double weights_of(const LatentProjections& list) {
  double sum = 0.0;
  for (size_t i = 0; i < list.product_count; ++i) {
    const GemmCall& c = list.products[i].call;
    sum += static_cast<double>(list.products[i].count * c.n * c.k);
  }
  return sum;
}

TEST(LatentAttentionTest, FormsHaveDeepSeeksGeometry) {
  const AttentionShape prompt = latent_prefill_shape(kDeepSeekV3, 128, Dtype::kBf16, Dtype::kBf16);
  EXPECT_EQ(prompt.key_dim, 192);
  EXPECT_EQ(prompt.value_dim, 128);
  EXPECT_EQ(prompt.cached_elements_factor(), 576.0);
  const AttentionShape step = latent_decode_shape(kDeepSeekV3, 128, Dtype::kBf16, Dtype::kFp8);
  EXPECT_EQ(step.group_factor(), 128.0);
  EXPECT_EQ(step.key_dim, 576);
  EXPECT_EQ(step.value_dim, 512);
  EXPECT_EQ(step.cached_elements_factor(), 576.0);
}

TEST(LatentAttentionTest, ProjectionsHaveTheLayersWeights) {
  // DeepSeek-V3, 128 heads: q_a 7168x1536, kv_a 7168x576, q_b 1536x24576, kv_b 512x32768,
  // o 16384x7168; absorbing splits kv_b, so both forms multiply with the same weights
  const double expected =
      7168.0 * 1536 + 7168.0 * 576 + 1536.0 * 24576 + 512.0 * 32768 + 16384.0 * 7168;
  EXPECT_EQ(weights_of(latent_prefill_projections(kDeepSeekV3, 128, 7, Dtype::kBf16, Dtype::kBf16)),
            expected);
  EXPECT_EQ(weights_of(
                latent_decode_projections(kDeepSeekV3, 128, 7, Dtype::kFp8Block, Dtype::kFp8Block)),
            expected);
}

TEST(LatentAttentionTest, ReadsTheCacheOnceForAllHeads) {
  const Machine machine = test::machine_of("h200_sxm");
  const AttentionDecodeCall one = {
      .shape = latent_decode_shape(kDeepSeekV3, 1, Dtype::kBf16, Dtype::kBf16),
      .sequence_count = 256,
      .context_tokens = 256 * 8192};
  AttentionDecodeCall many = one;
  many.shape = latent_decode_shape(kDeepSeekV3, 16, Dtype::kBf16, Dtype::kBf16);
  const Seconds t = attention_decode_duration(machine, {}, {}, one);
  EXPECT_GE(t.value(), 256.0 * 8193 * 576 * 2 / machine.bandwidth.value());
  EXPECT_LT(attention_decode_duration(machine, {}, {}, many), 1.2 * t);
}

TEST(LatentAttentionTest, ManyHeadsAreBoundByTheirProducts) {
  const Machine machine = test::machine_of("h100_sxm");
  const AttentionDecodeCall c = {
      .shape = latent_decode_shape(kDeepSeekV3, 128, Dtype::kBf16, Dtype::kBf16),
      .sequence_count = 128,
      .context_tokens = 128 * 8192};
  const double flops = 2.0 * 128 * 1088 * 128 * 8193.0;
  EXPECT_GE(attention_decode_duration(machine, {}, {}, c).value(),
            flops / machine.peak(Dtype::kBf16).value());
}

TEST(LatentAttentionTest, ModulesAddUpTheirParts) {
  const Machine machine = test::machine_of("h100_sxm");
  const AttentionPrefillCall kernel = {
      latent_prefill_shape(kDeepSeekV3, 16, Dtype::kBf16, Dtype::kBf16), {1, 4096, 0}};
  LatentPrefillModuleGroup group;
  group.projections_factor = 2.0;
  const Bytes traffic = latent_elementwise_bytes(kDeepSeekV3, 16, 4096, false);
  const Seconds t = latent_prefill_module_duration(machine, {}, group, {kernel, 100.0_us, traffic});
  const Seconds alone = attention_prefill_duration(machine, {}, group, kernel);
  EXPECT_NEAR((t - alone).value(), 200e-6 + traffic.value() / (0.5 * 3.35e12), 1e-9);
  group.host_floor = 50.0_ms;
  EXPECT_EQ(latent_prefill_module_duration(machine, {}, group, {kernel, 100.0_us, traffic}),
            50.0_ms);
}

TEST(LatentAttentionTest, GenerationModulesAddUpTheirParts) {
  const Machine machine = test::machine_of("h100_sxm");
  const AttentionDecodeCall kernel = {
      .shape = latent_decode_shape(kDeepSeekV3, 16, Dtype::kBf16, Dtype::kFp8),
      .sequence_count = 32,
      .context_tokens = 32 * 1000};
  const Bytes traffic = latent_elementwise_bytes(kDeepSeekV3, 16, 32, true);
  const Seconds t = latent_decode_module_duration(machine, {}, {}, {kernel, 40.0_us, traffic});
  const Seconds alone = attention_decode_duration(machine, {}, {}, kernel);
  EXPECT_NEAR((t - alone).value(), 40e-6 + traffic.value() / (0.5 * 3.35e12), 1e-9);
}

}  // namespace
}  // namespace penstock::compute
