/// Goal: requests go to the replicas in turn, whatever their load.
/// Method: a fleet whose loads are set by hand.
#include "penstock/serving/routers/router_test_support.h"

namespace penstock::serving {
namespace {

TEST(RoundRobin, TakesReplicasInTurn) {
  RouterFleet fleet(3);
  fleet.loads[1] = {100, 100000};
  for (const size_t expected : {0U, 1U, 2U, 0U, 1U}) {
    EXPECT_EQ(fleet.choose("round_robin"), expected);
  }
}

}  // namespace
}  // namespace penstock::serving
