// Goal: a link between each two.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(FullMesh, EveryPairHasItsOwnLink) {
  const auto topology = wire({"full_mesh", {{"mesh", 0, 7}}}, 8);
  EXPECT_EQ(topology->links()[0].bundle_count, 28);
  EXPECT_EQ(topology->bisection(), 50.0_GBps * 16.0);
  EXPECT_EQ(topology->diameter(), 1);
}

}  // namespace
}  // namespace penstock::network
