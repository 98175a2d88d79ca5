// Goal: rows come out typed, and every mistake names its file and row. Method: small files.
#include "penstock/measurement/collectives.h"

#include <gmock/gmock.h>

namespace penstock::measurement {
namespace {

constexpr std::string_view kHeader =
    "system,library,op,num_ranks,ranks_per_node,bytes,latency_us,latency_min_us,latency_max_us,"
    "repeats,dtype,source\n";

struct ReadBack {
  std::vector<CollectiveRow> rows;
  std::string mistakes;
};

ReadBack read(const std::string& rows) {
  Findings findings;
  const auto source =
      std::make_shared<Source>(Source{"collectives.csv", std::string(kHeader) + rows});
  ReadBack back;
  back.rows = read_collectives(source, catalog::Catalog::built_in(), findings);
  try {
    findings.throw_if_any();
  } catch (const InputError& error) {
    back.mistakes = error.what();
  }
  return back;
}

TEST(Collectives, NamesAreTakenApart) {
  const ReadBack back = read(
      "h100_sxm,nccl-2.29.2,all_gather,8,8,1048576,17.1,17,17.3,3,half,a\n"
      "b200_sxm,vllm-custom-eager-0.24.0,all_reduce,8,8,4096,21.7,,,,bfloat16,a\n"
      "gb200,trtllm-allreduce-1.3.0rc20,all_reduce,4,4,4096,4.9,4.9,4.9,1,bfloat16,a\n"
      "h100_dgx,nccl-torch (vidur),send_recv,2,1,2048,5,5,5,1,half,a\n"
      "b60,oneccl-2021.17.2,all_gather,4,4,512,15.7,15.7,15.7,1,int8,a\n");
  EXPECT_EQ(back.mistakes, "");
  ASSERT_EQ(back.rows.size(), 5U);
  EXPECT_EQ(back.rows[0].library, "nccl");
  EXPECT_EQ(back.rows[0].version, "2.29.2");
  EXPECT_EQ(back.rows[0].latency_max, 17.3_us);
  EXPECT_EQ(back.rows[1].library, "vllm_custom");
  EXPECT_TRUE(back.rows[1].eager);
  EXPECT_EQ(back.rows[1].latency_min, 21.7_us);
  EXPECT_EQ(back.rows[2].library, "trtllm_allreduce");
  EXPECT_EQ(back.rows[2].version, "1.3.0rc20");
  EXPECT_EQ(back.rows[3].library, "nccl_torch");
  EXPECT_EQ(back.rows[3].version, "");
  EXPECT_EQ(back.rows[3].system, "h100_sxm");
  EXPECT_EQ(back.rows[4].system, "b60");
  EXPECT_EQ(back.rows[4].element, ElementType::kInt8);
}

TEST(Collectives, EveryMistakeIsToldAtItsRow) {
  const std::string mistakes =
      read(
          "h100_sxm,nccl-2.29.2,all_gathr,8,8,1048576,17.1,17,17.3,3,half,a\n"
          "h100_sxm,nccl-2.29.2,all_gather,8,3,1048576,17.1,17,17.3,3,half,a\n"
          "h100_sxm,nccl-2.29.2,all_gather,1,1,1048576,17.1,17,17.3,3,half,a\n"
          "h100_sxm,nccl-2.29.2,send_recv,8,8,1048576,17.1,17,17.3,3,half,a\n"
          "h100_sxm,nccl-2.29.2,all_gather,8,8,1048576,18.1,17,17.3,3,half,a\n"
          "h100_sxm,nccl-2.29.2,all_gather,8,8,536870912,1.4,1.4,1.4,3,half,a\n"
          ",nccl-2.29.2,all_gather,8,8,512,0,1.4,1.4,3,half,a\n")
          .mistakes;
  using ::testing::HasSubstr;
  EXPECT_THAT(mistakes, HasSubstr("collectives.csv:2:"));
  EXPECT_THAT(mistakes,
              HasSubstr("collectives.csv:3:35: 'ranks_per_node' must divide the 8 ranks"));
  EXPECT_THAT(mistakes, HasSubstr("collectives.csv:4:"));
  EXPECT_THAT(mistakes, HasSubstr("must be 2 for a message; got 8"));
  EXPECT_THAT(mistakes, HasSubstr("must lie between latency_min_us and latency_max_us"));
  EXPECT_THAT(mistakes, HasSubstr("collectives.csv:7:"));
  EXPECT_THAT(mistakes, HasSubstr("is too short: 537 MB in 1.4 us over links of 450 GB/s"));
  EXPECT_THAT(mistakes, HasSubstr("'system' is empty"));
  EXPECT_THAT(mistakes, HasSubstr("'latency_us' must be above zero"));
}

}  // namespace
}  // namespace penstock::measurement
