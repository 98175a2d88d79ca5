// Goal: losing capacity slows just what crosses it, by as much as arithmetic says, and a cut-off
// endpoint is said. Method: an all-to-all on one switch and on two tiers.
#include "penstock/network/degraded.h"

#include "penstock/network/collective_test_support.h"

namespace penstock::network {
namespace {

TEST(Degraded, HalfALinkDoublesTheAllToAll) {
  const auto topology = one_switch(8);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(8e8)), "direct");
  const auto report = simulate_degraded(*topology, cost.phases, {{Time(), 0, 3, 0.5}});
  ASSERT_EQ(report.phases.size(), 1U);
  EXPECT_NEAR(report.phases[0].healthy / cost.transfer(), 1.0, 1e-6);
  EXPECT_NEAR(report.phases[0].degraded / report.phases[0].healthy, 2.0, 1e-6);
  EXPECT_EQ(report.cut_off, "");
}

TEST(Degraded, ALinkToSpareCostsNothing) {
  // the node's uplink carries 16 flows of 8 links' worth: a quarter of it is idle
  const auto topology = wire({"clos", {{"node", 4, 1, 100.0}, {"top", 0, 4, 100.0}}}, 8);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(8e8)), "direct");
  const auto spare = simulate_degraded(*topology, cost.phases, {{Time(), 1, 0, 0.75}});
  EXPECT_NEAR(spare.phases[0].degraded / spare.phases[0].healthy, 1.0, 1e-6);
}

TEST(Degraded, ACutOffEndpointIsSaid) {
  const auto topology = one_switch(4);
  const auto cost =
      cost_of(*topology, whole(*topology, Operation::kAllToAll, Bytes(4e8)), "direct");
  const auto report = simulate_degraded(*topology, cost.phases, {{Time(), 0, 2, 0.0}});
  EXPECT_NE(report.cut_off.find("6 of 12 flows"), std::string::npos) << report.cut_off;
}

TEST(Degraded, CountsFlowsWithoutListingThem) {
  const Placement placement{{6, 2}, 3};
  for (const Pattern pattern : {Pattern::kPair, Pattern::kRing, Pattern::kAllPairs}) {
    const Traffic traffic{pattern, placement};
    EXPECT_EQ(flow_count_of(traffic), static_cast<int64_t>(flows_of(traffic, Bytes(1.0)).size()));
  }
}

}  // namespace
}  // namespace penstock::network
