// Goal: measured exchanges become typed rows, every mistake of a file is told at its row, and
// published rows are neither guessed nor counted twice. Method: small texts; the public
// measurements where they are there.
#include "penstock/measurement/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace penstock::measurement {
namespace {

using catalog::ExchangeCopies;
using catalog::ExchangeKernel;
using catalog::ExchangeOp;
using catalog::ExchangePayload;
using catalog::ExchangeRouting;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kHeader =
    "system,library,mode,op,ep_ranks,nodes,tokens_per_rank,hidden,topk,num_experts,dtype,sms,"
    "latency_us,notify_us,bandwidth_gb_per_s,source\n";
constexpr std::string_view kPublishedHeader =
    "id,quantity,value,unit,model,hardware,n_devices,parallelism,precision,workload,source,"
    "confidence,date,use,notes\n";

std::shared_ptr<const Source> source_of(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "dir/f.csv";
  source->text = std::move(text);
  return source;
}

struct Outcome {
  std::vector<DispatchRow> rows;
  std::string mistakes;
};

Outcome rows_of_text(const std::string& rows) {
  Findings findings;
  Outcome outcome;
  outcome.rows =
      read_dispatch(source_of(std::string(kHeader) + rows), catalog::Catalog::built_in(), findings);
  outcome.mistakes = to_text(findings.all());
  return outcome;
}

TEST(DispatchRows, CarryWhatTheLibrariesDo) {
  const Outcome outcome = rows_of_text(
      "h100_sxm,deepep (sglang 0.5.12),normal,dispatch,16,2,64,7168,8,256,fp8,20,30.5,28,,x\n"
      "h800_cx7_400g,deepep V1 initial 2025-02-24 (pure rdma),low_latency,combine,8,1,128,7168,8,,"
      "bf16,0,318,,46,x\n"
      "gb200,trtllm moe_a2a (1.3.0rc10),nvlink_two_sided,combine,8,2,1,7168,8,256,"
      "nvfp4_low_precision_combine,,18,,,x\n"
      "ascend_a3_384_superpod,deep_ep (sgl-kernel-npu),normal,dispatch,8,,4096,7168,8,,int8,,,,146,"
      "x\n"
      "gb200,trtllm moe_a2a (1.3.0rc10),nvlink_two_sided,dispatch,8,2,1,7168,8,256,fp8,,18,,,x\n");
  ASSERT_THAT(outcome.mistakes, IsEmpty());
  ASSERT_EQ(outcome.rows.size(), 5U);
  const DispatchRow& normal = outcome.rows[0];
  EXPECT_EQ(normal.place, "f.csv:2");
  EXPECT_EQ(normal.library, "deepep");
  EXPECT_EQ(normal.release, "sglang 0.5.12");
  EXPECT_EQ(normal.multiprocessors, 20);
  EXPECT_EQ(normal.notify, 28_us);
  EXPECT_EQ(normal.payload, ExchangePayload::kFp8);
  const DispatchRow& rdma = outcome.rows[1];
  EXPECT_EQ(rdma.accelerator, "h800_sxm");
  EXPECT_EQ(rdma.kernel, ExchangeKernel::kLowLatencyRdma);
  EXPECT_EQ(rdma.release, "V1 initial 2025-02-24");
  EXPECT_EQ(rdma.node_limit, 4);
  EXPECT_EQ(rdma.expert_count, 256);
  EXPECT_EQ(outcome.rows[2].routing, ExchangeRouting::kBalanced);
  EXPECT_EQ(outcome.rows[2].payload, ExchangePayload::kFp8Tensor);
  const DispatchRow& ascend = outcome.rows[3];
  EXPECT_TRUE(ascend.rank_is_die);
  EXPECT_EQ(ascend.copies, ExchangeCopies::kSelected);
  EXPECT_FALSE(ascend.latency);
  EXPECT_EQ(ascend.bandwidth, 146_GBps);
  EXPECT_EQ(outcome.rows[4].payload, ExchangePayload::kFp8Tensor);
}

TEST(DispatchRows, EveryMistakeIsToldAtItsRow) {
  const Outcome outcome = rows_of_text(
      "h100_smx,deepep (x),normal,dispatch,8,1,1,7168,8,256,fp8,20,30,0,,x\n"
      "h100_sxm,deepep (x),fast,dispatch,8,1,1,7168,8,256,fp8,20,30,0,,x\n"
      "h100_sxm,deepep (x),normal,send,8,1,1,7168,8,256,fp8,20,30,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,7,1,1,7168,8,256,fp8,20,30,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1,7168,300,256,fp8,20,30,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1,7168,8,256,fp7,20,30,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1,7168,8,256,fp8,20,,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1,7168,8,256,fp8,20,-3,0,,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1,7168,8,256,fp8,20,,0,0,x\n"
      "h100_sxm,deepep (x),normal,dispatch,8,1,1.5,7168,8,256,fp8,20,30,0,,x\n");
  EXPECT_THAT(outcome.rows, IsEmpty());
  for (int line = 2; line <= 11; ++line) {
    EXPECT_THAT(outcome.mistakes, HasSubstr("dir/f.csv:" + std::to_string(line)));
  }
  EXPECT_THAT(outcome.mistakes, HasSubstr("h100_sxm"));  // the nearest name
  EXPECT_THAT(outcome.mistakes, HasSubstr("7 ranks that do not divide 256 experts"));
  EXPECT_THAT(outcome.mistakes, HasSubstr("300 of 256 experts"));
}

TEST(DispatchRows, PublishedOnesAreReadByTheirWordsAndNotTwice) {
  const auto known = rows_of_text(
      "h800_cx7_400g,deepep V1 initial 2025-02-24 (pure rdma),low_latency,dispatch,8,1,128,7168,8,,"
      "fp8,0,163,,46,x\n");
  const std::string rows =
      "a,MoE dispatch latency,116,us,\"DeepSeek-V3 shape: hidden 7168, top-8\",CM384 CANN EP,EP8,"
      "EP8,INT8,128 tokens per rank,paper,quoted,2025-06,calibrate,\n"
      "b,low-latency kernel dispatch latency,163,us,\"hidden 7168, top-8\",\"H800 NVLink\",EP8,EP8,"
      "FP8,\"128 tokens per batch, pure RDMA\",readme,quoted,2025,calibrate,\n"
      "c,MoE dispatch latency,99,us,\"hidden 7168, top-8\",H800 DeepEP,EP8,EP8,FP8,128 tokens per "
      "rank,paper,quoted,2025-06,context,\n"
      "d,UB read latency,1.9,us,,CM384,2,,,512 B,paper,quoted,2025,calibrate,\n"
      "e,MoE combine latency,50,us,a model,Unknown machine,EP8,EP8,FP8,some work,paper,quoted,2025,"
      "calibrate,\n"
      "f,V2 combine bandwidth,81,GB/s,\"hidden 7168, top-8\",H100-class SM90,ep8x2,,FP8,8K tokens; "
      "12 SM,readme,quoted,2026,calibrate,\n";
  Findings findings;
  const auto published =
      read_published_dispatch(source_of(std::string(kPublishedHeader) + rows), known.rows,
                              catalog::Catalog::built_in(), findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  ASSERT_EQ(published.rows.size(), 2U);
  EXPECT_EQ(published.duplicate_count, 1);
  EXPECT_EQ(published.unclear_count, 1);
  const DispatchRow& dies = published.rows[0];
  EXPECT_EQ(dies.accelerator, "ascend_910c");
  EXPECT_EQ(dies.rank_count, 8);
  EXPECT_EQ(dies.tokens, 128);
  EXPECT_EQ(dies.latency, 116_us);
  EXPECT_EQ(dies.payload, ExchangePayload::kInt8);
  const DispatchRow& two = published.rows[1];
  EXPECT_EQ(two.rank_count, 16);
  EXPECT_EQ(two.tokens, 8192);
  EXPECT_EQ(two.op, ExchangeOp::kCombine);
}

TEST(DispatchRows, ThePublicMeasurementsRead) {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  const char* tree = std::getenv("PENSTOCK_SOURCE_DIR");
  const auto folder = std::filesystem::path(shared != nullptr ? shared
                                            : tree != nullptr ? std::string(tree) + "/../shared"
                                                              : "../shared") /
                      "measurements";
  if (!std::filesystem::exists(folder / "moe_dispatch_combine.csv")) {
    GTEST_SKIP() << "no measurements in " << folder;
  }
  Findings findings;
  const auto all = read_exchanges(folder.string(), catalog::Catalog::built_in(), findings);
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
  EXPECT_EQ(all.rows.size(), 14080U);
  EXPECT_EQ(all.unclear_count, 0);
}

}  // namespace
}  // namespace penstock::measurement
