// Goal: memory splits add up, and what does not fit says so with its arithmetic. Method: models of
// known size on accelerators of known size.

#include "penstock/compute/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/base/unit_text.h"
#include "penstock/compute/models_test_support.h"

namespace penstock::compute {
namespace {

using testing::HasSubstr;

catalog::Accelerator card(Bytes capacity) {
  catalog::Accelerator a;
  a.id = "card";
  a.memory_capacity.value = capacity;
  a.memory_bandwidth.value = 2.0_TBps;
  return a;
}

MemoryBudget budget() { return {0.9, 2.0_GB, 8192, 256, 16}; }

Forward forward_of(const catalog::Model& model, ParallelPlan plan = {}) {
  return {model, plan, resolve({}, model)};
}

TEST(Memory, PartsAddUpToTheCapacity) {
  const catalog::Model model = test::llama_8b();
  for (const double capacity : {24e9, 40e9, 80e9, 192e9}) {
    for (const int64_t tensor : {1, 2, 8}) {
      const Forward forward = forward_of(model, {.tensor = tensor, .pipeline = 1});
      const auto result = split_memory(forward, card(Bytes(capacity)), budget());
      ASSERT_TRUE(std::holds_alternative<MemorySplit>(result));
      const MemorySplit& s = std::get<MemorySplit>(result);
      const Bytes sum = s.weights + s.activations + s.reserved + s.unused + s.kv_cache;
      EXPECT_NEAR(sum / s.capacity, 1.0, 1e-12);
      EXPECT_LE(s.page * static_cast<double>(s.page_count), s.kv_cache);
      EXPECT_GT(s.page * static_cast<double>(s.page_count + 1), s.kv_cache);
    }
  }
}

TEST(Memory, PagesOfLlama8BOnAnA100) {
  const catalog::Model model = test::llama_8b();
  const auto result = split_memory(forward_of(model), card(80.0_GB), budget());
  const MemorySplit& s = std::get<MemorySplit>(result);
  // 72 GB usable - 16.06 GB weights - activations (8192 tokens: 1.07 GB, logits 0.13 GB) - 2 GB
  EXPECT_NEAR(s.kv_cache.value(), 72e9 - 16.0600e9 - 1.2050e9 - 2e9, 0.01e9);
  EXPECT_EQ(s.page.value(), 131072.0 * 16.0);
  EXPECT_NEAR(static_cast<double>(s.page_count), 52.735e9 / 2097152.0, 5.0);
}

TEST(Memory, TheDriversFigureCountsWhereItIsKnown) {
  const catalog::Model model = test::llama_8b();
  catalog::Accelerator accelerator = card(80.0_GB);
  accelerator.memory_visible = {.value = 81559.0_MiB, .provenance = {}, .note = {}};
  const auto sold = split_memory(forward_of(model), card(80.0_GB), budget());
  const auto seen = split_memory(forward_of(model), accelerator, budget());
  const MemorySplit& s = std::get<MemorySplit>(seen);
  EXPECT_EQ(s.capacity, 81559.0_MiB);
  const Bytes more = s.kv_cache - std::get<MemorySplit>(sold).kv_cache;
  EXPECT_NEAR(more.value(), 0.9 * (81559.0 * 1048576.0 - 80e9), 1.0);
}

TEST(Memory, WeightsThatDoNotFitSaySoWithNumbers) {
  const catalog::Model model = test::deepseek_v3();
  const Forward forward = forward_of(model, {.tensor = 8, .pipeline = 1});
  const auto result = split_memory(forward, card(80.0_GB), budget());
  ASSERT_TRUE(std::holds_alternative<Infeasible>(result));
  const std::string reason = std::get<Infeasible>(result).reason;
  EXPECT_THAT(reason, HasSubstr("weights of deepseek_v3 do not fit"));
  EXPECT_THAT(reason, HasSubstr(to_text(forward.weights_per_rank())));
  EXPECT_THAT(reason, HasSubstr("8 ranks"));
  EXPECT_THAT(reason, HasSubstr("72 GB"));
  EXPECT_THAT(reason, HasSubstr("80 GB x 0.90"));
}

TEST(Memory, NoRoomForACacheSaysSoWithNumbers) {
  const catalog::Model model = test::llama_8b();
  const Forward forward = forward_of(model);
  const auto result = split_memory(forward, card(20.0_GB), budget());
  ASSERT_TRUE(std::holds_alternative<Infeasible>(result));
  const std::string reason = std::get<Infeasible>(result).reason;
  EXPECT_THAT(reason, HasSubstr("no memory is left for the KV cache of llama_8b on card"));
  EXPECT_THAT(reason, HasSubstr("usable 18 GB (20 GB x 0.90)"));
  EXPECT_THAT(reason, HasSubstr("- weights 16.06 GB"));
  EXPECT_THAT(reason, HasSubstr("- reserved 2 GB"));
  EXPECT_THAT(reason, HasSubstr(to_text(forward.activation_bytes(8192, 256))));
}

TEST(Memory, LessThanOnePageSaysSo) {
  const catalog::Model model = test::llama_8b();
  const Forward forward = forward_of(model);
  MemoryBudget b = budget();
  b.usable_fraction = 1.0;
  b.reserved = Bytes();
  const Bytes needed =
      forward.weights_per_rank() + forward.activation_bytes(b.step_tokens_max, b.sequences_max);
  const auto result = split_memory(forward, card(needed + 1.0_MiB), b);
  ASSERT_TRUE(std::holds_alternative<Infeasible>(result));
  EXPECT_THAT(std::get<Infeasible>(result).reason, HasSubstr("not one KV page of 2.097 MB fits"));
}

TEST(Memory, AModelOfFixedStatesHasBytesForPages) {
  catalog::Model model = test::model("states", 2688, 1000);
  model.layers = {test::group(4, test::mamba(), test::dense(4096))};
  const auto result = split_memory(forward_of(model), card(80.0_GB), budget());
  const MemorySplit& s = std::get<MemorySplit>(result);
  EXPECT_EQ(s.page, Bytes(1.0));
  EXPECT_NEAR(static_cast<double>(s.page_count), s.kv_cache.value(), 1.0);
}

}  // namespace
}  // namespace penstock::compute
