// Attention families: rows become the calls that were measured, kernels of one library share
// coefficients whichever engine calls them, and a fit finds the coefficients behind made-up rows.
#include "penstock/calibration/attention_families.h"

#include <gtest/gtest.h>

#include "penstock/catalog/catalog.h"

namespace penstock::calibration {
namespace {

using catalog::Dtype;
using compute::KernelOrigin;

measurement::AttentionRow decode_row(int64_t batch, int64_t context) {
  measurement::AttentionRow row;
  row.timing.accelerator = "h100_sxm";
  row.timing.framework = "vllm";
  row.timing.kernel = "flash_attn_fa3";
  row.phase = measurement::Phase::kDecode;
  row.batch_count = batch;
  row.query_tokens = 1;
  row.context_tokens = context;
  row.query_head_count = 32;
  row.kv_head_count = 8;
  row.head_dim = 128;
  return row;
}

measurement::MlaRow module_row() {
  measurement::MlaRow row;
  row.timing.accelerator = "b200_sxm";
  row.timing.framework = "vllm";
  row.timing.kernel = "FLASHINFER_MLA";
  row.scope = measurement::MlaScope::kModule;
  row.compute = *measurement::find_number_format("fp8");
  row.cache = *measurement::find_number_format("fp8");
  row.projections = *measurement::find_number_format("nvfp4");
  row.batch_count = 2;
  row.query_tokens = 100;
  row.head_count = 16;
  row.kv_lora_rank = 512;
  row.q_lora_rank = 1536;
  row.qk_nope_head_dim = 128;
  row.qk_rope_head_dim = 64;
  row.v_head_dim = 128;
  return row;
}

TEST(AttentionFamiliesTest, RowsBecomeTheCallsThatWereMeasured) {
  const compute::AttentionDecodeCall call = attention_decode_call(decode_row(4, 1000));
  EXPECT_EQ(call.context_tokens, 4000);  // of all sequences
  EXPECT_TRUE(call.replayed);
  EXPECT_EQ(call.shape.cached_elements_factor(), 2048.0);
  const auto calls = attention_decode_calls({decode_row(4, 1000), decode_row(4, 1000)});
  EXPECT_EQ(calls.at("h100_sxm")[0].shape_hash, calls.at("h100_sxm")[1].shape_hash);
  EXPECT_TRUE(attention_prefill_calls({decode_row(4, 1000)}).empty());
}

TEST(AttentionFamiliesTest, PromptsOfOneTokenMayRunAGenerationKernel) {
  measurement::AttentionRow row = decode_row(4, 0);
  row.phase = measurement::Phase::kPrefill;
  EXPECT_EQ(kernel_phase(row), measurement::Phase::kPrefill);
  row.timing.kernel = "fi_trtllmdecode";
  EXPECT_EQ(kernel_phase(row), measurement::Phase::kDecode);
  EXPECT_TRUE(attention_prefill_calls({row}).empty());
  EXPECT_EQ(attention_decode_calls({row}).size(), 1U);
}

TEST(AttentionFamiliesTest, ModulesCarryTheirProductsAndTheirOwnLabel) {
  const KernelOrigin origin = latent_origin(module_row());
  EXPECT_EQ(origin.kernel, "FLASHINFER_MLA fp8");
  EXPECT_EQ(origin.format.computed, Dtype::kNvfp4);
  int64_t products = 0;
  const auto calls = latent_prefill_module_calls(
      {module_row()}, [&](const std::string& id, const std::string&, const compute::GemmCall& c) {
        EXPECT_EQ(id, "b200_sxm");
        EXPECT_EQ(c.m, 200);
        EXPECT_EQ(c.compute, Dtype::kNvfp4);
        ++products;
        return 10.0_us;
      });
  EXPECT_EQ(products, 4);
  EXPECT_NEAR(calls.at("b200_sxm")[0].call.projections.value(), 40e-6, 1e-12);
  EXPECT_TRUE(latent_prefill_calls({module_row()}).empty());
}

TEST(AttentionFamiliesTest, EnginesShareALibrarysKernels) {
  const auto tie = attention_decode_model().tie;
  const KernelOrigin trtllm{"trtllm", "1", "torch_flow", {}};
  const KernelOrigin through_flashinfer{"sglang", "2", "trtllm_mha", {}};
  const KernelOrigin triton{"sglang", "2", "triton", {}};
  EXPECT_EQ(tie(trtllm, "compute"), tie(through_flashinfer, "compute"));
  EXPECT_NE(tie(trtllm, "fixed"), tie(through_flashinfer, "fixed"));
  EXPECT_NE(tie(triton, "part"), tie(through_flashinfer, "part"));
  EXPECT_EQ(tie(triton, "tile_rows"), tie(through_flashinfer, "tile_rows"));
}

TEST(AttentionFamiliesTest, AFitFindsTheCoefficientsBehindMadeUpRows) {
  Findings findings;
  const auto machine = compute::Machine::of(
      catalog::Catalog::built_in().accelerator("h100_sxm", {}, findings).value());
  compute::AttentionDecodeGroup truth;
  truth.fixed = 11.0_us;
  truth.memory_fraction = 0.7;
  truth.part = 2.0_us;
  std::vector<measurement::AttentionRow> rows;
  for (int64_t batch = 1; batch <= 512; batch *= 2) {
    for (int64_t context = 15; context <= 100000; context = 2 * context + 1) {
      measurement::AttentionRow row = decode_row(batch, context);
      row.timing.latency =
          compute::attention_decode_duration(machine, {}, truth, attention_decode_call(row));
      rows.push_back(row);
    }
  }
  const auto fit =
      fit_family(attention_decode_model(), machine, attention_decode_calls(rows).at("h100_sxm"));
  const auto& found = fit.set.groups[0].coefficients;
  EXPECT_NEAR(found.fixed / truth.fixed, 1.0, 0.1);
  EXPECT_NEAR(found.memory_fraction / truth.memory_fraction, 1.0, 0.05);
  EXPECT_LT(fit.set.groups[0].residuals.error_fraction, 0.01);
}

}  // namespace
}  // namespace penstock::calibration
