// Goal: runs are simulated as their clients drove them, and rows that cannot be are counted under
// their reason. Method: a folder with a few rows whose answers are bounded by physics.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

const std::string kHeader =
    "id,model,system,accelerator_count,engine,engine_version,precision,gemm_dtype,moe_dtype,mode,"
    "input_tokens,output_tokens,concurrency,batch_size,tp,pp,attention_dp,moe_tp,moe_ep,"
    "prefill_workers,prefill_batch,prefill_tp,prefill_pp,prefill_attention_dp,prefill_moe_tp,"
    "prefill_moe_ep,decode_workers,decode_batch,decode_tp,decode_pp,decode_attention_dp,"
    "decode_moe_tp,decode_moe_ep,ttft_ms,tpot_ms,measured_at,config_quality,copies,source\n";

/// An aggregated run of a dense model on H100.
std::string row(const std::string& model, int64_t input, int64_t output, const std::string& clients,
                int64_t tensor, const std::string& quality = "ok",
                const std::string& source = "x (InferenceX)") {
  return "r," + model + ",h100_sxm," + std::to_string(tensor) + ",vllm,0.19,bf16,,,aggregated," +
         std::to_string(input) + "," + std::to_string(output) + "," + clients + "," + clients +
         "," + std::to_string(tensor) + ",1,1,1,1,,,,,,,,,,,,,,,100,10,," + quality + ",1," +
         source + "\n";
}

TEST(ServingStatic, OneClientWaitsForItsPrefillAndReadsTheWeightsOnceAToken) {
  const DataFolder folder(
      "serving_static.csv",
      kHeader + row("meta-llama/Llama-3.1-8B", 1024, 256, "1", 1) +
          row("meta-llama/Llama-3.1-8B", 1024, 256, "64", 1) +
          row("meta-llama/Llama-3.1-8B", 1024, 256, "1", 1, "ok", "x (gap run)"));
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  // 16 GB of weights at 3.35 TB/s take 4.8 ms
  const Observation& tpot = at(outcome, "serving_static.csv:2", "tpot");
  EXPECT_GT(tpot.predicted_factor, 4.5e-3);
  EXPECT_LT(tpot.predicted_factor, 12e-3);
  EXPECT_LE(*tpot.low, tpot.predicted_factor);
  EXPECT_GE(*tpot.high, tpot.predicted_factor);
  const Observation& ttft = at(outcome, "serving_static.csv:2", "ttft");
  EXPECT_GT(ttft.predicted_factor, 14e-3);  // 1.5e13 operations at 989.5 TFLOP/s
  EXPECT_LT(ttft.predicted_factor, 90e-3);  // and the host, before and around it
  // 64 clients that start at once queue for their prefills
  EXPECT_GT(at(outcome, "serving_static.csv:3", "ttft").predicted_factor,
            2.0 * ttft.predicted_factor);
  // a run of unknown protocol is taken to be driven alike
  const double unknown = at(outcome, "serving_static.csv:4", "ttft").predicted_factor;
  EXPECT_NEAR(unknown, ttft.predicted_factor, 0.2 * unknown);
}

/// SGLang's runs of Qwen3-32B on H100, of unknown protocol.
TEST(ServingStatic, ClientsInStepWaitForWholeWavesOfPrompts) {
  const auto run = [](const std::string& input) {
    return "r,Qwen/Qwen3-32B,h100_sxm,4,sglang,0.5.1,bf16,,,aggregated," + input +
           ",128,16,16,4,1,1,1,1,,,,,,,,,,,,,,,100,10,,ok,1,x (gap run)\n";
  };
  const DataFolder folder("serving_static.csv", kHeader + run("1024") + run("1025"));
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  const Observation& in_step = at(outcome, "serving_static.csv:2", "ttft");
  const Observation& apart = at(outcome, "serving_static.csv:3", "ttft");
  EXPECT_GT(in_step.predicted_factor, 1.5 * apart.predicted_factor);
}

TEST(ServingStatic, ServersThatLookRarelyAnswerLate) {
  const auto run = [](const std::string& clients) {
    return "r,deepseek-ai/"
           "DeepSeek-R1,b200_sxm,4,sglang,0.5.9,fp4,nvfp4,nvfp4,aggregated,1024,256," +
           clients + "," + clients + ",4,1,1,1,4,,,,,,,,,,,,,,,100,10,,ok,1,x (InferenceX)\n";
  };
  const DataFolder folder("serving_static.csv", kHeader + run("15") + run("16"));
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  const Observation& often = at(outcome, "serving_static.csv:2", "ttft");
  const Observation& rarely = at(outcome, "serving_static.csv:3", "ttft");
  ASSERT_EQ(often.unanswered, "");
  // scripts of the sweep look every 10 decode steps below 16 clients, every 30 from there on
  EXPECT_GT(rarely.predicted_factor, 1.25 * often.predicted_factor);
  EXPECT_LT(at(outcome, "serving_static.csv:3", "tpot").predicted_factor,
            1.1 * at(outcome, "serving_static.csv:2", "tpot").predicted_factor);
}

