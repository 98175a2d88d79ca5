// Goal: verifying drafts and making them cost what they should, and no drafts cost nothing.
// Method: DeepSeek V3 and Llama 3.1 8B with and without drafts, differences by hand.
#include <gtest/gtest.h>

#include "penstock/compute/forward.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

catalog::Model deepseek() {
  catalog::Model model = test::deepseek_v3();
  model.mtp_layer = model.layers.back();
  model.mtp_layer->count = 1;
  model.mtp_layer_count = 1;
  return model;
}

Forward forward_of(const catalog::Model& model, int64_t drafts, ParallelPlan plan = {}) {
  return {model, plan, resolve({}, model), drafts};
}

double flops(const std::vector<Operator>& operators) {
  double sum = 0.0;
  for (const Operator& op : operators) sum += op.flops.value() * static_cast<double>(op.count);
  return sum;
}

struct ContextCost {
  double flops_per_token = 0.0, bytes_per_token = 0.0, fixed_flops = 0.0;
};

ContextCost context_cost(const std::vector<ContextOperator>& operators) {
  ContextCost sum;
  for (const ContextOperator& op : operators) {
    const auto calls = static_cast<double>(op.fixed.count);
    sum.flops_per_token += op.flops_per_token.value() * calls;
    sum.bytes_per_token += op.bytes_per_token.value() * calls;
    sum.fixed_flops += op.fixed.flops.value() * calls;
  }
  return sum;
}

TEST(Drafts, WithoutThemTheModuleIsNeitherHeldNorRun) {
  const catalog::Model with = deepseek();
  const catalog::Model without = test::deepseek_v3();
  EXPECT_EQ(forward_of(with, 0).weights_per_rank(), forward_of(without, 0).weights_per_rank());
  EXPECT_EQ(flops(forward_of(with, 0).token_operators(9)),
            flops(forward_of(without, 0).token_operators(9)));
  EXPECT_TRUE(forward_of(with, 0).draft_operators({8, 8}).empty());
}

TEST(Drafts, TheModuleIsOneMoreLayerAndTheJoin) {
  const catalog::Model model = deepseek();
  catalog::Model longer = test::deepseek_v3();
  longer.layers.push_back(*model.mtp_layer);
  const Forward drafts = forward_of(model, 1);
  const double join = 7168.0 * 2.0 * 7168.0;
  EXPECT_NEAR(drafts.weights_per_rank().value(),
              forward_of(longer, 0).weights_per_rank().value() + 2.0 * join, 1.0);
  EXPECT_EQ(drafts.kv_bytes_per_token_per_rank(),
            forward_of(longer, 0).kv_bytes_per_token_per_rank());
  EXPECT_NEAR(flops(drafts.token_operators(5)) /
                  (flops(forward_of(longer, 0).token_operators(5)) + 2.0 * 5.0 * join),
              1.0, 1e-12);
}

TEST(Drafts, QueriesOfASequenceReadItsCacheOnce) {
  const catalog::Model model = test::llama_8b();
  const ContextCost one = context_cost(forward_of(model, 0).decode_operators(4));
  const ContextCost three = context_cost(forward_of(model, 2).decode_operators(4));
  EXPECT_EQ(three.bytes_per_token, one.bytes_per_token);
  EXPECT_EQ(three.flops_per_token, 3.0 * one.flops_per_token);
  // latents alike, and every query is absorbed
  const catalog::Model plain = test::deepseek_v3();
  const ContextCost latent = context_cost(forward_of(plain, 0).decode_operators(4));
  const ContextCost verified = context_cost(forward_of(plain, 2).decode_operators(4));
  EXPECT_EQ(verified.bytes_per_token, latent.bytes_per_token);
  EXPECT_EQ(verified.fixed_flops, 3.0 * latent.fixed_flops);
}

TEST(Drafts, SelectingQueriesReadTheirOwnPart) {
  catalog::Model model = test::model("sparse", 7168, 129280);
  model.layers = {test::group(1, test::sparse_attention(), test::dense(18432))};
  const auto selected = [&](int64_t drafts) {
    for (const ContextOperator& op : forward_of(model, drafts).decode_operators(1)) {
      if (op.fixed.name == "latent_attention") return op.bytes_per_token.value();
    }
    return 0.0;
  };
  EXPECT_EQ(selected(3), 4.0 * selected(0));
}

TEST(Drafts, EveryDraftHasItsHeadAndEveryFurtherOneItsPass) {
  const catalog::Model model = deepseek();
  const double head = flops(forward_of(model, 0).head_operators(8));
  const double one = flops(forward_of(model, 1).draft_operators({8, 8}));
  const double two = flops(forward_of(model, 2).draft_operators({8, 8}));
  const double three = flops(forward_of(model, 3).draft_operators({8, 8}));
  EXPECT_EQ(one, head) << "the first pass goes with the tokens of the step";
  EXPECT_GT(two, 2.0 * head);
  EXPECT_NEAR(three - two, two - one, 1e-6 * two);
  // the further passes attend as well: one query a sequence and pass
  const double layers = context_cost(forward_of(model, 1).decode_operators(8)).flops_per_token;
  const double passes = context_cost(forward_of(model, 3).decode_operators(8)).flops_per_token;
  const double query = layers / 2.0 / 62.0;
  EXPECT_NEAR(passes, (4.0 * 62.0 + 2.0) * query, 1e-6 * passes);
}

TEST(Drafts, AModelWithoutAModuleMakesThemForNothing) {
  const catalog::Model model = test::llama_8b();
  EXPECT_TRUE(forward_of(model, 3).draft_operators({8, 8}).empty());
  EXPECT_EQ(forward_of(model, 3).weights_per_rank(), forward_of(model, 0).weights_per_rank());
}

TEST(Drafts, StatesAreReadOnceAndKeptForEveryQuery) {
  catalog::Model model = test::model("linear", 5120, 151936);
  model.layers = {test::group(1, test::gated_delta(), test::dense(17408))};
  const auto update = [&](int64_t drafts) {
    return forward_of(model, drafts).decode_operators(2).front().fixed;
  };
  EXPECT_EQ(update(1).flops, 2.0 * update(0).flops);
  EXPECT_GT(update(1).bytes, 1.45 * update(0).bytes);
  EXPECT_LT(update(1).bytes, 1.6 * update(0).bytes);
}

}  // namespace
}  // namespace penstock::compute
