// Goal: one switch joins all at full bandwidth.
// Method: counts, ways and cuts of a small fabric.
#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

TEST(Switched, HalfTheEndpointsTalkToTheOtherHalf) {
  const auto topology = wire({"switched", {{"sw", 0, 4}}}, 8);
  EXPECT_EQ(topology->bisection(), 50.0_GBps * 16.0);
  EXPECT_EQ(topology->diameter(), 2);
  EXPECT_NE(wiring_mistakes({"switched", {{"a", 2, 1}, {"b", 0, 1}}}, 4).find("2 tiers"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::network
