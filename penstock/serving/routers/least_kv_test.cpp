/// Goal: the replica with the fewest KV pages in use is taken, tokens in flight break ties.
/// Method: a fleet whose loads are set by hand.
#include "penstock/serving/routers/router_test_support.h"

namespace penstock::serving {
namespace {

TEST(LeastKv, AvoidsTheReplicaWhoseCacheIsInUse) {
  RouterFleet fleet(2);
  fleet.serve(0, 640, 50, {}, false);  // still decoding: 40 pages or more are held
  EXPECT_EQ(fleet.choose("least_kv"), 1U);
}

TEST(LeastKv, TokensInFlightBreakTies) {
  RouterFleet fleet(3);
  fleet.loads = {{1, 500}, {1, 400}, {1, 300}};
  EXPECT_EQ(fleet.choose("least_kv"), 2U);
}

}  // namespace
}  // namespace penstock::serving
