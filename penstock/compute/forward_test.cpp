// Goal: operators carry the operations, bytes and weights that hand arithmetic gives, and split
// over ranks as they should. Method: Llama 3.1 8B and DeepSeek V3 worked out with pencil and paper,
// brute force for closed forms, and limits.

#include "penstock/compute/forward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "penstock/base/rng.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Forward forward_of(const catalog::Model& model, ParallelPlan plan = {}) {
  return {model, plan, resolve({}, model)};
}

template <class Operators>
Bytes weights_of(const Operators& operators) {
  Bytes sum;
  for (const Operator& op : operators) {
    sum += op.resident_weights * static_cast<double>(op.count);
  }
  return sum;
}

const Operator& named(const std::vector<Operator>& operators, std::string_view name) {
  for (const Operator& op : operators) {
    if (op.name == name) return op;
  }
  throw std::runtime_error("no operator " + std::string(name));
}

const ContextOperator& named(const std::vector<ContextOperator>& operators, std::string_view name) {
  for (const ContextOperator& op : operators) {
    if (op.fixed.name == name) return op;
  }
  throw std::runtime_error("no operator " + std::string(name));
}

TEST(Llama8B, ADecodeStepReadsFifteenGigabytesOfWeights) {
  const catalog::Model model = test::llama_8b();
  const Forward forward = forward_of(model);
  // a layer: (4096 + 2 * 1024) * 4096 + 4096 * 4096 + 3 * 4096 * 14336 = 218,103,808 elements;
  // 32 of them and the head's 128256 * 4096, in two bytes: 15.009 GB
  const Bytes read = weights_of(forward.token_operators(1)) + weights_of(forward.head_operators(1));
  EXPECT_EQ(read.value(), 2.0 * (32.0 * 218103808.0 + 525336576.0));
  EXPECT_NEAR(read.value(), 15.0e9, 0.01e9);
  // the embedding table is held besides, but only looked up
  EXPECT_EQ(forward.weights_per_rank().value(), read.value() + 2.0 * 525336576.0);
}

TEST(Llama8B, ADecodeStepMultipliesEveryWeightOnce) {
  const catalog::Model model = test::llama_8b();
  const Forward forward = forward_of(model);
  double flops = 0.0;
  for (const Operator& op : forward.token_operators(3)) {
    flops += op.flops.value() * static_cast<double>(op.count);
  }
  EXPECT_EQ(flops, 2.0 * 3.0 * 32.0 * 218103808.0);
}

TEST(Llama8B, ATokenOfContextIs131072Bytes) {
  const catalog::Model model = test::llama_8b();
  const Forward forward = forward_of(model);
  EXPECT_EQ(forward.kv_bytes_per_token_per_rank().value(), 131072.0);
  // attention reads as much as the cache holds: 4096 bytes a layer
  const ContextOperator attention = named(forward.decode_operators(5), "attention");
  EXPECT_EQ(attention.bytes_per_token.value() * 32.0, 131072.0);
  // and every head multiplies 128 elements of the key, then of the value: 2 * 32 * (128 + 128)
  EXPECT_EQ(attention.flops_per_token.value(), 16384.0);
  // queries in and outputs out, for every sequence: 32 heads of 256 elements
  EXPECT_EQ(attention.fixed.bytes.value(), 5.0 * 32.0 * 256.0 * 2.0);
}

TEST(DeepSeekV3, DecodeAttendsToLatents) {
  const catalog::Model model = test::deepseek_v3();
  const Forward forward = forward_of(model);
  const auto decode = forward.decode_operators(1);
  const ContextOperator latent = named(decode, "latent_attention");
  // 512 + 64 elements of two bytes a layer; scores over 576, outputs over 512, 128 heads
  EXPECT_EQ(latent.bytes_per_token.value(), 1152.0);
  EXPECT_EQ(latent.flops_per_token.value(), 2.0 * 128.0 * (576.0 + 512.0));
  EXPECT_EQ(forward.kv_bytes_per_token_per_rank().value(), 61.0 * 1152.0);
  // each of the two absorbing products reads 128 * 128 * 512 elements
  const Operator& absorb = named(decode, "absorb_query").fixed;
  EXPECT_NEAR(absorb.bytes.value(), 2.0 * 8388608.0, 0.01 * 2.0 * 8388608.0);
  EXPECT_EQ(absorb.flops.value(), 2.0 * 8388608.0);
}

