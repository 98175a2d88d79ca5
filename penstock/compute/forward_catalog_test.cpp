// Goal: every model of the catalog becomes operators whose weights are its parameters. Method:
// weights of one rank in bf16 against the catalog's own parameter counts, and an eighth each for
// eight ranks as far as parts are split at all.

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/catalog/catalog.h"
#include "penstock/compute/forward.h"

namespace penstock::compute {
namespace {

std::vector<catalog::Model> models() {
  const auto catalog = catalog::Catalog::built_in();
  std::vector<catalog::Model> all;
  Findings findings;
  for (const std::string& id : catalog.ids("models")) {
    auto model = catalog.model(id, Mark{}, findings);
    if (model) all.push_back(std::move(*model));
  }
  findings.throw_if_any();
  return all;
}

Forward in_bf16(const catalog::Model& model, int64_t tensor) {
  PrecisionConfig config;
  config.weights = catalog::Dtype::kBf16;
  return {model, {.tensor = tensor, .pipeline = 1}, resolve(config, model)};
}

TEST(EveryModel, WeighsTwoBytesAParameter) {
  const auto all = models();
  EXPECT_GE(all.size(), 29U);
  for (const catalog::Model& model : all) {
    ASSERT_EQ(model.weights.embedding, catalog::Dtype::kBf16) << model.id;
    const double weights = in_bf16(model, 1).weights_per_rank().value();
    const double parameters = static_cast<double>(catalog::parameter_count(model));
    EXPECT_NEAR(weights / (2.0 * parameters), 1.0, 0.01) << model.id;
  }
}

TEST(EveryModel, MultipliesItsActiveParameters) {
  for (const catalog::Model& model : models()) {
    const Forward forward = in_bf16(model, 1);
    double flops = 0.0;
    for (const auto& list : {forward.token_operators(1), forward.head_operators(1)}) {
      for (const Operator& op : list) flops += op.flops.value() * static_cast<double>(op.count);
    }
    for (const ContextOperator& op : forward.decode_operators(1)) {
      if (op.fixed.family != Family::kGemm) continue;
      flops += op.fixed.flops.value() * static_cast<double>(op.fixed.count);
    }
    const double active = static_cast<double>(catalog::active_parameter_count(model, false));
    EXPECT_NEAR(flops / (2.0 * active), 1.0, 0.02) << model.id;
  }
}

TEST(EveryModel, SplitsOverEightRanksWhereItCan) {
  for (const catalog::Model& model : models()) {
    if (!Forward::plan_mistakes(model, {.tensor = 8, .pipeline = 1}).empty()) continue;
    const double whole = in_bf16(model, 1).weights_per_rank().value();
    const double rank = in_bf16(model, 8).weights_per_rank().value();
    // latent down-projections, routers, compressors and fewer key heads than ranks are not split
    EXPECT_GE(8.0 * rank / whole, 0.999) << model.id;
    EXPECT_LE(8.0 * rank / whole, 1.25) << model.id;
  }
}

TEST(EveryModel, DecodeReadsWhatATokenAddsToTheCache) {
  for (const catalog::Model& model : models()) {
    const Forward forward = in_bf16(model, 1);
    Bytes growing;
    for (const ContextOperator& op : forward.decode_operators(1)) {
      // a window's bytes stop growing and are no part of it
      const bool window =
          op.fixed.name == "window_attention" || (op.fixed.name == "attention" && op.cap != kNoCap);
      if (!window) growing += op.bytes_per_token * static_cast<double>(op.fixed.count);
    }
    EXPECT_NEAR(growing.value(), forward.kv_bytes_per_token_per_rank().value(),
                1e-9 * growing.value())
        << model.id;
  }
}

}  // namespace
}  // namespace penstock::compute
