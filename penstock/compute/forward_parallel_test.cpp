// Goal: whatever the plan, the ranks of an instance together do the model's work and hold its
// weights, and exchange what the plan says.
// Method: sums over ranks against one rank alone, for DeepSeek V3, Mixtral and Llama; bytes of
// exchanges by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/compute/forward.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Forward forward_of(const catalog::Model& model, ParallelPlan plan = {}) {
  return {model, plan, resolve({}, model)};
}

constexpr std::array kPlans = {
    ParallelPlan{.tensor = 8, .expert = 8},
    ParallelPlan{.tensor = 8, .expert = 2},
    ParallelPlan{.tensor = 8, .attention_data = 8, .expert = 8},
    ParallelPlan{.tensor = 8, .attention_data = 8},
    ParallelPlan{.tensor = 8, .attention_data = 2, .expert = 4},
    ParallelPlan{.tensor = 4, .pipeline = 2, .attention_data = 4, .expert = 4},
    ParallelPlan{
        .tensor = 8, .attention_data = 8, .expert = 8, .exchange = ExpertExchange::kAllToAll},
};

/// Operations of the matrix products of one rank, those outside and those inside the experts.
struct Products {
  double outside = 0.0, experts = 0.0;
};

Products products_of(const Forward& forward, TokenSpread tokens) {
  Products sum;
  for (const Operator& op : forward.token_operators(tokens)) {
    const double flops = op.flops.value() * static_cast<double>(op.count);
    if (op.family == Family::kGemm) sum.outside += flops;
    if (op.family == Family::kGroupedGemm) sum.experts += flops;
  }
  return sum;
}

TEST(Parallel, RanksTogetherDoTheWorkOfOne) {
  const catalog::Model model = test::deepseek_v3();
  constexpr int64_t kTokens = 256;
  const Products whole = products_of(forward_of(model), {kTokens, kTokens});
  for (const ParallelPlan& plan : kPlans) {
    const Products rank =
        products_of(forward_of(model, plan), {kTokens / plan.attention_data, kTokens});
    // operators run through all stages, so a rank of each stage has its part
    const auto ranks = static_cast<double>(plan.tensor);
    if (plan.expert == 1) {
      EXPECT_NEAR(rank.experts * ranks / whole.experts, 1.0, 1e-12);
    } else {
      EXPECT_GT(rank.experts * ranks / whole.experts, 1.0) << "the busiest rank counts";
      EXPECT_LT(rank.experts * ranks / whole.experts, 1.2) << "256 tokens spread well";
    }
    if (plan.attention_tensor() == 1) {
      EXPECT_NEAR(rank.outside * ranks / whole.outside, 1.0, 1e-12)
          << "an attention group of one rank repeats nothing";
    } else {
      EXPECT_GT(rank.outside * ranks, whole.outside)
          << "latent down projections and the router are computed by every rank of a group";
    }
  }
}

TEST(Parallel, DataParallelAttentionHoldsAllButTheExpertsOnEveryGroup) {
  const catalog::Model model = test::deepseek_v3();
  const double whole = forward_of(model).weights_per_rank().value();
  const double data =
      forward_of(model, {.tensor = 8, .attention_data = 8, .expert = 8}).weights_per_rank().value();
  const double tensor = forward_of(model, {.tensor = 8, .expert = 8}).weights_per_rank().value();
  const double mixed = forward_of(model, {.tensor = 8}).weights_per_rank().value();
  EXPECT_NEAR(tensor / mixed, 1.0, 1e-12) << "experts whole or cut weigh the same";
  EXPECT_GT(data, tensor);
  EXPECT_LT(data, whole);
  // 58 layers of 256 experts of 3 x 7168 x 2048 in two bytes are split, the rest is whole
  const double experts = 58.0 * 256.0 * 3.0 * 7168.0 * 2048.0 * 2.0;
  EXPECT_NEAR(data, whole - experts * 7.0 / 8.0, 1e-6 * whole);
}

TEST(Parallel, CacheIsSplitOverTheRanksOfAnAttentionGroupOnly) {
  const catalog::Model llama = test::llama_8b();
  const auto cache = [](const catalog::Model& model, ParallelPlan plan) {
    return forward_of(model, plan).kv_bytes_per_token_per_rank().value();
  };
  EXPECT_EQ(cache(llama, {.tensor = 8}) * 8.0, cache(llama, {}));
  EXPECT_EQ(cache(llama, {.tensor = 8, .attention_data = 8}), cache(llama, {}));
  EXPECT_EQ(cache(llama, {.tensor = 8, .attention_data = 4}) * 2.0, cache(llama, {}));
  const catalog::Model deepseek = test::deepseek_v3();
  for (const int64_t groups : {1, 2, 8}) {
    EXPECT_EQ(cache(deepseek, {.tensor = 8, .attention_data = groups}), cache(deepseek, {}))
        << "every rank of a group holds the latents whole";
  }
}

TEST(Parallel, DecodeAttentionOfAGroupHasAllHeads) {
  const catalog::Model model = test::deepseek_v3();
  const auto pair_flops = [&](ParallelPlan plan) {
    double sum = 0.0;
    for (const ContextOperator& op : forward_of(model, plan).decode_operators(4)) {
      sum += op.flops_per_token.value() * static_cast<double>(op.fixed.count);
    }
    return sum;
  };
  EXPECT_EQ(pair_flops({.tensor = 8}) * 8.0, pair_flops({}));
  EXPECT_EQ(pair_flops({.tensor = 8, .attention_data = 8}), pair_flops({}));
}