TEST(ServingStatic, RowsWithoutAnAnswerHaveAReason) {
  const DataFolder folder(
      "serving_static.csv",
      kHeader + row("meta-llama/Llama-3.1-8B", 128, 16, "", 1) +
          row("meta-llama/Llama-3.1-8B", 128, 16, "1", 1, "suspect") +
          row("nobody/knows", 128, 16, "1", 1) + row("deepseek-ai/DeepSeek-R1", 128, 16, "1", 1) +
          "d,meta-llama/Llama-3.1-8B,h100_sxm,2,vllm,1,bf16,,,disaggregated,128,16,1,,,,,,,1,1,1,"
          "1,1,1,1,1,1,1,1,1,1,1,100,10,,ok,1,x\n");
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  const auto reason = [&](const char* place) { return at(outcome, place, "tpot").unanswered; };
  EXPECT_EQ(reason("serving_static.csv:2"), "no concurrency recorded");
  EXPECT_EQ(reason("serving_static.csv:3"), "configuration suspect");
  EXPECT_EQ(reason("serving_static.csv:4"), "no model nobody/knows in the catalog");
  EXPECT_EQ(reason("serving_static.csv:5"), "the deployment does not fit the memory");
  EXPECT_THAT(reason("serving_static.csv:6"), ::testing::HasSubstr("disaggregated"));
  EXPECT_EQ(outcome.observations.size(), 10U);
}

TEST(ServingStatic, ABatchBelowTheClientsMeansGroupsOfRanksOrEngines) {
  const auto split = [](const std::string& model, int64_t tensor, int64_t batch) {
    return "r," + model + ",h200_sxm," + std::to_string(tensor) +
           ",vllm,0.19,fp8,fp8,fp8,aggregated,512,64,64," + std::to_string(batch) + "," +
           std::to_string(tensor) + ",1,,1,8,,,,,,,,,,,,,,,100,10,,ok,1,x\n";
  };
  const DataFolder folder("serving_static.csv", kHeader + split("deepseek-ai/DeepSeek-R1", 8, 64) +
                                                    split("deepseek-ai/DeepSeek-R1", 8, 8) +
                                                    split("meta-llama/Llama-3.1-8B", 1, 64) +
                                                    split("meta-llama/Llama-3.1-8B", 1, 8));
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  const auto predicted = [&](int line) {
    const Observation& o = at(outcome, "serving_static.csv:" + std::to_string(line), "tpot");
    EXPECT_EQ(o.unanswered, "");
    return o.predicted_factor;
  };
  // eight groups that attend to eight sequences each take other steps than one with all heads split
  EXPECT_NE(predicted(2), predicted(3));
  // eight engines with eight clients each are quicker than one with sixty-four
  EXPECT_LT(predicted(5), predicted(4));
}

TEST(ServingStatic, ACampaignTooFastForPlainDecodingIsPredictedWithDrafts) {
  const auto measured = [](const std::string& release, const std::string& tpot) {
    return "r,deepseek-ai/DeepSeek-R1,b200_sxm,8,trtllm," + release +
           ",fp8,fp8,fp8,aggregated,1024,256,4,4,8,1,1,1,8,,,,,,,,,,,,,,,100," + tpot +
           ",,ok,1,x (InferenceX)\n";
  };
  const DataFolder folder("serving_static.csv",
                          kHeader + measured("1.0", "9") + measured("1.1", "2.5"));
  const SuiteOutcome outcome = testing::outcome_of("serving_static", folder);
  const auto predicted = [&](const char* place) {
    const Observation& o = at(outcome, place, "tpot");
    EXPECT_EQ(o.unanswered, "");
    return o.predicted_factor;
  };
  const double plain = predicted("serving_static.csv:2");
  const double drafts = predicted("serving_static.csv:3");
  // three drafts that stand at 0.75 each yield 2.7 tokens a step, and steps take longer
  EXPECT_LT(drafts, plain / 1.5);
  EXPECT_GT(drafts, plain / 2.73);
}

TEST(ServingStatic, ThreadsDoNotShow) {
  const DataFolder folder("serving_static.csv",
                          kHeader + row("meta-llama/Llama-3.1-8B", 512, 64, "4", 1) +
                              row("meta-llama/Llama-3.1-8B", 512, 64, "8", 2));
  const SuiteOutcome one = testing::outcome_of("serving_static", folder, 1);
  const SuiteOutcome two = testing::outcome_of("serving_static", folder, 2);
  for (size_t i = 0; i < one.observations.size(); ++i) {
    EXPECT_EQ(one.observations[i].predicted_factor, two.observations[i].predicted_factor);
  }
}

}  // namespace
}  // namespace penstock::validation
