// Goal: cards of equal place share leaves.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(RailOptimized, LeavesServeOneRail) {
  // 4 nodes of 4 cards, leaves of 4 cards: one leaf a rail
  const auto topology =
      wire({"rail_optimized", {{"leaf", 0, 1}, {"spine", 0, 0, 50.0, 2.0}}, 8, 1.0, 4}, 16);
  EXPECT_EQ(topology->links()[1].bundle_count, 4);
  EXPECT_LT(topology->latency(2, 14), topology->latency(2, 3));
  EXPECT_NE(wiring_mistakes({"rail_optimized", {{"leaf", 0, 1}, {"spine"}}, 8, 1.0, 4}, 18)
                .find("18 endpoints do not divide over 4 rails"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::network
