// Goal: as few tiers as hold the endpoints, none of which blocks.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(FatTree, GrowsTierByTier) {
  const FabricSpec spec{"fat_tree", {{"leaf", 0, 1}, {"spine"}, {"core"}}, 8};
  EXPECT_EQ(wire(spec, 8)->links().size(), 1U);
  EXPECT_EQ(wire(spec, 32)->links().size(), 2U);
  const auto three = wire(spec, 128);
  EXPECT_EQ(three->links().size(), 3U);
  EXPECT_EQ(three->bisection(), 50.0_GBps * 64.0);
  EXPECT_EQ(three->diameter(), 6);
  EXPECT_NE(wiring_mistakes(spec, 129).find("at most 128 endpoints"), std::string::npos);
}

}  // namespace
}  // namespace penstock::network
