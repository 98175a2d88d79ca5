// Goal: groups of meshed routers, each two joined.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(Dragonfly, MinimalWaysSpreadOverAllGlobalLinksOfAPair) {
  // 5 groups of 4 routers with 2 global links each: 2 links between each two groups
  const auto topology = wire({"dragonfly", {{"nic", 2, 1}, {"local", 4, 1}, {"global", 0, 2}}}, 40);
  EXPECT_EQ(topology->links()[2].bundle_count, 20);
  EXPECT_EQ(topology->vertices()[1].count, 20);
  std::vector<Hop> way;
  topology->route(0, 39, way);
  double global = 0.0;
  for (const Hop& hop : way) {
    if (topology->class_of_channel(hop.channel) == 2) global += hop.share_fraction;
  }
  EXPECT_DOUBLE_EQ(global, 1.0);
  EXPECT_EQ(topology->diameter(), 5);
}

}  // namespace
}  // namespace penstock::network
