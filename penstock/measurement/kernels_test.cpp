// Goal: kernel timings become typed rows, every mistake of a file is told at its row, and large
// files read fast. Method: small texts; the public measurements where they are there.
#include "penstock/measurement/kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "penstock/base/node.h"

namespace penstock::measurement {
namespace {

using catalog::Dtype;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kGemmHeader =
    "accelerator,framework,framework_version,dtype,m,n,k,kernel,latency_us,power_w,source\n";

std::shared_ptr<const Source> source_of(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "f.csv";
  source->text = std::move(text);
  return source;
}

struct GemmOutcome {
  std::vector<GemmRow> rows;
  std::string mistakes;
};

GemmOutcome gemm(const std::string& rows, std::string_view header = kGemmHeader) {
  Findings findings;
  GemmOutcome outcome;
  outcome.rows =
      read_gemm(source_of(std::string(header) + rows), catalog::Catalog::built_in(), findings);
  outcome.mistakes = to_text(findings.all());
  return outcome;
}

TEST(Kernels, GemmRowsCarryTheirLabelsAndQuantities) {
  const GemmOutcome outcome = gemm(
      "h100,vllm,0.24.0,fp8_block,16,7168,2048,deepgemm,12.5,650,x\n"
      "b200_sxm,trtllm,1.3,int4_wo,1,64,32,default,3,,\n");
  ASSERT_THAT(outcome.mistakes, IsEmpty());
  ASSERT_EQ(outcome.rows.size(), 2U);
  const GemmRow& row = outcome.rows[0];
  EXPECT_EQ(row.timing.accelerator, "h100_sxm");
  EXPECT_EQ(row.timing.framework, "vllm");
  EXPECT_EQ(row.timing.framework_version, "0.24.0");
  EXPECT_EQ(row.timing.kernel, "deepgemm");
  EXPECT_DOUBLE_EQ(row.timing.latency.value(), 12.5e-6);
  EXPECT_EQ(row.timing.power, Watts(650));
  EXPECT_EQ(row.timing.line, 2);
  EXPECT_EQ(row.format.compute, Dtype::kFp8Block);
  EXPECT_EQ(row.format.scaling, Scaling::kBlock);
  EXPECT_EQ(row.m, 16);
  EXPECT_EQ(row.n, 7168);
  EXPECT_EQ(row.k, 2048);
  EXPECT_FALSE(outcome.rows[1].timing.power.has_value());
  EXPECT_EQ(outcome.rows[1].format.weight, Dtype::kInt4);
  EXPECT_EQ(outcome.rows[1].format.compute, Dtype::kBf16);
}

TEST(Kernels, EveryMistakeOfAFileIsTold) {
  const GemmOutcome outcome = gemm(
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,0,,\n"
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,-3.5,,\n"
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,nan,,\n"
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,inf,,\n"
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,3 ms,,\n"
      "h100_sxm,vllm,1,bfloat16,1,1,1,k,,,\n"
      "h100_sxm,vllm,1,fp7,1.5,0,x,k,1,-1,\n"
      "h300_sxm,vllm,1,fp8,1,1,1,k,1,,\n"
      "h300_sxm,vllm,1,fp8,1,1,1,k,1,,\n"
      "h100_sxm,vllm,1,fp8,16.0,1,1,k,1,,\n"
      "h100_sxm,vllm,1,fp8,16,1");
  EXPECT_THAT(outcome.mistakes,
              HasSubstr("f.csv:2:34: 'latency_us' must be above zero; got \"0\""));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:3:34: 'latency_us' must be above zero"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:4:34: 'latency_us' must be finite; got \"nan\""));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:5:34: 'latency_us' must be finite"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:6:34: 'latency_us' must be a number, its unit is "
                                          "in the column's name; got \"3 ms\""));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:7:34: 'latency_us' is empty"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:8:17: 'dtype' must be one of bfloat16, fp8"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:8:21: 'm' must be a whole number; got \"1.5\""));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:8:25: 'n' must be a whole number from 1"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:8:27: 'k' must be a whole number; got \"x\""));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:8:33: 'power_w' must be above zero"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:9:1: no accelerator \"h300_sxm\" in the catalog; "
                                          "nearest: 'b300_sxm', 'h100_sxm', 'h200_sxm'"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("(1 more row)"));
  EXPECT_THAT(outcome.mistakes, Not(HasSubstr("f.csv:10:")));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:12:1: the last line is cut off"));
  // only the row whose 16.0 is a whole number is good
  ASSERT_EQ(outcome.rows.size(), 1U);
  EXPECT_EQ(outcome.rows[0].m, 16);
}

