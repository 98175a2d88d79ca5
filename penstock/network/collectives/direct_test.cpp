// Goal: one round, every rank to every other.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Direct, AllToAllIsBoundByEveryRanksOwnLinks) {
  const auto topology = one_switch(8);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(800e6)), "direct");
  EXPECT_NEAR(cost.latency().value(), kLatency, 1e-12);
  EXPECT_NEAR(cost.transfer().value(), 7.0 / 8 * 800e6 / kBandwidth, 1e-9);
}

TEST(Direct, ARootThatSendsToAllSharesItsOwnLinks) {
  const auto topology = one_switch(5);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kBroadcast, Bytes(100e6)), "direct");
  EXPECT_NEAR(cost.transfer().value(), 4 * 100e6 / kBandwidth, 1e-9);
}

TEST(Direct, AcrossAThinTierTheTierBinds) {
  const auto topology = wire({"clos", {{"node", 4, 1, 100.0, 1.0}, {"top", 0, 1, 100.0, 2.0}}}, 8);
  // 16 flows of 1/8 of the buffer cross the one link of a node
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(80e6)), "direct");
  EXPECT_NEAR(cost.transfer().value(), 16 * 10e6 / kBandwidth, 1e-9);
  EXPECT_EQ(topology->links()[cost.phases[0].rate.bottleneck].name, "node to top");
}

}  // namespace
}  // namespace penstock::network
