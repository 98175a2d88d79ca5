/// Goal: of two replicas at random the less busy one is taken.
/// Method: a fleet whose loads are set by hand.
#include "penstock/serving/routers/router_test_support.h"

namespace penstock::serving {
namespace {

TEST(PowerOfTwo, SeldomTakesTheBusiest) {
  RouterFleet fleet(4);
  fleet.loads = {{9, 0}, {1, 0}, {1, 0}, {1, 0}};
  int busiest = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) busiest += fleet.choose("power_of_two") == 0 ? 1 : 0;
  // only when both draws fall on it: one time in sixteen
  EXPECT_NEAR(busiest, kDraws / 16.0, 60.0);
}

}  // namespace
}  // namespace penstock::serving
