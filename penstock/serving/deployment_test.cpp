// Goal: a deployment is ready to simulate, or says with its arithmetic why nothing can run on it.
// Method: models and accelerators of the catalog whose sizes are known.
#include "penstock/serving/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/catalog/catalog.h"

namespace penstock::serving {
namespace {

using testing::HasSubstr;

DeploymentInput input_of(const std::string& model, const std::string& accelerator) {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  DeploymentInput input;
  input.model = *catalog.model(model, Mark{}, findings);
  input.accelerator = *catalog.accelerator(accelerator, Mark{}, findings);
  input.efficiency = compute::choose_efficiency(catalog, input.accelerator, findings).efficiency;
  input.library = network::choose_library(catalog, "nccl", input.accelerator, findings).library;
  input.serving.model = model;
  input.serving.accelerator = accelerator;
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  return input;
}

std::string reason(const DeploymentInput& input) {
  auto made = Deployment::make(input);
  const auto* infeasible = std::get_if<Infeasible>(&made);
  return infeasible != nullptr ? infeasible->reason : "";
}

TEST(Deployment, WeightsThatDoNotFitAreAnAnswerWithTheArithmetic) {
  const std::string text = reason(input_of("llama-3.1-405b", "a100_sxm_80"));
  for (const char* part : {"weights of llama-3.1-405b do not fit", "811.7 GB", "77.31 GB usable",
                           "85.9 GB x 0.90", "activations"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Deployment, NoRoomForCacheIsAnAnswerToo) {
  DeploymentInput input = input_of("llama-3.1-8b", "a100_sxm_80");
  EXPECT_EQ(reason(input), "");
  input.engine.reserved_memory = 61_GB;
  const std::string text = reason(input);
  EXPECT_THAT(text, HasSubstr("61 GB"));
  EXPECT_THAT(text, HasSubstr("16.06 GB")) << "8.03 billion weights of two bytes";
}

TEST(Deployment, RanksShareTheWeights) {
  DeploymentInput input = input_of("llama-3.1-405b", "h100_sxm");
  input.serving.tensor_parallel = 8;
  EXPECT_THAT(reason(input), HasSubstr("on 8 ranks")) << "102 GB a rank are too much for 72";
  input.serving.pipeline_parallel = 2;
  EXPECT_EQ(reason(input), "");
}

TEST(Deployment, PagesFillTheMemoryThatIsLeft) {
  const DeploymentInput input = input_of("llama-3.1-8b", "a100_sxm_80");
  auto made = Deployment::make(input);
  auto& deployment = *std::get<std::unique_ptr<Deployment>>(made);
  const InstanceSetup setup = deployment.instance_setup();
  // 2 x 32 layers x 8 heads x 128 dims x 2 bytes a token, 16 tokens a page
  EXPECT_DOUBLE_EQ(setup.page.value(), 2.0 * 32 * 8 * 128 * 2 * 16);
  const double left = (input.accelerator.usable_memory() * 0.9).value() - 16.06e9;
  EXPECT_LE(static_cast<double>(setup.page_count) * setup.page.value(), left);
  EXPECT_GT(static_cast<double>(setup.page_count + 1) * setup.page.value(), left - 2e9);
  EXPECT_EQ(deployment.model_len_max(), 131072);
}

TEST(Deployment, AttentionGroupsHaveCachesOfTheirOwn) {
  DeploymentInput input = input_of("deepseek-v3", "b200_sxm");
  input.serving.tensor_parallel = 8;
  const auto pages = [&] {
    auto made = Deployment::make(input);
    return std::get<std::unique_ptr<Deployment>>(made)->instance_setup().page_count;
  };
  const int64_t replicated = pages();
  input.serving.expert_parallel = 8;
  EXPECT_NEAR(static_cast<double>(pages()) / static_cast<double>(replicated), 1.0, 0.01)
      << "whole experts on one rank each weigh as much as parts of all";
  input.serving.attention_data_parallel = 8;
  const int64_t apart = pages();
  EXPECT_EQ(apart % 8, 0);
  // every rank gives up room for whole attention weights, but holds other sequences
  EXPECT_GT(apart, 5 * replicated);
  EXPECT_LT(apart, 8 * replicated);
}

TEST(Deployment, AnEnginesOwnLengthLimitWins) {
  DeploymentInput input = input_of("llama-3.1-8b", "a100_sxm_80");
  input.engine.max_model_len = 4096;
  auto made = Deployment::make(input);
  EXPECT_EQ(std::get<std::unique_ptr<Deployment>>(made)->model_len_max(), 4096);
}

}  // namespace
}  // namespace penstock::serving
