// Fused expert layers as a family: labels to classes of kernels, rows to calls, and a fit that
// finds the coefficients that its rows were made from.
#include "penstock/calibration/experts_family.h"

#include <gtest/gtest.h>

#include "penstock/compute/kernels/kernel_test_support.h"

namespace penstock::calibration {
namespace {

using catalog::Dtype;
using compute::ExpertsCall;
using compute::ExpertsGroup;
using compute::ExpertsShared;
using compute::KernelOrigin;

KernelOrigin origin(const char* engine, const char* kernel, Dtype stored) {
  return {engine, "1", kernel, {stored, stored}};
}

TEST(ExpertsFamilyTest, LabelsNameTheirKernels) {
  using K = ExpertsKernel;
  const auto kind = [](const char* engine, const char* kernel, Dtype stored = Dtype::kBf16) {
    return experts_kernel(origin(engine, kernel, stored));
  };
  EXPECT_EQ(kind("trtllm", "moe_torch_flow_cutlass"), K::kGrouped);
  EXPECT_EQ(kind("trtllm", "moe_torch_flow"), K::kGrouped);
  EXPECT_EQ(kind("trtllm", "moe_torch_flow", Dtype::kMxfp4), K::kGenerated);
  EXPECT_EQ(kind("trtllm", "moe_torch_flow_min_latency", Dtype::kNvfp4), K::kGenerated);
  EXPECT_EQ(kind("trtllm", "moe_torch_flow_triton_fp8_block"), K::kMasked);
  EXPECT_EQ(kind("trtllm", "deepgemm"), K::kGrouped);
  EXPECT_EQ(kind("vllm", "fused_moe"), K::kTriton);
  EXPECT_EQ(kind("vllm", "unquantizedfusedmoe_fi_trtllm_trtllmbf16ex"), K::kGenerated);
  EXPECT_EQ(kind("vllm", "gptossmxfp4moe_marlin_marlinex", Dtype::kMxfp4), K::kMarlin);
  EXPECT_EQ(kind("sglang", "sglang_fused_moe_triton"), K::kTriton);
  EXPECT_EQ(kind("sglang", "sglang_fi_cutlass_moe"), K::kGrouped);
}

TEST(ExpertsFamilyTest, GroupsShareWhatTheirKernelsDo) {
  const ExpertsModel model = experts_model();
  const KernelOrigin old = {"vllm", "1", "fused_moe", {Dtype::kBf16, Dtype::kBf16}};
  KernelOrigin fresh = old;
  fresh.version = "2";
  EXPECT_NE(model.tie(old, "fixed"), model.tie(fresh, "fixed"));
  EXPECT_EQ(model.tie(old, "compute"), model.tie(fresh, "compute"));
  const KernelOrigin other = origin("sglang", "sglang_fused_moe_triton", Dtype::kFp8Block);
  EXPECT_EQ(model.tie(old, "permute"), model.tie(other, "permute"));
  EXPECT_NE(model.tie(old, "remote"), model.tie(other, "remote"));
}

TEST(ExpertsFamilyTest, ARowIsACallOfOneRank) {
  measurement::MoeRow row;
  row.tokens = 96;
  row.hidden_size = 7168;
  row.inter_size = 2048;
  row.topk_count = 8;
  row.expert_count = 256;
  row.tensor_count = 4;
  row.expert_group_count = 16;
  row.load = measurement::ExpertLoad::kPowerLaw101;
  const ExpertsCall call = experts_call(row);
  EXPECT_EQ(call.width, 512);
  EXPECT_EQ(call.experts, 256);
  EXPECT_EQ(call.expert_ranks, 16);
  EXPECT_EQ(call.routing, compute::Routing::kPowerLaw);
  EXPECT_EQ(call.skew_factor, 1.01);
}

TEST(ExpertsFamilyTest, AFitFindsWhatItsRowsWereMadeFrom) {
  const compute::Machine machine = compute::test::machine_of("h100_sxm");
  ExpertsShared shared;
  shared.batch = Seconds(7e-6);
  ExpertsGroup group;
  group.fixed = Seconds(33e-6);
  group.compute_fraction = 0.61;
  group.memory_fraction = 0.72;
  std::vector<MeasuredCall<ExpertsCall>> rows;
  for (const int64_t experts : {8, 64, 256}) {
    for (const int64_t ranks : {1, 4, 8}) {
      for (int64_t tokens = 1; tokens < 20000; tokens *= 3) {
        ExpertsCall call;
        call.tokens = tokens;
        call.hidden = 4096;
        call.width = 1536;
        call.topk = 4;
        call.experts = experts;
        call.expert_ranks = ranks;
        rows.push_back({origin("vllm", "fused_moe", Dtype::kBf16), true, call,
                        experts_duration(machine, shared, group, call),
                        shape_hash({tokens, experts, ranks})});
      }
    }
  }
  const auto fit = fit_family(experts_model(), machine, rows);
  ASSERT_EQ(fit.set.groups.size(), 1U);
  const ExpertsGroup& found = fit.set.groups.front().coefficients;
  EXPECT_NEAR(found.fixed / group.fixed, 1.0, 0.03);
  EXPECT_NEAR(found.compute_fraction, group.compute_fraction, 0.02);
  EXPECT_NEAR(found.memory_fraction, group.memory_fraction, 0.02);
  EXPECT_LT(fit.set.groups.front().residuals.error_fraction, 0.02);
}

}  // namespace
}  // namespace penstock::calibration
