// Goal: rows go to the entry they belong to, and count bytes as the library's calls do.
#include "penstock/calibration/collective_calls.h"

#include <gmock/gmock.h>

namespace penstock::calibration {
namespace {

measurement::CollectiveRow row_of(const std::string& system, const std::string& library,
                                  const std::string& version, int64_t ranks, int64_t per_node) {
  measurement::CollectiveRow row;
  row.system = system;
  row.library = library;
  row.version = version;
  row.rank_count = ranks;
  row.ranks_per_node = per_node;
  row.payload = Bytes(1e6);
  return row;
}

TEST(CollectiveGroups, OlderReleasesAndSlowLinksStandApart) {
  const auto groups = collective_groups({row_of("h100_sxm", "nccl", "2.9", 8, 8),
                                         row_of("h100_sxm", "nccl", "2.23", 8, 8),
                                         row_of("a100_sxm_80", "nccl_torch", "", 4, 2),
                                         row_of("a100_pairwise_nvlink", "nccl_torch", "", 4, 4),
                                         row_of("a100_pairwise_nvlink", "nccl_torch", "", 2, 2)});
  std::vector<std::string> ids;
  for (const CollectiveGroup& group : groups) ids.push_back(group.id());
  EXPECT_THAT(ids, ::testing::ElementsAre(
                       "nccl_2_9_h100_sxm", "nccl_h100_sxm", "nccl_torch_a100_pairwise_nvlink",
                       "nccl_torch_across_a100_pairwise_nvlink", "nccl_torch_across_a100_sxm_80"));
}

TEST(CollectiveGroups, LinksAreThoseTheRowsCross) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  const auto link = [&](const measurement::CollectiveRow& row) {
    return link_of(collective_groups({row}).at(0), catalog);
  };
  EXPECT_EQ(link(row_of("h100_sxm", "nccl", "2", 8, 8)), 450.0_GBps);
  EXPECT_EQ(link(row_of("a100_sxm_80", "nccl_torch", "", 4, 2)), 25.0_GBps);
  EXPECT_EQ(link(row_of("rtx_pro_6000", "nccl", "2", 8, 8)), 64.0_GBps);
  EXPECT_EQ(link(row_of("a100_pairwise_nvlink", "nccl_torch", "", 4, 4)), 32.0_GBps);
}

TEST(LibraryCall, OneCclCountsAContribution) {
  auto row = row_of("b60", "oneccl", "2021", 4, 4);
  row.op = measurement::CollectiveOp::kAllGather;
  EXPECT_EQ(library_call(row).payload, Bytes(4e6));
  row.library = "nccl";
  row.element = measurement::ElementType::kInt8;
  EXPECT_EQ(library_call(row).payload, Bytes(1e6));
  EXPECT_FALSE(library_call(row).floating);
}

}  // namespace
}  // namespace penstock::calibration
