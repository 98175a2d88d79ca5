// Goal: prefill rates of one accelerator are predicted from the setup's words; the rest is counted.
// Method: rows as the public file has them.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

TEST(ServingInfersim, SetupsInWordsAreUnderstoodOrCounted) {
  const DataFolder folder(
      "serving_infersim.csv",
      "model,accelerator,dtype,setup,phase,tokens_per_s_per_accelerator\n"
      "Qwen3-8B,H20,BF16,\"1 GPU, 16384 max prefill tokens, SGLang\",prefill,8000\n"
      "Qwen3-8B,H20,FP8,\"1 GPU, 16384 max prefill tokens, SGLang\",prefill,15000\n"
      "Qwen3-8B,H20,FP8,\"1 GPU, some max prefill tokens\",prefill,15000\n"
      "Qwen3-30B-A3B,H20,BF16,\"4 GPU (EP), decode bs 100/GPU, ISL 4096 OSL 2048, "
      "SGLang\",decode,2749\n"
      "DeepSeek-V3,H800,FP8,EP128 decode bs 64/GPU (profile-data),decode,2324\n");
  const SuiteOutcome outcome = testing::outcome_of("serving_infersim", folder);
  const auto& bf16 = at(outcome, "serving_infersim.csv:2", "tokens_per_second");
  const auto& fp8 = at(outcome, "serving_infersim.csv:3", "tokens_per_second");
  // 15.2e9 multiply-adds a token at 148 TFLOP/s: at most 9,700 tokens a second; fp8 has twice that
  EXPECT_LT(bf16.predicted_factor, 9'700.0);
  EXPECT_GT(bf16.predicted_factor, 3'000.0);
  EXPECT_GT(fp8.predicted_factor, 1.2 * bf16.predicted_factor);
  EXPECT_LE(*fp8.low, fp8.predicted_factor);
  EXPECT_GE(*fp8.high, fp8.predicted_factor);
  EXPECT_FALSE(at(outcome, "serving_infersim.csv:4", "tokens_per_second").answered());
  // 100 sequences of 5,120 tokens keep 50 GB of cache, which 4 TB/s read 80 times a second
  const auto& decode = at(outcome, "serving_infersim.csv:5", "tokens_per_second");
  EXPECT_LT(decode.predicted_factor, 8'000.0);
  EXPECT_GT(decode.predicted_factor, 1'000.0);
  EXPECT_THAT(at(outcome, "serving_infersim.csv:6", "tokens_per_second").unanswered,
              ::testing::HasSubstr("more ranks than one scale-up domain"));
}

}  // namespace
}  // namespace penstock::validation
