/// Goal: the replica with the fewest prompt tokens in flight is taken.
/// Method: a fleet whose loads are set by hand.
#include "penstock/serving/routers/router_test_support.h"

namespace penstock::serving {
namespace {

TEST(LeastOutstandingTokens, PrefersFewerTokensOverFewerRequests) {
  RouterFleet fleet(3);
  fleet.loads = {{1, 9000}, {5, 2000}, {2, 4000}};
  EXPECT_EQ(fleet.choose("least_outstanding_tokens"), 1U);
  fleet.loads[1].prompt_tokens = 9000;
  EXPECT_EQ(fleet.choose("least_outstanding_tokens"), 2U);
}

TEST(LeastOutstandingTokens, TiesGoToTheFirst) {
  RouterFleet fleet(3);
  EXPECT_EQ(fleet.choose("least_outstanding_tokens"), 0U);
}

}  // namespace
}  // namespace penstock::serving
