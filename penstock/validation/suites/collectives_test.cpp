// Goal: every row is priced by its own library, by kin beside it, and scored in its part.
// Method: a folder with one small file.
#include <gmock/gmock.h>

#include "penstock/validation/suite_test_support.h"

namespace penstock::validation {
namespace {

using testing::at;
using testing::DataFolder;

constexpr const char* kRows =
    "system,library,op,num_ranks,bytes,latency_us,dtype\n"
    "h100_sxm,nccl-2.29.2,all_gather,8,67108864,209.2,half\n"
    "h100_sxm,nccl-2.29.2,all_gather,8,512,10.3,half\n"
    "h100_sxm,vllm-custom-graph-0.24.0,all_reduce,8,65536,6.4,bfloat16\n"
    "h100_sxm,vllm-custom-eager-0.24.0,all_reduce,8,65536,22.5,bfloat16\n"
    "b60,oneccl-2021.17.2,all_gather,4,67108864,11143.1,half\n"
    "moon,nccl-2.29.2,all_gather,4,67108864,11143.1,half\n";

TEST(Collectives, RowsArePricedByTheirLibrary) {
  const DataFolder folder("collectives.csv", kRows);
  const SuiteOutcome outcome = testing::outcome_of("collectives", folder);
  const auto predicted = [&](const char* place) {
    return at(outcome, place, "latency").predicted_factor;
  };
  // 58.7 MB at no more than 450 GB/s take 130 us
  EXPECT_GT(predicted("collectives.csv:2"), 130e-6);
  EXPECT_LT(predicted("collectives.csv:2"), 300e-6);
  EXPECT_EQ(at(outcome, "collectives.csv:3", "latency").section, "outside 4 KiB to 512 MiB");
  EXPECT_GT(predicted("collectives.csv:5"), 2.0 * predicted("collectives.csv:4"));
  // 201 MB over 32 GB/s take 6.3 ms
  EXPECT_GT(predicted("collectives.csv:6"), 6.3e-3);
  EXPECT_FALSE(at(outcome, "collectives.csv:7", "latency").answered());
}

TEST(Collectives, KinIsAPartOfItsOwn) {
  const DataFolder folder("collectives.csv", kRows);
  const SuiteOutcome outcome = testing::outcome_of("collectives", folder);
  int by_kin = 0;
  for (const Observation& o : outcome.observations) by_kin += o.section == "by kin" ? 1 : 0;
  EXPECT_EQ(by_kin, 4);  // the H100's rows; the others are no accelerators of the catalog
}

}  // namespace
}  // namespace penstock::validation
