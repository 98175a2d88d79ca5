// Goal: rings along each side.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(Torus, AVolumeOfRings) {
  const auto topology = wire({"torus", {{"ici", 0, 6}}, 0, 1.0, 1, 0, {4, 4, 4}}, 64);
  for (const LinkClass& links : topology->links()) EXPECT_EQ(links.bundle_count, 64);
  EXPECT_EQ(topology->diameter(), 6);
  EXPECT_EQ(topology->bisection(), 50.0_GBps * 32.0);
  EXPECT_EQ(topology->latency(0, 63), Seconds(3e-6));  // one hop back along each side
}

TEST(Torus, TheTwoNeighboursOfASideOfTwoAreOne) {
  const auto topology = wire({"torus", {{"ici", 0, 4}}, 0, 1.0, 1, 0, {2, 3}}, 6);
  EXPECT_EQ(topology->links()[0].bundle_count, 3);
  EXPECT_EQ(topology->links()[1].bundle_count, 6);
}

}  // namespace
}  // namespace penstock::network
