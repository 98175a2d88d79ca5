// Goal: groups lie where the order says. Method: a small cluster, ranks named one by one.
#include "penstock/network/parallel_map.h"

#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(ParallelMap, TheFirstDimensionVariesFastest) {
  const auto topology = domains(4);
  const ParallelMap map = map_parallel(*topology, {{"tp", 4}, {"ep", 2}, {"dp", 4}});
  EXPECT_EQ(map.rank_count, 32);
  ASSERT_EQ(map.dimensions.size(), 3U);
  EXPECT_EQ(map.dimensions[0].placement.endpoint(1, 2), 6);
  EXPECT_EQ(map.dimensions[1].placement.endpoint(1, 1), 5);
  EXPECT_EQ(map.dimensions[2].placement.endpoint(3, 1), 11);
  EXPECT_FALSE(map.dimensions[1].leaves_domain);
  EXPECT_TRUE(map.dimensions[2].leaves_domain);
  EXPECT_LT(map.dimensions[0].latency, map.dimensions[2].latency);
}

TEST(ParallelMap, EveryRankIsInOneGroupOfEachDimension) {
  const auto topology = domains(3);
  const ParallelMap map = map_parallel(*topology, {{"pp", 3}, {"tp", 2}, {"dp", 4}});
  for (const MappedDimension& dimension : map.dimensions) {
    std::vector<int> seen(24, 0);
    for (int64_t g = 0; g < dimension.placement.group_count; ++g) {
      for (int64_t m = 0; m < dimension.placement.group.size; ++m) {
        ++seen[static_cast<size_t>(dimension.placement.endpoint(g, m))];
      }
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), 24) << dimension.name;
  }
}

}  // namespace
}  // namespace penstock::network