TEST(Kernels, ColumnsThatAreMissingOrInAnotherUnitAreTold) {
  const GemmOutcome outcome =
      gemm("h100_sxm,vllm,fp8,1,1,1\n", "accelerator,framework,dtype,m,n,latency_ms\n");
  EXPECT_THAT(outcome.mistakes, HasSubstr("unknown column \"latency_ms\"; the unit of "
                                          "'latency_us' is fixed"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("no column 'latency_us'"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("no column 'k'"));
  EXPECT_THAT(outcome.mistakes, Not(HasSubstr("no column 'kernel'")));
  EXPECT_THAT(gemm("").mistakes, HasSubstr("f.csv: holds a header but no rows"));
  EXPECT_THAT(gemm("", "").mistakes, HasSubstr("f.csv: is empty"));
}

TEST(Kernels, RowsThatContradictThemselvesAreTold) {
  Findings findings;
  const auto attention = read_attention(
      source_of("accelerator,framework,phase,dtype,kv_dtype,batch,query_len,context_len,"
                "num_q_heads,num_kv_heads,head_dim,latency_us\n"
                "h100_sxm,vllm,decode,bfloat16,fp8,1,2,10,8,8,128,5\n"
                "h100_sxm,vllm,prefill,bfloat16,fp8,1,2,0,8,3,128,5\n"
                "h100_sxm,vllm,decode,bfloat16,fp8,4,1,10,8,2,128,5\n"),
      catalog::Catalog::built_in(), findings);
  const auto moe = read_moe(
      source_of("accelerator,framework,dtype,num_tokens,hidden_size,inter_size,topk,num_experts,"
                "moe_tp,moe_ep,distribution,latency_us\n"
                "h100_sxm,vllm,fp8,1,8,8,9,8,1,1,balanced,5\n"
                "h100_sxm,vllm,fp8,1,8,8,2,8,3,5,power_law_1.2,5\n"
                "h100_sxm,vllm,w4a8_mxfp4_mxfp8,1,8,8,2,8,2,4,power_law_1.01,5\n"),
      catalog::Catalog::built_in(), findings);
  const std::string mistakes = to_text(findings.all());
  EXPECT_THAT(mistakes, HasSubstr(":2:37: 'query_len' must be 1 in decode; got 2"));
  EXPECT_THAT(mistakes, HasSubstr("'num_kv_heads' must divide the 8 query heads; got 3"));
  EXPECT_THAT(mistakes, HasSubstr("'topk' must be at most the 8 experts; got 9"));
  EXPECT_THAT(mistakes, HasSubstr("'moe_ep' must divide the 8 experts; got 5"));
  EXPECT_THAT(mistakes, HasSubstr("'moe_tp' must divide the 8 columns of an expert; got 3"));
  ASSERT_EQ(attention.size(), 1U);
  EXPECT_EQ(attention[0].phase, Phase::kDecode);
  EXPECT_EQ(attention[0].cache.compute, Dtype::kFp8);
  ASSERT_EQ(moe.size(), 1U);
  EXPECT_EQ(moe[0].load, ExpertLoad::kPowerLaw101);
  EXPECT_EQ(moe[0].format.weight, Dtype::kMxfp4);
  EXPECT_EQ(moe[0].format.compute, Dtype::kFp8);
}

TEST(Kernels, TimesInAnotherUnitAreToldByPhysics) {
  // 1.1e12 operations take a millisecond, and 134 MB of weights 28 us; both are given in ms
  const GemmOutcome outcome = gemm(
      "h200_sxm,vllm,1,bfloat16,8192,8192,8192,k,1.2,,\n"
      "h200_sxm,vllm,1,bfloat16,1,8192,8192,k,0.03,,\n"
      "h200_sxm,vllm,1,bfloat16,8192,8192,8192,k,1200,,\n");
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:2:43: 'latency_us' is 926 times quicker than "
                                          "h200_sxm can be; is its unit another?"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("f.csv:3:40: 'latency_us' is 932 times quicker"));
  EXPECT_EQ(outcome.rows.size(), 1U);
}

TEST(Kernels, AFolderWithoutTimingsIsAMistake) {
  Findings findings;
  read_kernels("no/such/folder", catalog::Catalog::built_in(), findings);
  EXPECT_THAT(to_text(findings.all()), HasSubstr("no/such/folder: has no kernels_gemm.csv"));
}

TEST(Kernels, ThePublicMeasurementsReadWhole) {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  const char* tree = std::getenv("PENSTOCK_SOURCE_DIR");
  const auto folder = std::filesystem::path(shared != nullptr ? shared
                                            : tree != nullptr ? std::string(tree) + "/../shared"
                                                              : "../shared") /
                      "measurements";
  if (!std::filesystem::exists(folder / "kernels_gemm.csv")) GTEST_SKIP() << "no measurements";
  Findings findings;
  const auto catalog = catalog::Catalog::built_in();
  const KernelRows rows = read_kernels(folder.string(), catalog, findings);
  EXPECT_THAT(to_text(findings.all()), IsEmpty());
  EXPECT_EQ(rows.gemm.size(), 38'546U);
  EXPECT_EQ(rows.attention.size(), 28'756U);
  EXPECT_EQ(rows.mla.size(), 14'010U);
  EXPECT_EQ(rows.moe.size(), 27'371U);
}

}  // namespace
}  // namespace penstock::measurement