TEST(DeepSeekV3, EightRanksShareHeadsButNotTheCache) {
  const catalog::Model model = test::deepseek_v3();
  const Forward forward = forward_of(model, {.tensor = 8, .pipeline = 1});
  const ContextOperator latent = named(forward.decode_operators(1), "latent_attention");
  EXPECT_EQ(latent.bytes_per_token.value(), 1152.0);
  EXPECT_EQ(latent.flops_per_token.value(), 2.0 * 16.0 * (576.0 + 512.0));
  EXPECT_EQ(forward.kv_bytes_per_token_per_rank().value(), 61.0 * 1152.0);
}

TEST(DeepSeekV3, PrefillRebuildsKeysOfTheWholeContext) {
  const catalog::Model model = test::deepseek_v3();
  const auto prefill = forward_of(model).prefill_operators({100, 900});
  const Operator& up = named(prefill, "kv_up_projection");
  EXPECT_EQ(up.gemm.m, 1000);
  EXPECT_EQ(up.gemm.n, 128 * 256);
  const Operator& attention = named(prefill, "latent_attention");
  const double pairs = 100.0 * 900.0 + 100.0 * 101.0 / 2.0;
  EXPECT_EQ(attention.flops.value(), pairs * 2.0 * 128.0 * (192.0 + 128.0));
}

TEST(Weights, EqualTheParameterCount) {
  for (const catalog::Model& model :
       {test::llama_8b(), test::mixtral_8x7b(), test::deepseek_v3()}) {
    const double parameters = static_cast<double>(catalog::parameter_count(model));
    const double weights = forward_of(model).weights_per_rank().value();
    EXPECT_NEAR(weights / (2.0 * parameters), 1.0, 0.01) << model.id;
  }
}

TEST(Weights, EightRanksHoldAnEighthEach) {
  for (const catalog::Model& model : {test::llama_8b(), test::mixtral_8x7b()}) {
    const double whole = forward_of(model).weights_per_rank().value();
    const double eighth =
        forward_of(model, {.tensor = 8, .pipeline = 1}).weights_per_rank().value();
    EXPECT_NEAR(8.0 * eighth / whole, 1.0, 0.001) << model.id;
  }
  // the latent down-projections are held whole by every rank: 61 * 2112 * 7168 elements
  const catalog::Model model = test::deepseek_v3();
  const double whole = forward_of(model).weights_per_rank().value();
  const double eighth = forward_of(model, {.tensor = 8, .pipeline = 1}).weights_per_rank().value();
  const double replicated = 2.0 * 61.0 * 2112.0 * 7168.0 * 7.0 / 8.0;
  const double routers = 2.0 * 58.0 * 256.0 * 7168.0 * 7.0 / 8.0;
  EXPECT_NEAR(eighth, whole / 8.0 + replicated + routers, 1e-6 * eighth);
}

TEST(Weights, TheFullestStageCounts) {
  catalog::Model model = test::llama_8b();
  model.layers[0].count = 33;
  const Forward whole = forward_of(model);
  const Forward staged = forward_of(model, {.tensor = 1, .pipeline = 4});
  // stages of 9, 8, 8 and 8 layers; first and last hold one table each
  const double layer = 2.0 * 218103808.0;
  const double table = 2.0 * 525336576.0;
  EXPECT_NEAR(whole.weights_per_rank().value(), 33.0 * layer + 2.0 * table, 1.0);
  EXPECT_NEAR(staged.weights_per_rank().value(), 9.0 * layer + table, 1.0);
  EXPECT_NEAR(staged.kv_bytes_per_token_per_rank().value(), 9.0 * 4096.0, 1e-6);
}

TEST(Weights, TiedTablesAreHeldOnce) {
  catalog::Model model = test::llama_8b();
  const double untied = forward_of(model).weights_per_rank().value();
  model.tied_embeddings = true;
  EXPECT_NEAR(untied - forward_of(model).weights_per_rank().value(), 2.0 * 525336576.0, 1.0);
}

TEST(KeyValueCache, RanksBeyondTheKeyHeadsHoldCopies) {
  const catalog::Model model = test::llama_8b();
  const auto per_token = [&](int64_t tensor) {
    return forward_of(model, {.tensor = tensor, .pipeline = 1})
        .kv_bytes_per_token_per_rank()
        .value();
  };
  EXPECT_EQ(per_token(4), 131072.0 / 4.0);
  EXPECT_EQ(per_token(8), 131072.0 / 8.0);
  EXPECT_EQ(per_token(16), 131072.0 / 8.0);
}

