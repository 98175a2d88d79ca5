// Goal: every kernel row is priced, power where it was measured, equal for any number of threads.
// Method: a folder with one small file a family.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

const std::map<std::string, std::string>& files() {
  static const std::map<std::string, std::string> kFiles = {
      {"kernels_gemm.csv",
       "accelerator,framework,dtype,m,n,k,latency_us,power_w\n"
       "h200_sxm,vllm,bfloat16,8192,8192,8192,1500,690\n"
       "h200_sxm,vllm,bfloat16,1,8192,8192,35,\n"
       "h200_sxm,vllm,int4_wo,1,8192,8192,15,\n"},
      {"kernels_attention.csv",
       "accelerator,framework,phase,dtype,kv_dtype,batch,query_len,context_len,num_q_heads,"
       "num_kv_heads,head_dim,latency_us\n"
       "h200_sxm,vllm,decode,bfloat16,bfloat16,64,1,8191,8,1,128,100\n"
       "h200_sxm,vllm,decode,bfloat16,fp8,64,1,8191,8,1,128,60\n"
       "h200_sxm,vllm,prefill,bfloat16,bfloat16,1,8192,0,8,1,128,400\n"},
      {"kernels_mla.csv",
       "accelerator,framework,scope,phase,dtype,kv_dtype,gemm_dtype,batch,query_len,context_len,"
       "num_heads,kv_lora_rank,q_lora_rank,qk_nope_head_dim,qk_rope_head_dim,v_head_dim,"
       "latency_us\n"
       "h200_sxm,sglang,kernel,decode,bfloat16,bfloat16,,64,1,4095,16,512,1536,128,64,128,100\n"
       "h200_sxm,sglang,module,decode,bfloat16,bfloat16,fp8_block,64,1,4095,16,512,1536,128,64,128,"
       "200\n"},
      {"kernels_moe.csv",
       "accelerator,framework,dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp,"
       "moe_ep,distribution,latency_us\n"
       "h200_sxm,trtllm,fp8_block,64,7168,2048,8,256,8,1,balanced,400\n"
       "h200_sxm,trtllm,fp8_block,64,7168,2048,8,256,1,8,balanced,400\n"}};
  return kFiles;
}

TEST(Kernels, ProductsAreBoundByComputeOrByTheirWeights) {
  const DataFolder folder(files());
  const SuiteOutcome outcome = testing::outcome_of("kernels", folder);
  // 1.1e12 operations at 989.5 TFLOP/s take 1.11 ms; nothing may be quicker or twice as slow
  const Observation& large = at(outcome, "kernels_gemm.csv:2", "latency");
  EXPECT_GT(large.predicted_factor, 1.11e-3);
  EXPECT_LT(large.predicted_factor, 2.2e-3);
  // 134 MB of weights at 4.8 TB/s take 28 us; a quarter of the bytes takes less than half
  const Observation& thin = at(outcome, "kernels_gemm.csv:3", "latency");
  const Observation& packed = at(outcome, "kernels_gemm.csv:4", "latency");
  EXPECT_GT(thin.predicted_factor, 28e-6);
  EXPECT_LT(thin.predicted_factor, 60e-6);
  EXPECT_LT(packed.predicted_factor, 0.7 * thin.predicted_factor);
  EXPECT_LE(*thin.low, thin.predicted_factor);
  EXPECT_GE(*thin.high, thin.predicted_factor);
}

TEST(Kernels, PowerIsComparedWhereItWasMeasured) {
  const DataFolder folder(files());
  const SuiteOutcome outcome = testing::outcome_of("kernels", folder);
  const Observation& power = at(outcome, "kernels_gemm.csv:2", "power");
  EXPECT_GT(power.predicted_factor, 300.0);
  EXPECT_LE(power.predicted_factor, 700.0);
  EXPECT_THROW(at(outcome, "kernels_gemm.csv:3", "power"), std::runtime_error);
}

TEST(Kernels, AttentionAndExpertsFollowTheirBytes) {
  const DataFolder folder(files());
  const SuiteOutcome outcome = testing::outcome_of("kernels", folder);
  const auto predicted = [&](const char* place) {
    return at(outcome, place, "latency").predicted_factor;
  };
  // 268 MB of cache at 4.8 TB/s; half the bytes in fp8
  EXPECT_GT(predicted("kernels_attention.csv:2"), 56e-6);
  EXPECT_LT(predicted("kernels_attention.csv:3"), predicted("kernels_attention.csv:2"));
  EXPECT_GT(predicted("kernels_attention.csv:4"), 0.0);
  // a module is its kernel and the projections
  EXPECT_GT(predicted("kernels_mla.csv:3"), predicted("kernels_mla.csv:2"));
  // eight ranks hold the same weights whichever way the experts are split
  EXPECT_NEAR(predicted("kernels_moe.csv:2") / predicted("kernels_moe.csv:3"), 1.0, 0.5);
}

TEST(Kernels, ThreadsDoNotShow) {
  const DataFolder folder(files());
  const SuiteOutcome one = testing::outcome_of("kernels", folder, 1);
  const SuiteOutcome four = testing::outcome_of("kernels", folder, 4);
  ASSERT_EQ(one.observations.size(), four.observations.size());
  for (size_t i = 0; i < one.observations.size(); ++i) {
    EXPECT_EQ(one.observations[i].place, four.observations[i].place);
    EXPECT_EQ(one.observations[i].predicted_factor, four.observations[i].predicted_factor);
  }
}

TEST(Kernels, MistakesOfAllFilesComeTogether) {
  const DataFolder folder(DataFolder::Files{{"kernels_gemm.csv",
                                             "accelerator,framework,dtype,m,n,k,latency_ms\n"
                                             "h200_sxm,vllm,bfloat16,1,1,1,1\n"},
                                            {"kernels_moe.csv", "accelerator\nh200_sxm\n"}});
  const std::string mistakes = testing::mistakes_of({{"kernels"}, folder.path(), 1, {}});
  EXPECT_THAT(mistakes, ::testing::HasSubstr("kernels_gemm.csv:1:"));
  EXPECT_THAT(mistakes, ::testing::HasSubstr("'latency_us' is fixed"));
  EXPECT_THAT(mistakes, ::testing::HasSubstr("kernels_moe.csv:1:1: no column 'framework'"));
  EXPECT_THAT(testing::mistakes_of({{"kernel"}, folder.path(), 1, {}}),
              ::testing::HasSubstr("no suite of this name; did you mean 'kernels'?"));
  EXPECT_THAT(testing::mistakes_of({{"serving_static"}, folder.path(), 1, {}}),
              ::testing::HasSubstr("has no data for serving_static: serving_static.csv"));
  EXPECT_THAT(testing::mistakes_of({{}, "no/such/folder", 1, {}}),
              ::testing::HasSubstr("no/such/folder: is not a folder"));
}

}  // namespace
}  // namespace penstock::validation
