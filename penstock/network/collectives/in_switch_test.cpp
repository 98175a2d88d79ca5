// Goal: every byte goes once up and once down.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(InSwitch, AllReduceSendsTheBufferOnce) {
  const auto topology = one_switch(8, true);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(800e6)), "in_switch");
  EXPECT_NEAR(cost.transfer().value(), 9.0 / 8 * 800e6 / kBandwidth, 1e-9);
  const auto ring =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(800e6)), "ring");
  EXPECT_LT(cost.duration(), ring.duration());
}

TEST(InSwitch, NeedsSwitchesThatReduce) {
  const auto topology = one_switch(8);
  EXPECT_NE(refusal(*topology, whole(*topology, Operation::kAllReduce, Bytes(1e6)), "in_switch"),
            "");
}

}  // namespace
}  // namespace penstock::network