/// Name, ranks and bytes of each exchange after the first layer of a group of experts.
std::vector<std::tuple<std::string, int64_t, double>> exchanges(const ParallelPlan& plan,
                                                                TokenSpread tokens) {
  catalog::Model model = test::deepseek_v3();
  model.layers = {model.layers.back()};
  std::vector<std::tuple<std::string, int64_t, double>> out;
  PrecisionConfig fp8;
  fp8.weights = catalog::Dtype::kFp8;
  const Forward forward(model, plan, resolve(fp8, model));
  for (const Operator& op : forward.token_operators(tokens)) {
    if (op.family != Family::kCollective || op.name == "embedding_all_reduce") continue;
    out.emplace_back(op.name, op.rank_count, op.payload.value());
  }
  return out;
}

using Exchange = std::tuple<std::string, int64_t, double>;
constexpr double kTokenBytes = 7168.0 * 2.0;

TEST(Parallel, TensorParallelExpertsAreSummedLikeEverythingElse) {
  for (const int64_t expert : {1, 4, 8}) {
    EXPECT_THAT(exchanges({.tensor = 8, .expert = expert}, {16, 16}),
                ElementsAre(Exchange{"all_reduce", 8, 16 * kTokenBytes},
                            Exchange{"all_reduce", 8, 16 * kTokenBytes}));
  }
}

TEST(Parallel, AttentionGroupsGatherTokensAndScatterSums) {
  EXPECT_THAT(exchanges({.tensor = 8, .attention_data = 8, .expert = 8}, {16, 128}),
              ElementsAre(Exchange{"expert_gather", 8, 128 * kTokenBytes},
                          Exchange{"expert_reduce_scatter", 8, 128 * kTokenBytes}));
  // groups of four ranks: sums within the group besides, and its tokens whole on each rank again
  EXPECT_THAT(exchanges({.tensor = 8, .attention_data = 2}, {16, 32}),
              ElementsAre(Exchange{"all_reduce", 4, 16 * kTokenBytes},
                          Exchange{"expert_gather", 2, 32 * kTokenBytes},
                          Exchange{"expert_reduce_scatter", 8, 32 * kTokenBytes},
                          Exchange{"group_gather", 4, 16 * kTokenBytes},
                          Exchange{"all_reduce", 4, 16 * kTokenBytes}));
}

TEST(Parallel, AllToAllSendsATokenOnceToEachRankOfItsExperts) {
  const auto sent = exchanges(
      {.tensor = 8, .attention_data = 8, .expert = 8, .exchange = ExpertExchange::kAllToAll},
      {16, 128});
  ASSERT_EQ(sent.size(), 2U);
  // 8 of 256 experts on 8 ranks: 8 (1 - C(224, 8) / C(256, 8)) = 5.29 ranks on average
  double missed = 1.0;
  for (int i = 0; i < 8; ++i) missed *= (224.0 - i) / (256.0 - i);
  const double reached = 8.0 * (1.0 - missed);
  EXPECT_NEAR(reached, 5.29, 0.01);
  // fp8 products take tokens of one byte; sums come back in two
  EXPECT_NEAR(std::get<2>(sent[0]), 16.0 * reached * 7168.0, 1e-3);
  EXPECT_NEAR(std::get<2>(sent[1]), 16.0 * reached * 7168.0 * 2.0, 1e-3);
}

TEST(Parallel, OneGroupWorksOnTheSameTokensAsTheStage) {
  const catalog::Model model = test::mixtral_8x7b();
  for (const ParallelPlan& plan : kPlans) {
    const Forward forward = forward_of(model, plan);
    for (const Operator& op : forward.token_operators(4)) {
      EXPECT_TRUE(plan.attention_data > 1 || !op.whole_stage) << op.name;
      if (op.family == Family::kGroupedGemm) {
        EXPECT_EQ(op.whole_stage, plan.attention_data > 1);
      }
    }
  }
}

TEST(Parallel, MistakesNameTheKeys) {
  const catalog::Model llama = test::llama_8b();
  const catalog::Model mixtral = test::mixtral_8x7b();
  const auto mistakes = [](const catalog::Model& model, ParallelPlan plan) {
    return Forward::plan_mistakes(model, plan);
  };
  EXPECT_TRUE(mistakes(llama, {.tensor = 8, .attention_data = 8}).empty());
  EXPECT_THAT(
      mistakes(llama, {.tensor = 8, .attention_data = 3}),
      ElementsAre(HasSubstr("attention_data_parallel 3 does not divide tensor_parallel 8")));
  EXPECT_THAT(mistakes(llama, {.tensor = 8, .attention_data = 0}),
              ElementsAre(HasSubstr("attention_data_parallel 0")));
  EXPECT_THAT(mistakes(llama, {.tensor = 2, .expert = 2}),
              ElementsAre("expert_parallel 2, but no layer has experts"));
  EXPECT_THAT(mistakes(mixtral, {.tensor = 16, .attention_data = 16, .expert = 16}),
              ElementsAre("8 experts do not divide by expert_parallel 16"));
  EXPECT_THAT(mistakes(mixtral, {.tensor = 9, .attention_data = 3}),
              Contains("32 attention heads do not divide by tensor_parallel 9 / "
                       "attention_data_parallel 3"));
  EXPECT_THAT(
      mistakes(
          mixtral,
          {.tensor = 8, .attention_data = 8, .expert = 4, .exchange = ExpertExchange::kAllToAll}),
      ElementsAre(HasSubstr("expert_exchange all_to_all needs expert_parallel 4")));
}

}  // namespace
}  // namespace penstock::compute
