// Goal: serving runs become typed rows and contradictions are told. Method: small texts; the public
// measurements where they are there.
#include "penstock/measurement/serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "penstock/base/node.h"

namespace penstock::measurement {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const Source> source_of(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "f.csv";
  source->text = std::move(text);
  return source;
}

constexpr std::string_view kStaticHeader =
    "id,model,system,accelerator_count,engine,engine_version,precision,gemm_dtype,moe_dtype,mode,"
    "input_tokens,output_tokens,concurrency,batch_size,tp,pp,attention_dp,moe_tp,moe_ep,"
    "prefill_workers,prefill_batch,prefill_tp,prefill_pp,prefill_attention_dp,prefill_moe_tp,"
    "prefill_moe_ep,decode_workers,decode_batch,decode_tp,decode_pp,decode_attention_dp,"
    "decode_moe_tp,decode_moe_ep,ttft_ms,tpot_ms,measured_at,config_quality,copies,source\n";

TEST(Serving, StaticRowsTellEnginesFromWorkers) {
  Findings findings;
  const auto rows = read_static(
      source_of(std::string(kStaticHeader) +
                "a,deepseek-ai/DeepSeek-R1,b200_sxm,8,trtllm,1.0,fp4,nvfp4,nvfp4,aggregated,1024,"
                "1024,64,64,8,1,0,8,1,,,,,,,,,,,,,,,250.5,12.5,2025-11-02,ok,2,x (InferenceX)\n"
                "b,Qwen/Qwen3-32B,gb200,0,trtllm,,,,,disaggregated,2000,500,,,,,,,,1,1,4,1,1,1,4,2,"
                "16,8,1,8,1,8,100,9,,incomplete,1,x (gap run)\n"),
      catalog::Catalog::built_in(), findings);
  ASSERT_THAT(to_text(findings.all()), IsEmpty());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].engine_shape.tensor, 8);
  EXPECT_EQ(rows[0].engine_shape.attention_data, std::nullopt);  // 0: not recorded
  EXPECT_EQ(rows[0].precision, Precision::kFp4);
  EXPECT_EQ(rows[0].experts->name, "nvfp4");
  EXPECT_DOUBLE_EQ(rows[0].ttft.value(), 0.2505);
  EXPECT_FALSE(rows[0].gap_run);
  EXPECT_EQ(rows[1].mode, ServingMode::kDisaggregated);
  EXPECT_EQ(rows[1].precision, Precision::kBf16);
  EXPECT_EQ(rows[1].accelerator_count, std::nullopt);
  EXPECT_EQ(rows[1].concurrency, std::nullopt);
  EXPECT_EQ(rows[1].prefill.expert_groups, 4);
  EXPECT_EQ(rows[1].decode.worker_count, 2);
  EXPECT_EQ(rows[1].decode.batch_count, 16);
  EXPECT_EQ(rows[1].quality, ConfigQuality::kIncomplete);
  EXPECT_TRUE(rows[1].gap_run);
}

TEST(Serving, WordsAndTimesThatCannotBeAreTold) {
  Findings findings;
  read_static(
      source_of(std::string(kStaticHeader) +
                "a,m,b200,8,trtllm,1,fp5,fp8,fp8,merged,1024,1024,6.5,64,8,1,,,,,,,,,,,,,,,,"
                ",,0,nan,,fine,1,\n"),
      catalog::Catalog::built_in(), findings);
  read_requests(source_of("run,accelerator,accelerator_count,model,engine,tp,dp,ep,max_num_seqs,"
                          "max_num_batched_tokens,request_id,input_tokens,output_tokens,arrival_s,"
                          "queued_s,scheduled_s,first_token_s,last_token_s\n"
                          "r,rtx4090,1,m,vllm,1,1,maybe,1,1,q,1,1,5,5,5,4,3\n"),
                catalog::Catalog::built_in(), findings);
  const std::string mistakes = to_text(findings.all());
  EXPECT_THAT(mistakes, HasSubstr("'precision' must be one of bf16, fp8, fp4, int4; got \"fp5\""));
  EXPECT_THAT(mistakes, HasSubstr("'mode' must be one of aggregated, disaggregated"));
  EXPECT_THAT(mistakes, HasSubstr("'concurrency' must be a whole number; got \"6.5\""));
  EXPECT_THAT(mistakes, HasSubstr("'ttft_ms' must be above zero"));
  EXPECT_THAT(mistakes, HasSubstr("'tpot_ms' must be finite"));
  EXPECT_THAT(mistakes, HasSubstr("'config_quality' must be one of ok"));
  EXPECT_THAT(mistakes, HasSubstr("'ep' must be one of true, false; got \"maybe\""));
  EXPECT_THAT(mistakes, HasSubstr("'first_token_s' must come after the arrival"));
  EXPECT_THAT(mistakes, HasSubstr("'last_token_s' must not come before the first token"));
}

TEST(Serving, APowerCapIsNotAnAcceleratorOfItsOwn) {
  Findings findings;
  const auto rows =
      read_splitwise(source_of("model,hardware,tp,prompt_tokens,batch,output_tokens,prompt_ms,"
                               "token_ms,e2e_ms,average_power_fraction_of_tdp\n"
                               "llama2-70b,h100-80gb-pcap,8,512,1,128,50,30,4000,\n"
                               "llama2-70b,a100-80gb,8,512,1,128,50,30,4000,0.6\n"),
                     catalog::Catalog::built_in(), findings);
  ASSERT_THAT(to_text(findings.all()), IsEmpty());
  EXPECT_EQ(rows[0].accelerator, "h100_sxm");
  EXPECT_TRUE(rows[0].power_capped);
  EXPECT_EQ(rows[1].accelerator, "a100_sxm_80");
  EXPECT_EQ(rows[1].power_fraction, 0.6);
}

TEST(Serving, ThePublicMeasurementsReadWhole) {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  const char* tree = std::getenv("PENSTOCK_SOURCE_DIR");
  const auto folder = std::filesystem::path(shared != nullptr ? shared
                                            : tree != nullptr ? std::string(tree) + "/../shared"
                                                              : "../shared") /
                      "measurements";
  if (!std::filesystem::exists(folder / "serving_static.csv")) GTEST_SKIP() << "no measurements";
  Findings findings;
  const auto catalog = catalog::Catalog::built_in();
  const auto source = [&](const char* name) {
    return read_source((folder / name).string(), findings);
  };
  EXPECT_EQ(read_static(source("serving_static.csv"), catalog, findings).size(), 2583U);
  EXPECT_EQ(read_requests(source("serving_requests.csv"), catalog, findings).size(), 900U);
  EXPECT_EQ(read_request_summary(source("serving_requests_summary.csv"), catalog, findings).size(),
            3U);
  EXPECT_EQ(
      read_request_samples(source("serving_requests_timeseries.csv"), catalog, findings).size(),
      316U);
  EXPECT_EQ(read_splitwise(source("serving_splitwise.csv"), catalog, findings).size(), 1260U);
  const auto infersim = read_infersim(source("serving_infersim.csv"), catalog, findings);
  ASSERT_EQ(infersim.size(), 5U);
  EXPECT_EQ(infersim[1].setup.substr(0, 21), "EP32 prefill 4 nodes ");
  EXPECT_THAT(to_text(findings.all()), IsEmpty());
}

}  // namespace
}  // namespace penstock::measurement
