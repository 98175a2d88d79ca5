// Goal: a ring moves 2 (n - 1) / n of the buffer in 2 (n - 1) rounds.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Ring, AllReduceIsTwoPassesOfNearlyTheBuffer) {
  const auto topology = one_switch(8);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(800e6)), "ring");
  EXPECT_NEAR(cost.latency().value(), 14 * kLatency, 1e-12);
  EXPECT_NEAR(cost.transfer().value(), 2 * 7.0 / 8 * 800e6 / kBandwidth, 1e-9);
  EXPECT_EQ(cost.phases.size(), 2U);
}

TEST(Ring, AcrossDomainsTheCardsBind) {
  // one flow leaves every domain, over one card of it
  const auto topology = domains(4);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllGather, Bytes(320e6)), "ring");
  EXPECT_NEAR(cost.transfer().value(), 31.0 / 32 * 320e6 / 50e9, 1e-9);
  EXPECT_NEAR(cost.latency().value(), 31 * 5e-6, 1e-12);
}

TEST(Ring, RefusesWhatIsNoPass) {
  const auto topology = one_switch(4);
  EXPECT_NE(refusal(*topology, whole(*topology, Operation::kAllToAll, Bytes(1e6)), "ring"), "");
}

}  // namespace
}  // namespace penstock::network
