// Goal: open formats are filled from the model, choices override them. Method: one case a rule.

#include "penstock/compute/plan.h"

#include <gtest/gtest.h>

#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using catalog::Dtype;

TEST(Precision, FollowsThePublishedFormats) {
  catalog::Model model = test::deepseek_v3();
  model.weights = {Dtype::kFp8, Dtype::kFp8, Dtype::kMxfp4, Dtype::kBf16};
  const Precision p = resolve({}, model);
  EXPECT_EQ(p.weights, model.weights);
  EXPECT_EQ(p.attention_compute, Dtype::kFp8);
  EXPECT_EQ(p.expert_compute, Dtype::kMxfp4);
  EXPECT_EQ(p.kv_cache, Dtype::kBf16);
}

TEST(Precision, ChoicesOverrideThemButNotTheEmbedding) {
  catalog::Model model = test::deepseek_v3();
  model.weights = {Dtype::kFp8, Dtype::kFp8, Dtype::kMxfp4, Dtype::kBf16};
  PrecisionConfig config;
  config.weights = Dtype::kNvfp4;
  config.experts = Dtype::kInt4;
  config.kv_cache = Dtype::kFp8;
  const Precision p = resolve(config, model);
  EXPECT_EQ(p.weights.attention, Dtype::kNvfp4);
  EXPECT_EQ(p.weights.experts, Dtype::kInt4);
  EXPECT_EQ(p.weights.embedding, Dtype::kBf16);
  EXPECT_EQ(p.expert_compute, Dtype::kBf16);
  EXPECT_EQ(p.kv_cache, Dtype::kFp8);
}

TEST(Precision, ActivationsDecideTheFormatOfProducts) {
  const catalog::Model model = test::llama_8b();
  PrecisionConfig config;
  config.weights = Dtype::kInt4;
  config.activations = Dtype::kFp8;
  const Precision p = resolve(config, model);
  EXPECT_EQ(p.weights.feed_forward, Dtype::kInt4);
  EXPECT_EQ(p.feed_forward_compute, Dtype::kFp8);
}

}  // namespace
}  // namespace penstock::compute
