// Goal: trees need log2 n rounds each way and the whole buffer over every link.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(DoubleBinaryTree, AllReduceIsTheBufferUpAndDown) {
  const auto topology = one_switch(8);
  const auto cost = cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(100e6)),
                            "double_binary_tree");
  EXPECT_NEAR(cost.latency().value(), 6 * kLatency, 1e-12);
  EXPECT_NEAR(cost.transfer().value(), 2 * 100e6 / kBandwidth, 1e-9);
}

TEST(DoubleBinaryTree, BetweenDomainsTheDataIsDealtOutOverTheCards) {
  const auto topology = domains(16);
  const auto cost = cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(80e6)),
                            "double_binary_tree");
  EXPECT_NEAR(cost.latency().value(), 2 * (3 * kLatency + 4 * 5e-6), 1e-12);
  EXPECT_NEAR(cost.transfer().value(), 2 * (80e6 / kBandwidth + 10e6 / 50e9), 1e-9);
}

}  // namespace
}  // namespace penstock::network
