// Goal: oversubscription thins the bundle above a leaf.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(LeafSpine, ThreeToOneLeavesAThirdOfTheBandwidth) {
  const auto topology = wire({"leaf_spine", {{"leaf", 0, 1}, {"spine"}}, 8, 3.0}, 24);
  EXPECT_EQ(topology->links()[0].bundle_count, 24);
  EXPECT_EQ(topology->links()[1].bundle_count, 4);  // six endpoints a leaf
  EXPECT_EQ(topology->links()[1].links_per_bundle, 2);
  EXPECT_EQ(topology->bisection(), 50.0_GBps * 4.0);
}

}  // namespace
}  // namespace penstock::network
