/// Goal: the replica that caches the prefix is taken until it is much busier than another.
/// Method: a fleet whose loads are set by hand.
#include "penstock/serving/routers/router_test_support.h"

namespace penstock::serving {
namespace {

TEST(PrefixAware, FollowsTheCacheUntilItsReplicaIsMuchBusier) {
  RouterFleet fleet(3);
  const std::vector<uint64_t> hashes = {11, 12, 13, 14};
  fleet.serve(2, 70, 2, hashes);
  workload::Request request;
  request.input_tokens = 70;
  request.prefix_hashes = hashes;
  request.prefix_run_tokens = 16;
  EXPECT_EQ(fleet.choose("prefix_aware", request), 2U);
  // 64 cached tokens are worth a lead of 256 tokens, not of more
  fleet.loads[2].prompt_tokens = 256;
  EXPECT_EQ(fleet.choose("prefix_aware", request), 2U);
  fleet.loads[2].prompt_tokens = 257;
  EXPECT_EQ(fleet.choose("prefix_aware", request), 0U);
}

TEST(PrefixAware, WithoutACachedPrefixTheLoadDecides) {
  RouterFleet fleet(2);
  fleet.loads = {{1, 100}, {1, 50}};
  EXPECT_EQ(fleet.choose("prefix_aware"), 1U);
}

}  // namespace
}  // namespace penstock::serving