TEST(CausalPairs, EqualBruteForce) {
  Rng rng(7, "causal_pairs");
  for (int trial = 0; trial < 2000; ++trial) {
    const PrefillChunk chunk{rng.below(60), rng.below(80)};
    const int64_t cap = trial % 5 == 0 ? kNoCap : 1 + rng.below(90);
    int64_t pairs = 0;
    for (int64_t j = 0; j < chunk.tokens; ++j) pairs += std::min(chunk.context + j + 1, cap);
    EXPECT_EQ(static_cast<int64_t>(causal_pairs(chunk, cap)), pairs)
        << chunk.tokens << " after " << chunk.context << ", cap " << cap;
  }
}

TEST(CausalPairs, HoldsABillionTokens) {
  // n (n + 1) / 2 pairs of 1e9 tokens do not fit 63 bits when each is a product of heads, but do
  // as they are counted
  const Int128 pairs = causal_pairs({1'000'000'000, 0}, kNoCap);
  EXPECT_EQ(static_cast<double>(pairs), 1e9 * (1e9 + 1.0) / 2.0);
}

TEST(ExpectedExperts, Limits) {
  EXPECT_EQ(expected_experts_factor(256, 8, 0), 0.0);
  EXPECT_NEAR(expected_experts_factor(256, 8, 1), 8.0, 1e-9);
  EXPECT_NEAR(expected_experts_factor(256, 8, 100000), 256.0, 1e-9);
  EXPECT_EQ(expected_experts_factor(16, 16, 1), 16.0);
  double last = 0.0;
  for (int64_t tokens = 1; tokens < 300; ++tokens) {
    const double reached = expected_experts_factor(128, 6, tokens);
    EXPECT_GT(reached, last);
    EXPECT_LE(reached, std::min(128.0, 6.0 * static_cast<double>(tokens)));
    last = reached;
  }
}

TEST(ExpectedExperts, AgreesWithDraws) {
  Rng rng(11, "experts");
  constexpr int64_t kExperts = 32;
  constexpr int64_t kTopk = 4;
  constexpr int64_t kTokens = 10;
  constexpr int kTrials = 4000;
  double sum = 0.0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::array<bool, kExperts> reached{};
    for (int64_t token = 0; token < kTokens; ++token) {
      std::array<bool, kExperts> mine{};
      for (int64_t picked = 0; picked < kTopk;) {
        const auto expert = static_cast<size_t>(rng.below(kExperts));
        if (mine[expert]) continue;
        mine[expert] = reached[expert] = true;
        ++picked;
      }
    }
    sum += static_cast<double>(std::count(reached.begin(), reached.end(), true));
  }
  EXPECT_NEAR(sum / kTrials, expected_experts_factor(kExperts, kTopk, kTokens), 0.15);
}

TEST(Experts, WeightsAreReadOnlyWhereTokensGo) {
  const catalog::Model model = test::mixtral_8x7b();
  const Forward forward = forward_of(model);
  const double expert = 2.0 * 4096.0 * 3.0 * 14336.0;  // bytes of up, gate and down of one expert
  // two rows into and out of each product, through the activation, and three times permuted
  const double rows = 2.0 * 2.0 * (5.0 * 4096.0 + 6.0 * 14336.0);
  const double scores = 2.0 * 2.0 * 8.0;
  const auto operators = forward.token_operators(1);
  const Operator& experts = named(operators, "experts");
  EXPECT_NEAR(experts.bytes.value(), 2.0 * expert + rows + scores, 1.0);
  EXPECT_NEAR(experts.resident_weights.value(), 8.0 * expert, 1.0);
  EXPECT_NEAR(experts.flops.value(), 2.0 * expert, 1.0);  // 2 rows, 2 operations, 2 bytes
  const auto many = forward.token_operators(512);
  EXPECT_NEAR(named(many, "experts").bytes.value(), 8.0 * expert + 512.0 * (rows + scores), 1.0);
  EXPECT_EQ(named(many, "experts").experts.tokens, 512);
}

TEST(Prefill, ChunksTogetherCostTheirSumInOneKernel) {
  for (const catalog::Model& model : {test::llama_8b(), test::deepseek_v3()}) {
    const Forward forward = forward_of(model);
    const std::vector<PrefillChunk> chunks = {{128, 0}, {700, 4000}, {1, 9}};
    const auto together = forward.prefill_operators(chunks);
    std::vector<Operator> sum = forward.prefill_operators(chunks[0]);
    for (size_t i = 1; i < chunks.size(); ++i) {
      const auto alone = forward.prefill_operators(chunks[i]);
      ASSERT_EQ(alone.size(), sum.size());
      for (size_t j = 0; j < sum.size(); ++j) {
        sum[j].flops += alone[j].flops;
        sum[j].bytes += alone[j].bytes;
      }
    }
    ASSERT_EQ(together.size(), sum.size());
    for (size_t j = 0; j < sum.size(); ++j) {
      EXPECT_EQ(together[j].count, sum[j].count);
      EXPECT_NEAR(together[j].flops / sum[j].flops, 1.0, 1e-12) << together[j].name;
      // one kernel reads a weight once, where single ones read it each time
      EXPECT_LE(together[j].bytes, sum[j].bytes) << together[j].name;
    }
    EXPECT_TRUE(forward.prefill_operators(std::span<const PrefillChunk>()).empty());
  }
}

TEST(Activations, RoutedCopiesCount) {
  const catalog::Model dense = test::llama_8b();
  const catalog::Model routed = test::mixtral_8x7b();
  // the widest product of Llama: 28672 columns of up and gate from 4096; Mixtral has it twice a
  // token. Logits are fp32.
  EXPECT_EQ(forward_of(dense).activation_bytes(100, 3).value(),
            2.0 * 100.0 * 32768.0 * 2.0 + 3.0 * 128256.0 * 4.0);
  EXPECT_EQ(forward_of(routed).activation_bytes(100, 3).value(),
            2.0 * 100.0 * 65536.0 * 2.0 + 3.0 * 32000.0 * 4.0);
}

TEST(Communication, EverySplitPartIsSummed) {
  const catalog::Model model = test::llama_8b();
  int64_t sums = 0;
  const Forward split = forward_of(model, {.tensor = 2, .pipeline = 1});
  for (const Operator& op : split.token_operators(7)) {
    if (op.family != Family::kCollective) continue;
    EXPECT_EQ(op.payload.value(), 7.0 * 4096.0 * 2.0);
    sums += op.count;
  }
  // after each mixer, each feed-forward part and the split embedding
  EXPECT_EQ(sums, 2 * 32 + 1);
  const Operator gather = named(split.head_operators(7), "logits_gather");
  EXPECT_EQ(gather.collective, Collective::kAllGather);
  EXPECT_EQ(gather.payload.value(), 7.0 * 128256.0 * 2.0);
  const Forward alone = forward_of(model);
  for (const Operator& op : alone.token_operators(7)) EXPECT_NE(op.family, Family::kCollective);
}

TEST(Plan, MistakesAreNamedWithTheirNumbers) {
  const catalog::Model model = test::llama_8b();
  EXPECT_TRUE(Forward::plan_mistakes(model, {.tensor = 8, .pipeline = 4}).empty());
  EXPECT_THAT(Forward::plan_mistakes(model, {.tensor = 3, .pipeline = 1}),
              ElementsAre("14336 feed-forward columns do not divide by tensor_parallel 3",
                          "32 attention heads do not divide by tensor_parallel 3",
                          "8 KV heads neither divide by tensor_parallel 3 nor divide it"));
  EXPECT_THAT(Forward::plan_mistakes(model, {.tensor = 1, .pipeline = 40}),
              ElementsAre("32 layers cannot fill 40 pipeline stages"));
  EXPECT_THAT(Forward::plan_mistakes(model, {.tensor = 0, .pipeline = 1}),
              ElementsAre(HasSubstr("must be at least 1")));
  catalog::Model groups = test::model("v4", 7168, 129280);
  groups.layers = {test::group(1, test::compressed_attention(128, 0), test::dense(18432))};
  EXPECT_THAT(Forward::plan_mistakes(groups, {.tensor = 32, .pipeline = 1}),
              ElementsAre("16 output groups do not divide by tensor_parallel 32"));
}

}  // namespace
}  // namespace penstock::compute
