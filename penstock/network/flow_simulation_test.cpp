// Goal: flows start, share, end, stall and come back as arithmetic says. Method: fabrics of few
// endpoints; the symmetric solver is compared in traffic_test.
#include "penstock/network/flow_simulation.h"

#include <gtest/gtest.h>

#include "penstock/network/fabric_test_support.h"

namespace penstock::network {
namespace {

std::unique_ptr<Topology> line() { return wire({"switched", {{"sw", 0, 1, 1.0, 2.0}}}, 4); }

double end_of(const FlowReport& report, size_t flow) {
  return report.flows[flow].end->seconds().value();
}

TEST(FlowSimulation, ALateFlowHalvesTheFirst) {
  const auto topology = line();
  // 1 GB/s: the first is alone for 1 s, then both share; 2 us of latency first
  const FlowReport report = simulate_flows(
      *topology,
      {{0, 1, Bytes(2e9), Time()}, {0, 2, Bytes(1e9), Time::from_seconds(Seconds(1.0))}});
  EXPECT_NEAR(end_of(report, 0), 3.0 + 2e-6, 1e-9);
  EXPECT_NEAR(end_of(report, 1), 3.0 + 2e-6, 1e-9);
  EXPECT_DOUBLE_EQ(report.peak_fraction_of_class[0], 1.0);
  EXPECT_NEAR(report.bytes_of_class[0].value(), 2 * 3e9, 1.0);
}

TEST(FlowSimulation, ADegradedLinkSlowsOnlyItsFlows) {
  const auto topology = line();
  const FlowReport report =
      simulate_flows(*topology, {{0, 1, Bytes(1e9), Time()}, {2, 3, Bytes(1e9), Time()}},
                     {{Time::from_seconds(Seconds(0.5)), 0, 1, 0.25}});
  EXPECT_NEAR(end_of(report, 0), 0.5 + 0.5 / 0.25, 1e-5);
  EXPECT_NEAR(end_of(report, 1), 1.0, 1e-5);
}

TEST(FlowSimulation, AFailedLinkHoldsItsFlowsUntilItIsBack) {
  const auto topology = line();
  const std::vector<Flow> flows = {{0, 1, Bytes(1e9), Time()}};
  const LinkChange down{Time::from_seconds(Seconds(0.5)), 0, 0, 0.0};
  const LinkChange up{Time::from_seconds(Seconds(3.0)), 0, 0, 1.0};
  EXPECT_NEAR(end_of(simulate_flows(*topology, flows, {down, up}), 0), 3.5, 1e-5);
  const FlowReport cut = simulate_flows(*topology, flows, {down});
  EXPECT_EQ(cut.stalled_count, 1);
  EXPECT_FALSE(cut.flows[0].end);
  EXPECT_NEAR(cut.flows[0].delivered.value(), 0.5e9, 1e4);
  EXPECT_NE(cut.stalled_reason.find("endpoints 0 and 1 are cut off"), std::string::npos);
}

TEST(FlowSimulation, AStragglerLeavesItsShareToOthers) {
  const auto topology = line();
  const FlowReport report = simulate_flows(
      *topology, {{0, 1, Bytes(1e9), Time(), BytesPerSecond(0.1e9)}, {2, 1, Bytes(0.9e9), Time()}});
  EXPECT_NEAR(end_of(report, 0), 10.0, 1e-5);
  EXPECT_NEAR(end_of(report, 1), 1.0, 1e-5);
}

TEST(FlowSimulation, NothingToSendEndsAtOnceAndTheEndlessSaysSo) {
  const auto topology = line();
  const FlowReport report =
      simulate_flows(*topology, {{0, 1, Bytes(), Time()}, {3, 3, Bytes(5.0), Time()}});
  EXPECT_NEAR(end_of(report, 0), 2e-6, 1e-12);
  EXPECT_EQ(end_of(report, 1), 0.0);
  const FlowReport endless = simulate_flows(*topology, {{0, 1, Bytes(1e18), Time()}});
  EXPECT_EQ(endless.stalled_count, 1);
  EXPECT_NE(endless.stalled_reason.find("days of the clock"), std::string::npos);
}

}  // namespace
}  // namespace penstock::network
