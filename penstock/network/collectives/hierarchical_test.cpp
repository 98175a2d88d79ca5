// Goal: each tier works on the part the tier inside leaves.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Hierarchical, BytesShrinkTierByTier) {
  const auto topology = wire({"clos", {{"node", 4, 1, 100.0, 1.0}, {"top", 0, 4, 100.0, 2.0}}}, 16);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(160e6)), "hierarchical");
  ASSERT_EQ(cost.phases.size(), 4U);
  EXPECT_NEAR(cost.phases[0].transfer.value(), 3.0 / 4 * 160e6 / kBandwidth, 1e-9);
  EXPECT_NEAR(cost.phases[1].transfer.value(), 3.0 / 4 * 40e6 / kBandwidth, 1e-9);
  EXPECT_NEAR(cost.latency().value(), 2 * (1e-6 + 2e-6), 1e-12);
}

TEST(Hierarchical, PartsOfOneGroupStayInIt) {
  // ranks 2 apart: the other half of the fabric is idle, so nobody shares
  const auto topology = wire({"clos", {{"node", 4, 1, 100.0, 1.0}, {"top", 0, 1, 100.0, 2.0}}}, 16);
  const Collective collective{Operation::kAllReduce, {{8, 2}, 1}, Bytes(80e6)};
  const auto cost = cost_of(*topology, collective, "hierarchical");
  ASSERT_EQ(cost.phases.size(), 4U);
  EXPECT_NEAR(cost.phases[0].transfer.value(), 40e6 / kBandwidth, 1e-9);
  EXPECT_NEAR(cost.phases[1].transfer.value(), 2 * 3 * 10e6 / kBandwidth, 1e-9);
}

TEST(Hierarchical, RefusesOneTier) {
  const auto topology = one_switch(8);
  EXPECT_NE(refusal(*topology, whole(*topology, Operation::kAllReduce, Bytes(1e6)), "hierarchical"),
            "");
}

}  // namespace
}  // namespace penstock::network
