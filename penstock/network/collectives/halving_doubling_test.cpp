// Goal: as few bytes as a ring in log2 n rounds.
// Method: the field's formula on a fabric small enough for pencil and paper.
#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(HalvingDoubling, LeastBytesInLogRounds) {
  const auto topology = one_switch(8);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllReduce, Bytes(800e6)), "halving_doubling");
  EXPECT_NEAR(cost.latency().value(), 6 * kLatency, 1e-12);
  EXPECT_NEAR(cost.transfer().value(), 2 * 7.0 / 8 * 800e6 / kBandwidth, 1e-9);
}

TEST(HalvingDoubling, RefusesOddNumbersOfRanks) {
  const auto topology = one_switch(6);
  EXPECT_NE(
      refusal(*topology, whole(*topology, Operation::kAllReduce, Bytes(1e6)), "halving_doubling")
          .find("6 ranks"),
      std::string::npos);
}

}  // namespace
}  // namespace penstock::network
