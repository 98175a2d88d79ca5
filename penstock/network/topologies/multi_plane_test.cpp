// Goal: planes multiply links and switches, not tiers.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(MultiPlane, TwoPlanesAreTwoTrees) {
  const auto one = wire({"fat_tree", {{"leaf", 0, 1}, {"spine"}}, 8}, 32);
  const auto two = wire({"multi_plane", {{"leaf", 0, 2}, {"spine"}}, 8, 1.0, 1, 2}, 32);
  EXPECT_EQ(two->vertices()[1].count, 2 * one->vertices()[1].count);
  EXPECT_EQ(two->bisection(), one->bisection() * 2.0);
  EXPECT_EQ(two->diameter(), one->diameter());
}

}  // namespace
}  // namespace penstock::network
