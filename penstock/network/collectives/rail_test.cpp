// Goal: the domain first, then every card with its part along its rail.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Rail, EveryCardCarriesItsPart) {
  const auto topology = domains(4);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(80e6)), "rail");
  ASSERT_EQ(cost.phases.size(), 4U);
  EXPECT_NEAR(cost.phases[0].transfer.value(), 7.0 / 8 * 80e6 / kBandwidth, 1e-9);
  EXPECT_NEAR(cost.phases[1].transfer.value(), 3.0 / 4 * 10e6 / 50e9, 1e-9);
  EXPECT_NEAR(cost.latency().value(), 2 * (kLatency + 3 * 5e-6), 1e-12);
}

TEST(Rail, AllToAllTakesTwoHops) {
  const auto topology = domains(4);
  const auto cost = cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(32e6)), "rail");
  EXPECT_NEAR(cost.phases[0].transfer.value(), 7 * 4e6 / kBandwidth, 1e-9);
  EXPECT_NEAR(cost.phases[1].transfer.value(), 3 * 8e6 / 50e9, 1e-9);
}

TEST(Rail, RefusesOneDomain) {
  const auto topology = one_switch(8);
  EXPECT_NE(refusal(*topology, whole(*topology, Operation::kAllReduce, Bytes(1e6)), "rail"), "");
}

}  // namespace
}  // namespace penstock::network
